// Trains and streams for long, and says whether anything grew meanwhile: `npm run endurance`.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { InvalidArgumentError, program } from "commander";
import { adam, crossEntropy, dense, embedding, lstm, model, tokens, windows } from "recurra";

/** @param {string} text */
function whole(text) {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Not a whole number from 1.");
}

program
  .name("npm run endurance --")
  .description("Trains and streams for long, and says whether anything grew meanwhile.")
  .option("--steps <number>", "of training", whole, 1_000_000)
  .option("--stream <number>", "steps of a stream", whole, 10_000_000)
  .option("--leak", "keep an object for every step, which must be found out")
  .parse();
const { steps, stream: streamed, leak } = program.opts();

/** How often the heap is looked at on the way. */
const LOOKS = 20;

/** What every step leaves behind if it is told to. @type {object[]} */
const kept = [];

if (globalThis.gc) await run(globalThis.gc);
else {
  // In a process of its own, because the collector is only there for who asks for it when starting.
  const { status } = spawnSync(
    process.execPath,
    ["--expose-gc", fileURLToPath(import.meta.url), ...process.argv.slice(2)],
    { stdio: "inherit" },
  );
  process.exitCode = status ?? 1;
}

/** @param {() => unknown} collect */
async function run(collect) {
  const net = await model(tokens(11), embedding(8), lstm(16), dense(11), { threads: 1 });
  const ids = Uint32Array.from({ length: 401 }, (_, i) => (i * 7) % 11);
  const examples = windows(ids, { batch: 2, steps: 4 });
  const settings = { loss: crossEntropy(), optimiser: adam(0.001), clip: 1 };
  const stream = net.stream();

  const training = await watch(collect, net, steps, async (look) => {
    for await (const { step } of net.train(examples, { ...settings, steps })) look(step);
  });
  const streaming = await watch(collect, net, streamed, async (look) => {
    for (let step = 0; step < streamed; step++) {
      stream.step(step % 11);
      look(step);
    }
  });
  console.log(JSON.stringify({ training, streaming }));
  const sound = [training, streaming].every(
    ({ heap, engine, resident }) => heap < 0.5 && engine === 0 && resident < 8,
  );
  if (!sound) process.exitCode = 1;
}

/**
 * Bytes of heap that a step adds, bytes of the engine's memory and megabytes of the process that all of them add; the first
 * half, in which programs are compiled and pools filled, does not count. Of heap and process it is the median from look to
 * look: what is kept for every step is in each of them, what the host takes once is in one.
 *
 * @param {() => unknown} collect
 * @param {import("recurra").Model} net
 * @param {number} steps
 * @param {(look: (step: number) => void) => Promise<void>} work
 */
async function watch(collect, net, steps, work) {
  const every = Math.max(1, Math.floor(steps / LOOKS));
  /** @type {{ heap: number, engine: number, resident: number }[]} */
  const looks = [];
  await work((step) => {
    if (leak) kept.push({ step });
    if ((step + 1) % every !== 0) return;
    collect();
    collect();
    const { heapUsed, rss } = process.memoryUsage();
    looks.push({ heap: heapUsed, engine: net.memory, resident: rss });
  });
  const settled = looks.slice(Math.floor(looks.length / 2));
  const [first, last] = [settled[0], settled[settled.length - 1]];
  return {
    steps,
    heap: added(settled.map(({ heap }) => heap)) / every,
    engine: last.engine - first.engine,
    resident: (added(settled.map(({ resident }) => resident)) * settled.length) / 1e6,
  };
}

/** The median of the differences of neighbours. @param {number[]} values */
function added(values) {
  const differences = values.slice(1).map((value, index) => value - values[index]);
  return differences.sort((a, b) => a - b)[Math.floor(differences.length / 2)];
}
