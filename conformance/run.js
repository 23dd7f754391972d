// Compares the library's files and numbers with those of the programs that they are for: installs these and runs the tests here.

import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const room = fileURLToPath(new URL(".", import.meta.url));
const root = fileURLToPath(new URL("..", import.meta.url));
const made = `${room}node_modules/.package-lock.json`;
if (!existsSync(made) || statSync(made).mtimeMs < statSync(`${room}package-lock.json`).mtimeMs) {
  run("npm", ["ci"], { cwd: room, env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: "skip" } });
}
run(process.execPath, ["scripts/build.js"], { cwd: root });
run(process.execPath, ["node_modules/vitest/vitest.mjs", "run", "--config", "conformance/vitest.config.ts"], {
  cwd: root,
});

/**
 * @param {string} command
 * @param {string[]} options
 * @param {import("node:child_process").SpawnSyncOptions} setting
 */
function run(command, options, setting) {
  const { status } = spawnSync(command, options, {
    ...setting,
    stdio: "inherit",
    shell: process.platform === "win32",
  });
  if (status !== 0) process.exit(status ?? 1);
}
