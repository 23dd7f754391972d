/** Words of speeches and of a novel get vectors: neighbours, a score against a shuffled text, and a map. */

import { writeFile } from "node:fs/promises";
import { Option } from "commander";
import { random } from "recurra";
import { umap } from "recurra/umap";
import { corpus, groups, parseWordPairs, scoreWordPairs, word2vec, wordMap } from "recurra/words";
import { something, whole } from "./lib/arguments.js";
import { addresses, mobyDick } from "./lib/corpora.js";
import { count, table } from "./lib/terminal.js";
import { pairs } from "./words/pairs.js";

/** @import { Corpus } from "recurra/words" */
/** @import { Screen } from "./lib/terminal.js" */

export const about = "vectors of words from speeches and a novel, and a map of 200";
export const options = [
  new Option("--epochs <n>", "how often to go through the texts").argParser(whole(1)).default(5),
  new Option("--words <n>", "how many words to read, the first").argParser(whole(1000)).default(2_000_000),
  new Option("--map <file>", "where to save the map").argParser(something).default("words.svg"),
];

const shown = ["king", "war", "whale", "ship", "money", "president", "mexico", "three", "sea", "law"];
const mapped = 200;

/**
 * @param {Screen} screen
 * @param {{ epochs: number, words: number, map: string }} options
 */
export default async function words({ print, follow }, { epochs, words, map }) {
  const text = shortened(corpus([mobyDick(), ...addresses()]), words);
  print(`\
Moby-Dick and the addresses on the state of the union: ${count(text.ids.length)} words of
${count(text.vocabulary.size)} kinds. word2vec learns to tell the words around each one from words drawn
at random: skip-gram, 100 numbers a word, a window of 5, 5 negative samples.
`);
  const learn = async (/** @type {Corpus} */ from, /** @type {string} */ label) => {
    const trainer = await word2vec(from, { seed: 1 });
    const losses = await follow(trainer.train({ epochs }), { label });
    return { losses, vectors: trainer.vectors() };
  };
  const { vectors, losses } = await learn(text, "as it is");
  const control = await learn(shuffled(text), "shuffled");

  const known = shown.filter((word) => vectors.has(word));
  const near = (/** @type {string} */ word) => vectors.nearest(word, { most: 5 }).map((other) => other.word);
  print(`\n${known.map((word) => `  ${word.padEnd(10)} ${near(word).join(", ")}`).join("\n")}\n`);

  const judged = parseWordPairs(pairs);
  const [score, chance] = [vectors, control.vectors].map((each) => scoreWordPairs(each, judged).correlation);
  print(`Spearman's correlation with ${judged.length} pairs of words, as a person judged them:\n`);
  print(
    table([
      ["", "correlation"],
      ["as it is", score.toFixed(2)],
      ["shuffled", chance.toFixed(2)],
    ]),
  );

  const most = vectors.words.slice(100, 100 + mapped); // the first hundred are the, of, and …
  const points = vectors.tensor(most);
  const picture = wordMap(umap(points, { seed: 1 }), most, {
    groups: groups(points, 8).labels,
    title: `${most.length} words of Moby-Dick and the addresses on the state of the union`,
  });
  await writeFile(map, picture);
  print(`A map of ${most.length} words: ${map}`);
  const mean = (/** @type {number[]} */ some) => some.reduce((sum, loss) => sum + loss, 0) / some.length;
  const epoch = losses.length / epochs;
  return {
    words: text.ids.length,
    loss: { firstEpoch: mean(losses.slice(0, epoch)), lastEpoch: mean(losses.slice(-epoch)) },
    correlation: { text: score, shuffled: chance },
    neighbours: Object.fromEntries(known.map((word) => [word, near(word)])),
  };
}

/**
 * The first words of a corpus.
 *
 * @param {Corpus} text
 * @param {number} most
 */
function shortened(text, most) {
  const starts = text.starts.filter((start) => start <= most);
  return { ...text, starts, ids: text.ids.slice(0, starts.at(-1)) };
}

/**
 * The same words in random order, which says nothing about them but how often they occur.
 *
 * @param {Corpus} text
 */
function shuffled(text) {
  const ids = [...text.ids];
  random(1).shuffle(ids);
  return { ...text, ids: Uint32Array.from(ids) };
}
