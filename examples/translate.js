/** The messages of a compiler, from English to French: an encoder-decoder with attention against one without. */

import { writeFile } from "node:fs/promises";
import { Option } from "commander";
import {
  adamw,
  attentionSvg,
  beamSearch,
  bidirectional,
  bleu,
  bleuByLength,
  bytePairVocabulary,
  chrf,
  crossEntropy,
  dense,
  dropout,
  embedding,
  encoderDecoder,
  gru,
  inputs,
  model,
  pairs,
  splitByHash,
  tokens,
  translator,
} from "recurra";
import { positive, something, whole } from "./lib/arguments.js";
import { packageFile } from "./lib/package-file.js";
import { count, quote, table } from "./lib/terminal.js";
import { trainFor } from "./lib/train-for.js";

/** @import { Vocabulary } from "recurra" */
/** @import { Screen } from "./lib/terminal.js" */

export const about = "a compiler's messages in French, with attention and without";
export const options = [
  new Option("--minutes <m>", "to train, each of the two").argParser(positive).default(3),
  new Option("--units <n>", "of the decoder").argParser(whole(2)).default(128),
  new Option("--symbols <n>", "byte pairs of both languages").argParser(whole(258)).default(1000),
  new Option("--beams <n>", "of the search").argParser(whole(1)).default(5),
  new Option("--picture <file>", "an SVG of where it looked, in one message").argParser(something),
];

/** @typedef {{ english: string, french: string }} Message */

/**
 * @param {Screen} screen
 * @param {{ minutes: number, units: number, symbols: number, beams: number, picture?: string }} options
 */
export default async function translate(
  { print, follow, columns },
  { minutes, units, symbols: size, beams, picture },
) {
  const messages = readMessages();
  const { train, test } = splitByHash(messages, ({ english }) => english, { test: 0.15 });
  const symbols = bytePairVocabulary(
    train.flatMap(({ english, french }) => [english, french]),
    { size, special: { start: "<s>", end: "</s>" } },
  );
  const { start, end } = /** @type {{ start: number, end: number }} */ (symbols.special);
  const examples = pairs(
    train.map(({ english, french }) => ({ source: symbols.encode(english), target: symbols.encode(french) })),
    { batch: 32, start, end, seed: 1 },
  );
  print(`\
Data       ${count(messages.length)} messages of the TypeScript compiler in English and French; ${count(test.length)} held
           out by the hash of the English; ${count(symbols.size)} byte pairs of both languages
Model      GRU ${units / 2} in both directions reads, GRU ${units} writes; ${minutes} minutes each
`);

  const results = [];
  for (const attention of [false, true]) {
    const label = attention ? "with attention" : "without attention";
    const net = await model(
      inputs({ target: tokens(symbols), source: tokens(symbols) }),
      encoderDecoder({
        encoder: [embedding(units), dropout(0.3), bidirectional(gru(units / 2))],
        decoder: [dropout(0.3), gru(units)],
        shared: true,
        ...(attention && { attention: { score: "additive" } }),
      }),
      dropout(0.4),
      dense(symbols.size),
      { seed: 1 },
    );
    const steps = await trainFor(net, examples, {
      minutes,
      follow,
      label,
      settings: (falling) => ({
        loss: crossEntropy({ smoothing: 0.1 }),
        optimiser: adamw(falling(0.003), { decay: 0.01 }),
        clip: 1,
      }),
    });
    const search = beamSearch({ beams, lengthPenalty: 1 });
    const writer = translator(net, { start, end, search });
    const found = await writer.translate(test.map(({ english }) => symbols.encode(english)));
    writer.close();
    const written = found.map(([best]) => symbols.decode(best.tokens));
    results.push({ label, steps, found, written });
  }

  const french = test.map(({ french }) => french);
  const english = test.map(({ english }) => english);
  const scores = results.map(({ label, steps, written }) => ({
    label,
    steps,
    bleu: bleu(written, french).score,
    chrf: chrf(written, french),
  }));
  const [without, attending] = results;
  const { groups, text } = bleuByLength(
    { "without attention": without.written, "with attention": attending.written },
    french,
    { sources: english, edges: [5, 10, 15, 20], columns },
  );
  print(`
${table([
  ["of those held out", "steps", "BLEU", "chrF"],
  ...scores.map(({ label, steps, bleu, chrf }) => [label, count(steps), bleu.toFixed(1), chrf.toFixed(1)]),
])}
${text}`);
  for (const index of [...test.keys()].filter((index) => index % Math.ceil(test.length / 5) === 0)) {
    const lines = [
      english[index],
      ...results.map(({ label, written }) => `${label}: ${written[index]}`),
      `as it is: ${french[index]}`,
    ];
    print(quote(lines.join("\n"), columns));
  }
  if (picture) {
    const place = test.findIndex(({ english }) => english.split(" ").length === 8);
    const [{ tokens, attention }] = attending.found[place];
    const weights = /** @type {Float32Array[]} */ (attention);
    const rows = [...tokens, end].slice(0, weights.length).map((id) => readable(symbols, id));
    const heads = Array.from(symbols.encode(english[place]), (id) => readable(symbols, id));
    await writeFile(picture, attentionSvg(weights, rows, heads));
    print(`Where it looked is drawn in ${picture}`);
  }
  return { without: scores[0].bleu, attention: scores[1].bleu, groups };
}

/**
 * @param {Vocabulary} symbols
 * @param {number} id
 */
function readable(symbols, id) {
  return symbols.decode([id]).trim() || "␣";
}

/** @returns {Message[]} */
function readMessages() {
  const file = (/** @type {string} */ path) => packageFile("typescript-messages", path).toString();
  /** @type {Record<string, string>} */
  const french = JSON.parse(file("lib/fr/diagnosticMessages.generated.json"));
  const defined = file("lib/typescript.js").matchAll(
    /diag\(\d+, \d \/\* \w+ \*\/, "(\w+)", ("(?:[^"\\]|\\.)*")/g,
  );
  /** @type {Map<string, Message>} */
  const messages = new Map();
  for (const [, key, text] of defined) {
    const english = JSON.parse(text);
    if (french[key]) messages.set(english, { english, french: french[key].replaceAll("\u00a0", " ") });
  }
  return [...messages.values()];
}
