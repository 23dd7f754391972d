/**
 * Is a text message spam? A GRU reads its words from both ends; ten times, so that every message is held out once. The messages are
 * the SMS Spam Collection of Almeida, Gómez Hidalgo & Yamakami 2011 (CC BY 4.0).
 */

import { Option } from "commander";
import {
  accuracy,
  adamw,
  batches,
  bidirectional,
  cosineDecay,
  crossEntropy,
  dense,
  dropout,
  embedding,
  f1,
  folds,
  gru,
  last,
  mcc,
  model,
  softmaxOf,
  tensor,
  tokens,
} from "recurra";
import { plot } from "recurra/terminal";
import { whole } from "./lib/arguments.js";
import { naiveBayes } from "./lib/naive-bayes.js";
import { packageFile } from "./lib/package-file.js";
import { count, table } from "./lib/terminal.js";

/** @import { Model } from "recurra" */
/** @import { Screen } from "./lib/terminal.js" */

export const about = "finds the spam among text messages";
export const options = [
  new Option("--networks <n>", "that judge each message together").argParser(whole(1)).default(2),
];

const parts = 10;
const epochs = 8;
const batch = 32;
/** Words of a message that are read. */
const longest = 64;

/** @typedef {{ words: string[], spam: number }} Message */

/**
 * @param {Screen} screen
 * @param {{ networks: number }} options
 */
export default async function find({ print, follow, columns }, { networks }) {
  const messages = readMessages();
  const spam = messages.filter(({ spam }) => spam).length;
  print(`\
Data       the SMS Spam Collection: ${count(messages.length)} different messages, ${count(spam)} of them spam;
           cut into ${parts} parts, each tested by what the others have taught
Models     embedding 32, GRU 32 in both directions, dense 2, with dropout;
           ${networks} of them judge together; they read up to ${longest} words
Training   ${epochs} epochs of AdamW for each
`);
  const set = { folds: parts, seed: 3, label: (/** @type {Message} */ { spam }) => spam };
  /** @type {number[][]} */
  const bayes = [];
  /** @type {number[][]} */
  const network = [];
  for (const [index, { train, heldOut }] of folds(messages, set).entries()) {
    const guess = naiveBayes(train);
    bayes.push(heldOut.map(({ words }) => guess(words)));
    const label = `${index + 1} of ${parts}`.padStart(8);
    const { training, steps, judge } = learn(train, networks);
    await follow(training, { steps, label });
    network.push(await judge(heldOut));
  }

  const truth = folds(messages, set).map(({ heldOut }) => heldOut.map(({ spam }) => spam));
  const methods = [
    { name: "nothing is spam", mark: "", guesses: truth.map((fold) => fold.map(() => 0)) },
    { name: "naive Bayes", mark: "○", guesses: bayes },
    { name: "GRU", mark: "●", guesses: network },
  ];
  const scores = methods.map(({ guesses }) => scoresOf(guesses.flat(), truth.flat()));
  const curves = methods.slice(1).map(({ name, mark, guesses }) => ({
    name,
    mark,
    points: guesses.map((fold, x) => ({ x, y: scoresOf(fold, truth[x])[0] })),
  }));
  const format = (/** @type {number} */ f1) => f1.toFixed(3);
  print(`
${plot(curves, { title: "F1 of spam", from: "1", to: `${parts}`, columns, format })}
${table([
  ["of all messages, each held out", "F1 of spam", "MCC", "right"],
  ...methods.map(({ name }, i) => {
    const [f1, mcc, right] = scores[i];
    return [name, f1.toFixed(3), mcc.toFixed(3), `${(100 * right).toFixed(1)} %`];
  }),
])}`);
  const [, [floor], [f1OfSpam, mccOfSpam]] = scores;
  return { f1: f1OfSpam, mcc: mccOfSpam, floor };
}

/** @returns {Message[]} */
function readMessages() {
  const lines = packageFile("spam-filter", "dataSet.txt").toString().split(/\r?\n/).filter(Boolean);
  return [...new Set(lines)].map((line) => {
    const [label, text] = line.split("\t");
    return { words: wordsOf(text), spam: label === "bad" ? 1 : 0 };
  });
}

/**
 * Words, marks, and numbers by how many digits they have.
 *
 * @param {string} text
 */
function wordsOf(text) {
  const words = text.toLowerCase().match(/\d+|[a-z']+|[^\sa-z\d]/gu) ?? [];
  return words.map((word) => (/\d/.test(word) ? "0".repeat(word.length) : word));
}

/**
 * Trains networks one after the other; afterwards they judge messages by the mean of what they think likely.
 *
 * @param {Message[]} messages
 * @param {number} networks
 */
function learn(messages, networks) {
  const ids = knownWords(messages);
  const rowsOf = (/** @type {Message[]} */ messages) =>
    messages.map(({ words, spam }) => ({
      inputs: words.length ? words.slice(0, longest).map((word) => ids.get(word) ?? 0) : [0],
      targets: spam,
    }));
  const rows = rowsOf(messages);
  const { length } = batches(rows, { batch, buckets: 4 });
  const steps = length * epochs;
  const optimiser = adamw(cosineDecay(0.004, { steps }), { decay: 0.05 });
  /** @type {Model[]} */
  const trained = [];

  async function* train() {
    for (let seed = 1; seed <= networks; seed++) {
      const net = await model(
        tokens(ids.size + 1),
        embedding(32),
        dropout(0.3),
        bidirectional(gru(32)),
        last(),
        dropout(0.3),
        dense(2),
        { seed },
      );
      const examples = batches(rows, { batch, seed, buckets: 4 });
      yield* net.train(examples, { loss: crossEntropy(), optimiser, clip: 1, steps });
      trained.push(net);
    }
  }

  /** @param {Message[]} messages */
  async function judge(messages) {
    const likely = messages.map(() => 0);
    for (const { inputs, lengths, rows: judged } of batches(rowsOf(messages), { batch: 128, buckets: 4 })) {
      for (const net of trained) {
        const { data } = softmaxOf(await net.predict(inputs, { lengths }));
        for (const [place, row] of judged.entries()) likely[row] += data[2 * place + 1] / networks;
      }
    }
    return likely.map((spam) => (spam > 0.5 ? 1 : 0));
  }

  return { training: train(), steps: steps * networks, judge };
}

/**
 * Words that more than one message has, numbered from 1; 0 is for all others.
 *
 * @param {Message[]} messages
 */
function knownWords(messages) {
  const [once, known] = [new Set(), new Set()];
  for (const { words } of messages) {
    for (const word of new Set(words)) (once.has(word) ? known : once).add(word);
  }
  return new Map([...known].map((word, index) => [word, index + 1]));
}

/**
 * @param {number[]} guesses
 * @param {number[]} truth
 */
function scoresOf(guesses, truth) {
  const metrics = [f1({ average: 1 }), mcc(), accuracy()];
  const said = guesses.flatMap((spam) => [1 - spam, spam]);
  for (const metric of metrics) metric.update(tensor(Float32Array.from(said), [truth.length, 1, 2]), truth);
  return metrics.map(({ value }) => value);
}
