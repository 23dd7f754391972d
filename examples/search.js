/** The chapters of a novel are found by what they are about. */

import { Option } from "commander";
import { corpus, textSearch, tfIdf, word2vec } from "recurra/words";
import { something, whole } from "./lib/arguments.js";
import { addresses, chapters, mobyDick } from "./lib/corpora.js";

/** @import { Screen } from "./lib/terminal.js" */

export const about = "the chapters of Moby-Dick that are about what you ask";
export const options = [
  new Option("--about <words>", "what the chapters are to be about")
    .argParser(something)
    .default("courts and the law of property"),
  new Option("--epochs <n>", "how often to go through the texts").argParser(whole(1)).default(5),
];

/**
 * @param {Screen} screen
 * @param {{ about: string, epochs: number }} options
 */
export default async function search({ print, follow }, { about, epochs }) {
  const texts = chapters();
  print(`\
Each of ${texts.size} chapters becomes the mean of the vectors of its words, the rare ones
counting most; a question is nearest to chapters that speak of the same things,
if in other words.
`);
  const trainer = await word2vec(corpus([mobyDick(), ...addresses()]), { seed: 1 });
  await follow(trainer.train({ epochs }), {});
  const index = await textSearch(trainer.vectors(), texts, {
    weights: tfIdf(texts.values(), { norm: "none" }),
  });
  const found = index.search(about, { most: 8 });
  print(`\n“${about}”\n`);
  for (const { word, score } of found) print(`  ${score.toFixed(2)}  ${word}`);
  if (found.length === 0) print("  None of these words has a vector.");
  return { about, chapters: found.map(({ word }) => word) };
}
