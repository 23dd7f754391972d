// Runs the compilers of the build, and ends it where something fails.

import { spawnSync } from "node:child_process";

/**
 * Compilers run in processes of their own: asc's dependency binaryen takes over the handling of every uncaught error.
 *
 * @param {string} compiler
 * @param {string} file
 * @param {string[]} options
 */
export function run(compiler, file, options) {
  const { status } = spawnSync(process.execPath, [file, ...options], { stdio: "inherit" });
  if (status !== 0) fail(`${compiler} failed.`);
}

/**
 * @param {string} message
 * @returns {never}
 */
export function fail(message) {
  console.error(message);
  process.exit(1);
}
