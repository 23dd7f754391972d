/** Three small translations: letters copied, letters reversed, dates as computers write them. An encoder-decoder learns each in seconds. */

import { Option } from "commander";
import {
  adam,
  attentionText,
  bidirectional,
  cosineDecay,
  crossEntropy,
  dense,
  embedding,
  encoderDecoder,
  gru,
  inputs,
  model,
  pairs,
  random,
  splitByHash,
  tokens,
  translator,
  vocabulary,
} from "recurra";
import { plot } from "recurra/terminal";
import { whole } from "./lib/arguments.js";
import { dated, days, spellings } from "./lib/dates.js";
import { count, table } from "./lib/terminal.js";

/** @import { Screen } from "./lib/terminal.js" */

export const about = "copies letters, reverses them, reads dates in thirteen spellings";
export const options = [
  new Option("--letters <n>", "at most, to be copied and reversed").argParser(whole(3)).default(12),
  new Option("--units <n>", "of the decoder").argParser(whole(2)).default(96),
];

/** @typedef {{ source: string, target: string }} Example */

const { integer } = random(1);
const alphabet = [..."abcdefghijklmnopqrstuvwxyz"];

/** @param {number} length */
const lettersOf = (length) => Array.from({ length }, () => alphabet[integer(alphabet.length)]);

/**
 * @param {Screen} screen
 * @param {{ letters: number, units: number }} options
 */
export default async function tasks({ print, follow, columns }, { letters: most, units }) {
  const sequence = () => lettersOf(3 + integer(most - 2));
  /** @param {() => Example} make */
  const examplesOf = (make) => {
    const made = Array.from({ length: 20_000 }, make);
    const unique = [...new Map(made.map((example) => [example.source, example])).values()];
    return splitByHash(unique, ({ target }) => target, { test: 0.1 });
  };
  const data = {
    copy: examplesOf(() => {
      const source = sequence().join("");
      return { source, target: source };
    }),
    reverse: examplesOf(() => {
      const source = sequence();
      return { source: source.join(""), target: source.toReversed().join("") };
    }),
    dates: examplesOf(() => dated(integer(days), integer(spellings.length))),
  };
  const held = Object.entries(data).map(([name, { test }]) => `${name} ${count(test.length)}`);
  print(`\
Data       3 to ${most} random letters, and days of a century in ${spellings.length} spellings;
           held out by the hash of what shall be written: ${held.join(", ")}
Model      GRU ${units / 2} in both directions reads, GRU ${units} writes
`);
  const common = { units, follow, attention: true };
  const copy = await learned(data.copy, { ...common, steps: 800, label: "copy" });
  const reverse = await learned(data.reverse, { ...common, steps: 800, label: "reverse" });
  const fixed = await learned(data.reverse, {
    ...common,
    ...{ steps: 800, attention: false, label: "reverse, no attention" },
  });
  const dates = await learned(data.dates, { ...common, steps: 400, label: "dates" });

  const long = lettersOf(10 * most);
  const [[written]] = await reverse.translate([long.join("")]);
  const expected = long.toReversed();
  const right = written.tokens.filter((letter, place) => letter === expected[place]).length;
  const [{ source, tokens, attention }] = dates.judged;
  print(`
${table([
  ["of those held out", "right"],
  ...Object.entries({ copy, reverse, "reverse, without attention": fixed, dates }).map(
    ([name, { share }]) => [name, percent(share)],
  ),
])}
${plot(
  [
    { name: "with attention", mark: "●", points: byLength(reverse.judged) },
    { name: "without: one fixed context vector", mark: "○", points: byLength(fixed.judged) },
  ],
  {
    title: "% reversed",
    from: "3",
    to: `${most} letters`,
    columns,
    width: 46,
    format: (share) => share.toFixed(0),
  },
)}
${attentionText(/** @type {Float32Array[]} */ (attention), [...tokens, "∎"].slice(0, attention?.length), [...source])}
${long.length} letters, ten times as many as it has ever read, decode too, to an end or as far as they may:
it writes ${written.tokens.length}, ${right} of them right. It has never had to find a place as far along as these.`);
  return {
    ...{ copy: copy.share, reverse: reverse.share, dates: dates.share },
    without: { all: fixed.share, longest: byLength(fixed.judged).at(-1)?.y },
    far: { letters: long.length, written: written.tokens.length, right },
  };
}

/**
 * Trains a model on pairs of texts, character by character, and has it translate those held out.
 *
 * @param {{ train: Example[], test: Example[] }} examples
 * @param {{ units: number, steps: number, attention: boolean, follow: Screen["follow"], label: string }} options
 */
async function learned({ train, test }, { units, steps, attention, follow, label }) {
  const all = [...train, ...test];
  const read = vocabulary(all.map(({ source }) => source).join(""), { special: {} });
  const write = vocabulary(all.map(({ target }) => target).join(""), {
    special: { start: "<s>", end: "</s>" },
  });
  const { start, end } = /** @type {{ start: number, end: number }} */ (write.special);
  const net = await model(
    inputs({ target: tokens(write), source: tokens(read) }),
    encoderDecoder({
      encoder: [embedding(32), bidirectional(gru(units / 2))],
      decoder: [embedding(32), gru(units)],
      ...(attention && { attention: { score: "additive" } }),
    }),
    dense(write.size),
    { seed: 1, threads: 1 }, // too small to share
  );
  const encoded = train.map(({ source, target }) => ({
    source: read.encode(source),
    target: write.encode(target),
  }));
  const training = net.train(pairs(encoded, { batch: 64, start, end, seed: 1 }), {
    loss: crossEntropy(),
    optimiser: adam(cosineDecay(0.008, { steps })),
    clip: 1,
    steps,
  });
  await follow(training, { steps, label });

  const writer = translator(net, { start, end, batch: 64 });
  const translate = async (/** @type {string[]} */ sources) => {
    const found = await writer.translate(sources.map((source) => read.encode(source)));
    return found.map((best) =>
      best.map(({ tokens, attention }) => ({ tokens: tokens.map((id) => write.symbol(id)), attention })),
    );
  };
  const found = await translate(test.map(({ source }) => source));
  const judged = test.map((example, index) => {
    const [best] = found[index];
    return { ...example, ...best, right: best.tokens.join("") === example.target };
  });
  const share = judged.filter(({ right }) => right).length / judged.length;
  return { judged, share, translate };
}

/** @param {readonly { source: string, right: boolean }[]} judged */
function byLength(judged) {
  const lengths = [...new Set(judged.map(({ source }) => source.length))].sort((a, b) => a - b);
  return lengths.map((length) => {
    const some = judged.filter(({ source }) => source.length === length);
    return { x: length, y: (100 * some.filter(({ right }) => right).length) / some.length };
  });
}

/** @param {number} share */
function percent(share) {
  return `${(100 * share).toFixed(1)} %`;
}
