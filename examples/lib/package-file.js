/** Data that came with npm. */

import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const { resolve } = createRequire(import.meta.url);

/**
 * The bytes of a file in a package that is installed.
 *
 * @param {string} name
 * @param {string} path
 */
export function packageFile(name, path) {
  return readFileSync(join(dirname(resolve(`${name}/package.json`)), path));
}

/**
 * The files of a folder in a package, by name.
 *
 * @param {string} name
 * @param {string} folder
 */
export function packageFiles(name, folder) {
  const files = readdirSync(join(dirname(resolve(`${name}/package.json`)), folder));
  return files.sort().map((file) => `${folder}/${file}`);
}
