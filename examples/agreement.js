/** The cat ... was, the cats ... were: over how many words can a network hold on to what its verb must agree with? */

import { Option } from "commander";
import { adam, crossEntropy, dense, embedding, last, model, random, tokens } from "recurra";
import { plot } from "recurra/terminal";
import { whole } from "./lib/arguments.js";
import { cells } from "./lib/cells.js";
import { count, table } from "./lib/terminal.js";
import { dictionary } from "./lib/words.js";

/** @import { Model, Random, RecurrentLayer } from "recurra" */
/** @import { Screen } from "./lib/terminal.js" */

export const about = "was or were, up to 50 words after the noun";
export const options = [
  new Option("--networks <n>", "of each cell, from as many seeds").argParser(whole(1)).default(5),
];

const nouns = [
  ["cat", "cats"],
  ["dog", "dogs"],
  ["bird", "birds"],
  ["child", "children"],
];
const verbs = ["was", "were"];
const others = ["the", "that", "which", "near", "saw", "old", "red", "and", "by", "with", "very", "today"];
const anything = [...nouns.flat(), ...others];
const { size, encode } = dictionary([...anything, ","]);

const gaps = Array.from({ length: 50 }, (_, i) => i + 1);
const shown = [1, 2, 5, 10, 20, 30, 50];
const scored = 30;
const before = 8;
/** Before, comma, article and noun, between. */
const longest = before + 3 + gaps.length;
/**
 * Given five times as many, most Elman networks learn it too: their state can hold a bit for long, but hardly any
 * gradient tells them so.
 */
const steps = 800;
const batch = 32;
const training = { loss: crossEntropy(), optimiser: adam(0.005), clip: 1, steps };

/**
 * @param {Screen} screen
 * @param {{ networks: number }} options
 */
export default async function agreement({ print, follow, columns }, { networks }) {
  const draw = random(5);
  const glimpse = [1, 2, 4].map((gap) => drawSentence(draw, gap));
  print(`\
Sentences  ${glimpse.map(({ text, plural }) => `${text} ${verbs[plural]}`).join("\n           ")}
           the verb agrees with the noun after the comma; 1 to ${gaps.length} words between
           and up to ${before} before are drawn at random, other nouns among them
Models     embedding 16, a cell of 8 units, dense 2 after the last word;
           ${networks} of each cell
Training   ${count(steps * batch)} sentences each, in batches of ${batch}; Adam at rate 0.005
`);
  const tests = gaps.map((gap) => drawBatch(random(1, gap), 256, gap));
  const curves = [];
  const rows = [["% right after", ...shown.map(String), "learned by"]];
  /** @type {Record<string, number>} */
  const score = {};
  for (const { name, layer, mark } of cells) {
    /** @type {number[][]} */
    const accuracies = [];
    await follow(trainAll(layer, networks, tests, accuracies), {
      steps: networks * steps,
      label: name.padEnd(5),
    });
    const mean = gaps.map((_, i) => accuracies.reduce((sum, of) => sum + of[i], 0) / networks);
    const percent = (/** @type {number} */ gap) => 100 * mean[gap - 1];
    const learned = accuracies.filter((of) => of[scored - 1] >= 0.99).length;
    curves.push({ name, mark, points: gaps.map((gap) => ({ x: gap, y: percent(gap) })) });
    rows.push([name, ...shown.map((gap) => percent(gap).toFixed(1)), `${learned} of ${networks}`]);
    score[name] = mean[scored - 1];
  }
  const format = (/** @type {number} */ percent) => percent.toFixed(0);
  print(`
${plot(curves, { title: "% right", from: "1", to: "50 words between", columns, format })}
${table(rows)}
Learned: at least 99 % right after ${scored} words between noun and verb.`);
  return score;
}

/**
 * Trains one network after the other; each leaves its accuracy at every gap.
 *
 * @param {(units: number) => RecurrentLayer} cell
 * @param {number} networks
 * @param {readonly Batch[]} tests
 * @param {number[][]} accuracies
 */
async function* trainAll(cell, networks, tests, accuracies) {
  for (let seed = 1; seed <= networks; seed++) {
    const net = await model(tokens(size), embedding(16), cell(8), last(), dense(2), { seed });
    yield* net.train(drawBatches(seed), training);
    accuracies.push(await Promise.all(tests.map((test) => accuracy(net, test))));
  }
}

/** @param {number} seed */
function* drawBatches(seed) {
  const draw = random(seed);
  for (;;) yield drawBatch(draw, batch);
}

/**
 * Sentences of different lengths, filled up to the longest; what fills them up is never read.
 *
 * @typedef {ReturnType<typeof drawBatch>} Batch
 * @param {Random} draw
 * @param {number} rows
 * @param {number} [gap] Without one, each its own.
 */
function drawBatch(draw, rows, gap) {
  const drawn = Array.from({ length: rows }, () => drawSentence(draw, gap ?? 1 + draw.integer(gaps.length)));
  const ids = drawn.map(({ text }) => encode(text));
  const lengths = ids.map(({ length }) => length);
  return {
    inputs: ids.map((row) => [...row, ...Array(longest - row.length).fill(0)]),
    targets: drawn.map(({ plural }) => [plural]),
    lengths,
  };
}

/**
 * @param {Random} draw
 * @param {number} gap
 */
function drawSentence(draw, gap) {
  const words = (/** @type {number} */ length) =>
    Array.from({ length }, () => anything[draw.integer(anything.length)]);
  const plural = draw.integer(2);
  const noun = nouns[draw.integer(nouns.length)][plural];
  return { text: [...words(draw.integer(before + 1)), ",", "the", noun, ...words(gap)].join(" "), plural };
}

/**
 * @param {Model} net
 * @param {Batch} test
 */
async function accuracy(net, { inputs, targets, lengths }) {
  const { data } = await net.predict(inputs, { lengths });
  const right = targets.filter(([plural], row) => data[2 * row + plural] > data[2 * row + 1 - plural]);
  return right.length / targets.length;
}
