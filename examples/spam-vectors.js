/** Is a message spam? Counted words with a linear model, and an LSTM that reads their vectors. */

import { Option } from "commander";
import {
  accuracy,
  adam,
  crossEntropy,
  dense,
  embedding,
  f1,
  features,
  last,
  lstm,
  mcc,
  model,
  random,
  tensor,
  tokens,
  words,
  wordVocabulary,
} from "recurra";
import { corpus, denseRows, tfIdf, word2vec } from "recurra/words";
import { whole } from "./lib/arguments.js";
import { messages } from "./lib/corpora.js";
import { count, table } from "./lib/terminal.js";

/** @import { Example, Model } from "recurra" */
/** @import { Screen } from "./lib/terminal.js" */
/** @typedef {{ text: string, spam: boolean }} Message */

export const about = "spam by TF-IDF and a linear model, and by an LSTM on word vectors";
export const options = [
  new Option("--epochs <n>", "how often each goes through the messages").argParser(whole(1)).default(6),
];

const batch = 32;
/** Words of a message that the LSTM reads. */
const longest = 40;
const units = 32;

/**
 * @param {Screen} screen
 * @param {{ epochs: number }} options
 */
export default async function spam({ print, follow }, { epochs }) {
  const all = messages();
  random(1).shuffle(all);
  const cut = Math.floor(all.length * 0.8);
  const [training, test] = [all.slice(0, cut), all.slice(cut)];
  print(
    `${count(training.length)} messages to learn from, ${count(test.length)} to be judged, none twice.\n`,
  );
  const steps = epochs * Math.ceil(training.length / batch);
  const settings = { loss: crossEntropy(), epochs, clip: 1 };

  const weighed = tfIdf(
    training.map(({ text }) => text),
    { atLeast: 2, sublinear: true },
  );
  const counted = (/** @type {readonly Message[]} */ some) => {
    const { shape, data } = denseRows(weighed.transform(some.map(({ text }) => text)));
    return { inputs: tensor(data, [shape[0], 1, shape[1]]), targets: targetsOf(some) };
  };
  const linear = await model(features(weighed.width), dense(2), { seed: 1 });
  const rows = batches(training).map(counted);
  await follow(linear.train(rows, { ...settings, optimiser: adam(0.02) }), { steps, label: "linear" });

  const read = training.map(({ text }) => words(text));
  const trainer = await word2vec(corpus(read, { atLeast: 2 }), { width: units, seed: 1 });
  const vectors = await trainer.fit({ epochs: 20 });
  const vocabulary = wordVocabulary(
    training.map(({ text }) => text),
    { atLeast: 2, special: { padding: "<pad>", unknown: "<unknown>" } },
  );
  const listed = (/** @type {readonly Message[]} */ some) => {
    const ids = some.map(({ text }) => vocabulary.encode(text).subarray(0, longest));
    const lengths = ids.map((row) => Math.max(1, row.length));
    const inputs = ids.map((row) => Array.from({ length: longest }, (_, i) => row[i] ?? 0));
    return { inputs, lengths, targets: targetsOf(some) };
  };
  const known = embedding(units, { vectors: vectors.embedding(vocabulary), padding: 0 });
  const reader = await model(tokens(vocabulary), known, lstm(units), last(), dense(2), { seed: 1 });
  const lists = batches(training).map(listed);
  await follow(reader.train(lists, { ...settings, optimiser: adam(0.003) }), { steps, label: "LSTM" });

  const scores = {
    linear: await judged(linear, batches(test).map(counted)),
    lstm: await judged(reader, batches(test).map(listed)),
  };
  const line = (/** @type {string} */ name, /** @type {Record<string, number>} */ score) => [
    name,
    ...Object.values(score).map((value) => value.toFixed(3)),
  ];
  const good = test.filter((message) => !message.spam).length / test.length;
  print(
    `\n${table([
      ["", "accuracy", "F1 of spam", "MCC"],
      line("none is spam", { accuracy: good, f1: 0, mcc: 0 }),
      line("TF-IDF, linear", scores.linear),
      line("word vectors, LSTM", scores.lstm),
    ])}`,
  );
  return scores;
}

/** @param {readonly Message[]} some */
function targetsOf(some) {
  return some.map(({ spam }) => [spam ? 1 : 0]);
}

/** @param {readonly Message[]} all */
function batches(all) {
  return Array.from({ length: Math.ceil(all.length / batch) }, (_, i) =>
    all.slice(i * batch, (i + 1) * batch),
  );
}

/**
 * @param {Model} net
 * @param {Example[]} examples
 */
async function judged(net, examples) {
  const measures = { accuracy: accuracy(), f1: f1({ average: 1 }), mcc: mcc() };
  await net.evaluate(examples, { loss: crossEntropy(), metrics: Object.values(measures) });
  return { accuracy: measures.accuracy.value, f1: measures.f1.value, mcc: measures.mcc.value };
}
