/** The table of the lecture notes: six words by gender, royalty and age, and what can be read off it. */

import { tensor } from "recurra";
import { cosine, groups, pca, wordVectors } from "recurra/words";
import { table } from "./lib/terminal.js";

/** @import { Screen } from "./lib/terminal.js" */

export const about = "boy is to girl as king is to whom? Six words as vectors";

const features = ["gender", "royal", "age"];
/** @type {Record<string, number[]>} */
const rows = {
  boy: [-1, 0.01, 0.03],
  girl: [1, 0.02, 0.02],
  king: [-0.92, 0.75, 0.7],
  queen: [0.93, 0.96, 0.6],
  apple: [0, -0.02, 0.95],
  mango: [0.1, 0.01, 0.92],
};
const names = Object.keys(rows);

/** @param {Screen} screen */
export default async function vectors({ print }) {
  const data = Float32Array.from(Object.values(rows).flat());
  const words = await wordVectors(names, tensor(data, [names.length, features.length]));
  const digits = (/** @type {ArrayLike<number>} */ some) => Array.from(some, (value) => value.toFixed(2));
  print(`\n${table([["", ...features], ...names.map((name) => [name, ...digits(words.vector(name))])])}`);

  const minus = (/** @type {string} */ a, /** @type {string} */ b) =>
    words.vector(a).map((value, i) => value - words.vector(b)[i]);
  const [children, royals] = [minus("boy", "girl"), minus("king", "queen")];
  print(`boy - girl    ${digits(children).join("  ")}`);
  print(`king - queen  ${digits(royals).join("  ")}`);
  print(`Both say: the same person, but for the gender. Cosine ${cosine(children, royals).toFixed(4)}\n`);

  const [{ word: answer }] = words.analogy("boy", "girl", "king", { most: 1 });
  print(`boy : girl = king : ${answer}\n`);

  const { points, shares } = pca(words.tensor());
  const { labels } = groups(points, 3);
  const found = [0, 1, 2].map((group) => names.filter((_, i) => labels[i] === group));
  print(
    `In the plane, which keeps ${(100 * (shares[0] + shares[1])).toFixed(0)} % of what differs, three groups:`,
  );
  for (const group of found) print(`  ${group.join(", ")}`);
  return {
    children: [...children],
    royals: [...royals],
    cosine: cosine(children, royals),
    answer,
    groups: found,
  };
}
