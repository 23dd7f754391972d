// Installs what a folder's own package.json pins, once.

import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";

/**
 * Installs in a folder, unless what it pins is older than what is installed: by its lockfile where it has one, else the exact
 * versions of its package.json. What npm prints goes to the standard error.
 *
 * @param {string} folder
 */
export function installOnce(folder) {
  const made = join(folder, "node_modules/.package-lock.json");
  const locked = existsSync(join(folder, "package-lock.json"));
  const pins = join(folder, locked ? "package-lock.json" : "package.json");
  if (existsSync(made) && statSync(made).mtimeMs >= statSync(pins).mtimeMs) return;
  const command = locked ? ["ci"] : ["install", "--no-package-lock"];
  const shell = process.platform === "win32";
  const options = [...command, "--ignore-scripts", "--no-audit"];
  const { status } = spawnSync("npm", options, { cwd: folder, stdio: ["ignore", 2, 2], shell });
  if (status !== 0) throw new Error(`npm ${command.join(" ")} failed in ${folder}.`);
}
