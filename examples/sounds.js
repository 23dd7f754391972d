/** How is an English word pronounced? An encoder reads its letters, a decoder with attention writes its sounds. */

import { Option } from "commander";
import {
  adam,
  attentionText,
  beamSearch,
  bidirectional,
  crossEntropy,
  dense,
  dropout,
  edits,
  embedding,
  encoderDecoder,
  inputs,
  lstm,
  model,
  pairs,
  splitByHash,
  tokens,
  translator,
  vocabulary,
  wordVocabulary,
} from "recurra";
import { plot } from "recurra/terminal";
import { positive, whole } from "./lib/arguments.js";
import { packageFile } from "./lib/package-file.js";
import { count, table } from "./lib/terminal.js";
import { trainFor } from "./lib/train-for.js";

/** @import { Screen } from "./lib/terminal.js" */

export const about = "writes the sounds of English words";
export const options = [
  new Option("--minutes <m>", "to train, with attention and without each").argParser(positive).default(10),
  new Option("--steps <n>", "to train instead: the same result everywhere").argParser(whole(1)),
  new Option("--units <n>", "of the decoder").argParser(whole(2)).default(256),
  new Option("--words <n>", "of the dictionary; default all").argParser(whole(100)),
  new Option("--without", "train a second model, without attention, to compare"),
  new Option("--beams <n>", "of the search at the end").argParser(whole(1)).default(5),
];

const batch = 128;
const special = { start: "<s>", end: "</s>" };

/**
 * @param {Screen} screen
 * @param {{ minutes: number, steps?: number, units: number, words?: number, without?: boolean, beams: number }} options
 */
export default async function pronounce(
  { print, follow, columns },
  { minutes, steps, units, words, without, beams },
) {
  const dictionary = readDictionary().slice(0, words);
  const letters = vocabulary(dictionary.map(({ word }) => word).join(""), { special: {} });
  const sounds = wordVocabulary(
    dictionary.flatMap(({ spoken }) => spoken),
    { lowerCase: false, special },
  );
  const { train, test } = splitByHash(dictionary, ({ word }) => word, { validation: 0.05, test: 0.1 });
  const { start, end } = /** @type {{ start: number, end: number }} */ (sounds.special);
  const examples = pairs(
    train.flatMap(({ word, spoken }) =>
      spoken.map((each) => ({ source: letters.encode(word), target: sounds.encode(each) })),
    ),
    { batch, start, end, seed: 1 },
  );
  print(`\
Data       CMU's pronouncing dictionary: ${count(dictionary.length)} English words, without stress;
           ${count(test.length)} held out by the hash of the word
`);

  const methods = [
    { name: "with attention", mark: "●", attention: /** @type {const} */ ({ score: "additive" }) },
    ...(without ? [{ name: "without", mark: "○" }] : []),
  ];
  const results = [];
  for (const { name, mark, attention } of methods) {
    const net = await model(
      inputs({ target: tokens(sounds), source: tokens(letters) }),
      encoderDecoder({
        encoder: [embedding(64), dropout(0.1), bidirectional(lstm(units / 2))],
        decoder: [embedding(64), dropout(0.1), lstm(units)],
        ...(attention && { attention }),
      }),
      dropout(0.3),
      dense(sounds.size),
      { seed: 1 },
    );
    print(
      `Model      ${name}: LSTM ${units / 2} in both directions reads, LSTM ${units} writes: ${count(net.size)} parameters`,
    );
    const done = await trainFor(net, examples, {
      ...{ minutes, steps },
      follow,
      label: name,
      settings: (falling) => ({
        loss: crossEntropy({ smoothing: 0.1 }),
        optimiser: adam(falling(0.002)),
        clip: 1,
      }),
    });
    const search = beamSearch({ beams });
    const speaker = translator(net, { start, end, search, batch: 64 });
    const found = await speaker.translate(test.map(({ word }) => letters.encode(word)));
    const judged = test.map(({ word, spoken }, index) => {
      const best = found[index][0];
      const given = best.tokens.map((id) => sounds.symbol(id));
      const nearest = spoken
        .map((each) => each.split(" "))
        .map((wanted) => ({ wanted, ...edits(given, wanted) }))
        .map((each) => ({ ...each, changes: each.substitutions + each.insertions + each.deletions }))
        .reduce((a, b) => (b.changes < a.changes ? b : a));
      return { word, given, best, ...nearest };
    });
    results.push({ name, mark, net, steps: done, judged });
  }

  /** @type {string[][]} */
  const scores = results.map(({ name, steps, judged }) => {
    const [wrong, errors] = errorsOf(judged);
    return [name, count(steps), `${(100 * wrong).toFixed(1)} %`, `${(100 * errors).toFixed(1)} %`];
  });
  const [{ judged }] = results;
  const shown = judged.filter((_, index) => index % Math.ceil(judged.length / 12) === 0);
  const longest = judged.filter(
    ({ word, changes }) => changes === 0 && word.length >= 9 && word.length <= 12,
  )[0];
  print(`
${table([["of words held out", "steps", "words wrong", "sounds wrong"], ...scores])}
${table([["word", "sounds", "", "in the dictionary"], ...shown.map(({ word, given, wanted, changes }) => [word, given.join(" "), changes ? "not" : "as", wanted.join(" ")])])}
${plot(
  results.map(({ name, mark, judged }) => ({ name, mark, points: byLength(judged) })),
  {
    title: "% of words wrong, by letters",
    from: "3",
    to: "14",
    columns,
    format: (percent) => percent.toFixed(0),
  },
)}`);
  if (longest?.best.attention) {
    print(attentionText(longest.best.attention, [...longest.given, "∎"], [...longest.word]));
  }
  const [wrong, errors] = errorsOf(judged);
  return { words: wrong, sounds: errors, ...(without && { without: errorsOf(results[1].judged)[0] }) };
}

/**
 * The share of words that are wrong, and the changes for each sound.
 *
 * @param {readonly { changes: number, wanted: readonly string[] }[]} judged
 */
function errorsOf(judged) {
  const sum = (/** @type {(each: typeof judged[number]) => number} */ of) =>
    judged.reduce((total, each) => total + of(each), 0);
  return [
    sum(({ changes }) => Math.sign(changes)) / judged.length,
    sum(({ changes }) => changes) / sum(({ wanted }) => wanted.length),
  ];
}

/** @param {readonly { word: string, changes: number, wanted: readonly string[] }[]} judged */
function byLength(judged) {
  return Array.from({ length: 12 }, (_, i) => i + 3).flatMap((length) => {
    const some = judged.filter(({ word }) => word.length === length);
    return some.length > 0 ? [{ x: length, y: 100 * errorsOf(some)[0] }] : [];
  });
}

/**
 * Words of letters and apostrophes, each with its pronunciations.
 *
 * @returns {{ word: string, spoken: string[] }[]}
 */
function readDictionary() {
  const lines = packageFile("cmu-pronouncing-dictionary", "index.js")
    .toString()
    .matchAll(/^ {2}"(.+?)": "(.+?)",?$/gm);
  /** @type {Map<string, Set<string>>} */
  const words = new Map();
  for (const [, key, value] of lines) {
    const word = key.replace(/\(\d+\)$/, "");
    if (!/^['a-z]*[a-z]['a-z]*$/.test(word)) continue;
    const spoken = value.replace(/ #.*$/, "").replace(/\d/g, "");
    words.set(word, (words.get(word) ?? new Set()).add(spoken));
  }
  return [...words].map(([word, spoken]) => ({ word, spoken: [...spoken] }));
}
