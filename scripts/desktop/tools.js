// What the package.json of this folder pins and nothing else needs: it is installed when it is first asked for.

import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { root } from "../site.js";

const room = join(root, "scripts/desktop");

/** A package of the room. @param {string} name */
export function tool(name) {
  install();
  return createRequire(join(room, "package.json"))(name);
}

/** The Bun of the room. */
export function bunFile() {
  install();
  return join(room, "node_modules/bun/bin/bun.exe"); // it is called so on every system
}

function install() {
  const made = join(room, "node_modules/.package-lock.json");
  if (existsSync(made) && statSync(made).mtimeMs >= statSync(join(room, "package-lock.json")).mtimeMs) return;
  const shell = process.platform === "win32";
  const { status } = spawnSync("npm", ["ci"], { cwd: room, stdio: ["ignore", 2, 2], shell });
  if (status !== 0) throw new Error("npm ci failed in scripts/desktop.");
}
