/** Which part of speech is each word, and which are names? A bidirectional LSTM, its tags chosen one by one or by a CRF all together. */

import { Option } from "commander";
import {
  adam,
  batches,
  bidirectional,
  cosineDecay,
  crf,
  crfLoss,
  crossEntropy,
  dense,
  dropout,
  embedding,
  entityScores,
  lstm,
  model,
  random,
  splitByHash,
  tags,
  tokens,
  wordVocabulary,
} from "recurra";
import { whole } from "./lib/arguments.js";
import { entities, firstNames, parts, sentenceMaker } from "./lib/sentences.js";
import { count, table } from "./lib/terminal.js";

/** @import { Tensor } from "recurra" */
/** @import { Word } from "./lib/sentences.js" */
/** @import { Screen } from "./lib/terminal.js" */

export const about = "finds names and parts of speech, with a CRF and without";
export const options = [
  new Option("--sentences <n>", "to learn from").argParser(whole(100)).default(2000),
  new Option("--epochs <n>", "through them").argParser(whole(1)).default(12),
];

const batch = 32;

const noted = "harry potter and hermione granfer invented a new spell";
const shown = ["will potter will watch the watch", "grace and mark cook saw her duck in bath"];

/**
 * @param {Screen} screen
 * @param {{ sentences: number, epochs: number }} options
 */
export default async function tag({ print, follow }, { sentences, epochs }) {
  const names = splitByHash(firstNames(), (name) => name, { test: 0.5 });
  const [train, test] = [made(sentences, 1, names.train), made(1000, 2, names.test)];
  const vocabulary = wordVocabulary(train.map(textOf), { atLeast: 2, special: { unknown: "<?>" } });
  const steps = epochs * Math.ceil(train.length / batch);
  print(`\
Data       ${count(train.length)} sentences of a small grammar in which nearly every word can be several
           things, in small letters, and ${count(test.length)} others, with first names that it has never met
Model      embedding 32, LSTM 32 in both directions, dense; ${epochs} epochs of Adam
`);

  /**
   * Trains a model that chooses the tags one by one, or all together, and gives what tags texts with it.
   *
   * @param {"part" | "entity"} what
   * @param {boolean} together
   */
  const learn = async (what, together) => {
    const labels = { part: parts, entity: entities }[what];
    const scores = dense(labels.length);
    const scheme = /** @type {const} */ ("BIO");
    const field = crf({ tags: labels, ...(what === "entity" && { scheme }) });
    const net = await model(
      tokens(vocabulary),
      embedding(32),
      dropout(0.2),
      bidirectional(lstm(32)),
      dropout(0.2),
      together ? (x) => field(scores(x)) : scores,
      { seed: 1 },
    );
    const rows = train.map((sentence) => ({
      inputs: vocabulary.encode(textOf(sentence)),
      targets: sentence.map((word) => labels.indexOf(word[what])),
    }));
    const training = net.train(batches(rows, { batch, seed: 1 }), {
      loss: together ? crfLoss() : crossEntropy(),
      optimiser: adam(cosineDecay(0.01, { steps })),
      clip: 1,
      steps,
    });
    await follow(training, { steps, label: `${what}, ${together ? "CRF" : "softmax"}` });
    const read = async (/** @type {string} */ text) => {
      const ids = vocabulary.encode(text);
      const [found] = together ? await tags(net, [ids]) : [likeliest(await net.predict([ids]))];
      return found.map((tag) => labels[tag]);
    };
    const found = [];
    for (const sentence of test) found.push(await read(textOf(sentence)));
    return {
      read,
      found,
      ...judged(
        found,
        test.map((sentence) => sentence.map((word) => word[what])),
      ),
    };
  };
  const part = { softmax: await learn("part", false), crf: await learn("part", true) };
  const entity = { softmax: await learn("entity", false), crf: await learn("entity", true) };

  const wanted = test.map((sentence) => sentence.map(({ entity }) => entity));
  const f1 = (/** @type {{ found: string[][] }} */ { found }) => entityScores(found, wanted).micro.f1;
  const impossible = (/** @type {{ found: string[][] }} */ { found }) => found.filter(breaksScheme).length;
  const percent = (/** @type {number} */ share) => `${(100 * share).toFixed(1)} %`;
  const letters = await entity.crf.read(noted);
  const binary = letters.map((tag) => (tag === "O" ? 0 : 1)).join("");
  print(`
${table([
  ["parts of speech", "words right", "sentences right"],
  ["softmax, word by word", percent(part.softmax.words), percent(part.softmax.sentences)],
  ["CRF, all together", percent(part.crf.words), percent(part.crf.sentences)],
])}
${table([
  ["names", "F1", "sentences right", "impossible"],
  [
    "softmax, word by word",
    percent(f1(entity.softmax)),
    percent(entity.softmax.sentences),
    `${impossible(entity.softmax)}`,
  ],
  ["CRF, all together", percent(f1(entity.crf)), percent(entity.crf.sentences), `${impossible(entity.crf)}`],
])}`);
  for (const text of shown) print(`${tagged(text, await part.crf.read(text))}\n`);
  print(`${tagged(noted, letters)}   ${binary}`);
  return {
    notes: binary,
    part: { softmax: part.softmax.sentences, crf: part.crf.sentences, words: part.crf.words },
    entity: { softmax: f1(entity.softmax), crf: f1(entity.crf) },
    impossible: { softmax: impossible(entity.softmax), crf: impossible(entity.crf) },
  };
}

/**
 * @param {number} sentences
 * @param {number} seed
 * @param {readonly string[]} names
 */
function made(sentences, seed, names) {
  const make = sentenceMaker(random(seed), names);
  return Array.from({ length: sentences }, make);
}

/** @param {readonly Word[]} sentence */
function textOf(sentence) {
  return sentence.map(({ word }) => word).join(" ");
}

/**
 * The tag with the highest score, at each step of one row.
 *
 * @param {Tensor} scores [1, steps, tags]
 */
function likeliest({ data, shape: [, steps, width] }) {
  return Array.from({ length: steps }, (_, step) => {
    const row = data.subarray(step * width, (step + 1) * width);
    return row.indexOf(Math.max(...row));
  });
}

/**
 * The share of the words that are right, and of the sentences in which all are.
 *
 * @param {readonly string[][]} found
 * @param {readonly string[][]} wanted
 */
function judged(found, wanted) {
  const right = wanted.map((tags, i) => tags.map((tag, place) => tag === found[i][place]));
  const all = right.flat();
  return {
    words: all.filter(Boolean).length / all.length,
    sentences: right.filter((each) => each.every(Boolean)).length / right.length,
  };
}

/**
 * Whether a name goes on that has not begun.
 *
 * @param {readonly string[]} tags
 */
function breaksScheme(tags) {
  return tags.some((tag, i) => tag.startsWith("I") && tags[i - 1]?.slice(1) !== tag.slice(1));
}

/**
 * Words above their tags.
 *
 * @param {string} text
 * @param {readonly string[]} tags
 */
function tagged(text, tags) {
  const words = text.split(" ");
  const widths = words.map((word, i) => Math.max(word.length, tags[i].length));
  const line = (/** @type {readonly string[]} */ parts) =>
    parts
      .map((part, i) => part.padEnd(widths[i]))
      .join(" ")
      .trimEnd();
  return `  ${line(words)}\n  ${line(tags)}`;
}
