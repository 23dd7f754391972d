// Installs what a folder's own package.json pins, once.

import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";

/**
 * `npm ci` in a folder, unless its lockfile is older than what is installed. What npm prints goes to the standard error.
 *
 * @param {string} folder
 */
export function installOnce(folder) {
  const made = join(folder, "node_modules/.package-lock.json");
  if (existsSync(made) && statSync(made).mtimeMs >= statSync(join(folder, "package-lock.json")).mtimeMs)
    return;
  const options = ["ci", "--ignore-scripts", "--no-audit"];
  const { status } = spawnSync("npm", options, {
    cwd: folder,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (status !== 0) throw new Error(`npm ci failed in ${folder}.`);
}
