// A process with one library in it: prepares a workload, shows what it computes, then runs whenever it is told to.
//
//     node racer.js <module> <workload as JSON>
//
// It writes `{ "shown": file, "note": text }` or `{ "error": text }` as a line, then reads lines with the milliseconds that
// a turn is to last, and answers each with the milliseconds that every run took.

import { writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { readTensors } from "./tensors.js";

/**
 * What a library makes of a workload. `run`: a sequence, a step of a stream or a training step. `read`: the numbers of what it
 * gave, time-major, or its loss. `note`: why what it computes cannot be held against the others.
 *
 * @typedef {object} Prepared
 * @property {() => any} run
 * @property {(result: any) => Iterable<number>} read
 * @property {string} [note]
 *
 * @typedef {(
 *   workload: import("./data.js").Written,
 *   weights: Record<string, import("./tensors.js").Tensor>,
 *   data: Record<string, import("./tensors.js").Tensor>,
 * ) => Prepared | Promise<Prepared>} Prepare
 */

/** How many runs are shown: one sequence, the states along a stream, the first losses. */
const SHOWN = { infer: 1, stream: 32, train: 3 };

/** Most runs in a turn. */
const MOST = 65_536;
const stamps = new Float64Array(MOST + 1);

console.log = console.info = console.error; // the standard output is for the race
const [module, json] = process.argv.slice(2);
try {
  await takePart();
} catch (error) {
  say({ error: error instanceof Error ? error.message : String(error) });
}
process.exit();

async function takePart() {
  /** @type {import("./data.js").Written} */
  const workload = JSON.parse(json);
  /** @type {{ default: Prepare }} */
  const { default: prepare } = await import(module);
  const named = Object.entries(readTensors(workload.weights));
  const weights = Object.fromEntries(named.map(([path, tensor]) => [path.replace(/^\d+\./, ""), tensor]));
  const { run, read, note } = await prepare(workload, weights, readTensors(workload.data));

  const shown = [];
  for (let i = 0; i < SHOWN[workload.kind]; i++) for (const number of read(await run())) shown.push(number);
  const file = `${workload.data}.${process.pid}.shown`;
  writeFileSync(file, Float32Array.from(shown));
  say({ shown: file, note });

  for await (const line of createInterface({ input: process.stdin })) say(await turn(run, Number(line)));
}

/**
 * @param {() => unknown} run
 * @param {number} milliseconds
 */
async function turn(run, milliseconds) {
  let count = 0;
  stamps[0] = performance.now();
  do {
    const result = run();
    if (result instanceof Promise) await result;
    stamps[++count] = performance.now();
  } while (count < MOST && stamps[count] - stamps[0] < milliseconds);
  return Array.from({ length: count }, (_, i) => stamps[i + 1] - stamps[i]);
}

/** @param {unknown} message */
function say(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
