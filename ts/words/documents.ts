/** Vectors of texts from those of their words, and search by meaning. */

import { type Tensor, tensor } from "../data/tensor.js";
import { InputError } from "../errors.js";
import { type WordOptions, words } from "../text/words.js";
import type { MemoryOptions } from "./engine.js";
import type { Text } from "./terms.js";
import type { Vectoriser } from "./vectorise.js";
import { type Neighbour, unit, type WordVectors, wordVectors } from "./vectors.js";

export interface MeanOptions extends WordOptions {
  /** How much a word counts: the weights of a TF-IDF, which words unknown to it count 0 by; default 1 for each. */
  readonly weights?: Vectoriser;
}

/** The mean of the vectors of the words of each text, [texts, width]; zeros where no word has one. */
export function textVectors(vectors: WordVectors, texts: Iterable<Text>, options: MeanOptions = {}): Tensor {
  const { weights, ...rules } = options;
  const weighing =
    weights && new Map(weights.terms.map((term, i) => [term, weights.definition.weights?.[i] ?? 1]));
  const rows: Float32Array[] = [];
  for (const text of texts) {
    const sum = new Float64Array(vectors.width);
    let total = 0;
    for (const word of typeof text === "string" ? words(text, rules) : text) {
      const weight = weighing ? (weighing.get(word) ?? 0) : 1;
      if (weight === 0 || !vectors.has(word)) continue;
      total += weight;
      for (const [i, value] of vectors.vector(word).entries()) sum[i]! += weight * value;
    }
    rows.push(Float32Array.from(sum, (value) => (total > 0 ? value / total : 0)));
  }
  const data = new Float32Array(rows.length * vectors.width);
  for (const [i, row] of rows.entries()) data.set(row, i * vectors.width);
  return tensor(data, [rows.length, vectors.width]);
}

/** Texts to be found by what they are about. */
export interface TextSearch {
  /** The titles of the texts nearest to a question; empty where none of its words has a vector. */
  search(question: Text, options?: { readonly most?: number }): Neighbour[];
}

/**
 * Readies titled texts for search by the cosine of their vectors. What all texts have in common is taken away, as it says
 * nothing about any: their mean (Arora, Liang & Ma 2017 take the first component).
 */
export async function textSearch(
  vectors: WordVectors,
  texts: ReadonlyMap<string, Text>,
  options: MeanOptions & MemoryOptions = {},
): Promise<TextSearch> {
  const { memory, ...means } = options;
  if (texts.size === 0) throw new InputError({ where: "textSearch.texts", expected: "texts", got: "none" });
  const rows = textVectors(vectors, texts.values(), means);
  const { width } = vectors;
  const common = new Float64Array(width);
  for (const [i, value] of rows.data.entries()) common[i % width]! += value / texts.size;
  const apart = texts.size > 1 ? rows.data.map((value, i) => value - common[i % width]!) : rows.data;
  const index = await wordVectors(
    [...texts.keys()],
    tensor(apart, rows.shape),
    memory === undefined ? {} : { memory },
  );
  return {
    search(question, { most = 5 } = {}) {
      const { data } = textVectors(vectors, [question], means);
      if (data.every((value) => value === 0)) return [];
      return index.nearest(texts.size > 1 ? data.map((value, i) => value - common[i]!) : unit(data), {
        most,
      });
    },
  };
}
