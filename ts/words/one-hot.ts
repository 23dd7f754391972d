/** The simplest vectors of words: a one in the place of the word, zeros elsewhere. */
import { type Tensor, tensor } from "../data/tensor.js";
import { InputError } from "../errors.js";
import { type WordOptions, words } from "../text/words.js";
import { hash } from "./hash.js";

/** A row for each id, [ids, size], whose only 1 is in the column of the id. */
export function oneHot(ids: ArrayLike<number>, size: number): Tensor {
  const data = new Float32Array(ids.length * size);
  for (let i = 0; i < ids.length; i++) {
    if (!(Number.isInteger(ids[i]) && ids[i]! >= 0 && ids[i]! < size)) {
      throw new InputError({
        where: `oneHot.ids[${i}]`,
        expected: `a whole number from 0 to ${size - 1}`,
        got: String(ids[i]),
      });
    }
    data[i * size + ids[i]!] = 1;
  }
  return tensor(data, [ids.length, size]);
}

/**
 * An id below `size` for each word of a text, from its letters alone: no vocabulary is needed, and some words share an id. With
 * `first`, ids begin there, so that 0 can be padding.
 */
export function hashedWords(
  text: string,
  size: number,
  { first = 0, ...options }: WordOptions & { first?: number } = {},
) {
  if (
    !(Number.isInteger(size) && Number.isInteger(first) && first >= 0 && size > first && size <= 0x100000000)
  ) {
    throw new InputError({
      where: "hashedWords.size",
      expected: `a whole number above ${first}`,
      got: String(size),
    });
  }
  return Uint32Array.from(words(text, options), (word) => first + (hash(word) % (size - first)));
}
