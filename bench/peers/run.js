// Races the library against its peers: installs them, builds the library, and prints how long we take beside each.

import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { program } from "commander";
import { runtime, whole } from "../command.js";
import { race, TOLERANCE } from "./race.js";
import { ours, peersFor, versions } from "./racers.js";
import { remarks, table } from "./report.js";
import { workloads } from "./workloads.js";

program
  .name("npm run bench:peers --")
  .description(
    "Races the library against its peers on the same inputs and weights and prints our time and its ratio to theirs.\n" +
      `Outputs and first losses must agree within ${TOLERANCE}. The first time it installs the peers, some 800 MB.`,
  )
  .option("--json", "print one JSON object, times in milliseconds, instead of a table")
  .option("--only <text>", "only the workloads with this text in their id", "")
  .option("--rounds <number>", "how often all take their turn", whole, 11)
  .parse();
/** @type {{ json?: true, only: string, rounds: number }} */
const { json, only, rounds } = program.opts();
const chosen = workloads.filter(({ id }) => id.includes(only));
if (chosen.length === 0) program.error(`No workload has "${only}" in its id.`);

const room = fileURLToPath(new URL(".", import.meta.url));
process.chdir(fileURLToPath(new URL("../..", import.meta.url)));
if (!installed()) {
  run("npm", ["ci"], {
    cwd: room,
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: "skip" },
    shell: process.platform === "win32",
  });
}
run(process.execPath, ["scripts/build.js"]);
const { write } = await import("./data.js");

const results = [];
const notes = [];
for (const workload of chosen) {
  console.error(workload.id);
  const raced = await race(write(workload, "build/bench/peers"), ours, peersFor(workload), { rounds });
  results.push(...raced.results);
  notes.push(...raced.notes);
}
if (json) console.log(JSON.stringify({ runtime, results, notes }));
else {
  console.log(`${runtime}; medians of ${rounds} rounds\n\n${table(results, versions())}`);
  for (const remark of remarks(notes)) console.log(`\n${remark}`);
}

function installed() {
  const made = `${room}node_modules/.package-lock.json`;
  return existsSync(made) && statSync(made).mtimeMs >= statSync(`${room}package-lock.json`).mtimeMs;
}

/**
 * Runs a command; what it prints is not ours to print, so that it goes to the standard error.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {import("node:child_process").SpawnSyncOptions} [options]
 */
function run(command, args, options) {
  const { status } = spawnSync(command, args, { ...options, stdio: ["ignore", 2, 2] });
  if (status !== 0) program.error(`${command} ${args.join(" ")} failed.`);
}
