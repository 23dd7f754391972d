// Kills training processes at random moments of saving and says whether a checkpoint was ever lost: `npm run kill -- --count 1000`.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { InvalidArgumentError, program } from "commander";
import { adam, checkpoint, dense, features, lstm, model, random, resume, squaredError } from "recurra";
import { folder } from "recurra/node";

const FILE = "last.safetensors";
/** Most milliseconds that a process lives after its first save. */
const LONGEST = 30;

/** @param {string} text */
function whole(text) {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Not a whole number from 1.");
}

program
  .name("npm run kill --")
  .description("Kills training processes while they save, and checks what they leave.")
  .option("--count <number>", "how many to kill", whole, 1000)
  .option("--seed <number>", "of the moments", whole, 1)
  .option("--child <folder>", "be one of those processes")
  .parse();
const { count, seed, child } = program.opts();

if (child) await train(child);
else await kill();

/**
 * Takes the training in `path` up, saves it after every step, and says so each time.
 *
 * @param {string} path
 */
async function train(path) {
  const store = folder(path);
  const bytes = await store.load(FILE);
  const net = await model(features(4), lstm(96), dense(4));
  const example = { inputs: [[1, 2, 3, 4]], targets: [[4, 3, 2, 1]] };
  for await (const { step } of net.train([example], {
    loss: squaredError(),
    optimiser: adam(0.001),
    epochs: Infinity,
    ...(bytes && { start: resume(bytes) }),
  })) {
    await store.save(FILE, checkpoint(net));
    writeSync(1, `${step + 1}\n`);
  }
}

async function kill() {
  const path = await mkdtemp(join(tmpdir(), "recurra-kill-"));
  const { uniform } = random(seed);
  const result = { killed: 0, saves: 0, unloadable: 0, older: 0, strays: 0 };
  let acknowledged = 0;
  try {
    while (result.killed < count) {
      const before = acknowledged;
      acknowledged = Math.max(acknowledged, await runAndKill(path, uniform() * LONGEST));
      result.killed++;
      result.saves += acknowledged - before;
      const steps = await stepsOf(path);
      if (steps === undefined) result.unloadable++;
      else if (steps < acknowledged) result.older++;
      if (process.stderr.isTTY) process.stderr.write(`\r${result.killed} killed, ${acknowledged} saves`);
    }
    // The next save removes what the last process has left.
    await folder(path).save("other", new Uint8Array());
    result.strays = (await readdir(path)).filter((name) => name.endsWith(".tmp")).length;
  } finally {
    await rm(path, { recursive: true });
  }
  console.log(JSON.stringify(result));
  if (result.unloadable + result.older + result.strays > 0) process.exitCode = 1;
}

/**
 * Gives the number of steps whose checkpoint the process has said to be saved.
 *
 * @param {string} path
 * @param {number} milliseconds
 */
async function runAndKill(path, milliseconds) {
  const training = spawn(process.execPath, [fileURLToPath(import.meta.url), "--child", path], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  training.stdout.setEncoding("utf8").on("data", (text) => {
    said += text;
  });
  const closed = once(training, "close");
  await Promise.race([once(training.stdout, "data"), closed]);
  if (training.exitCode !== null) throw new Error("The training process has ended by itself.");
  await setTimeout(milliseconds);
  training.kill("SIGKILL");
  await closed;
  // A line that was cut off was not said.
  return Number(said.slice(0, said.lastIndexOf("\n")).split("\n").at(-1));
}

/**
 * How many steps the checkpoint has behind it; undefined if it is not to be read.
 *
 * @param {string} path
 */
async function stepsOf(path) {
  const bytes = await folder(path).load(FILE);
  if (!bytes) return undefined;
  try {
    resume(bytes);
  } catch {
    return undefined;
  }
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  return JSON.parse(header.__metadata__.training).cursor.step;
}
