/** A text as numbers, ready to learn word vectors from. */
import { InputError } from "../errors.js";
import type { Vocabulary } from "../text/vocabulary.js";
import { frequentWords } from "../text/word-vocabulary.js";
import { sentences, type WordOptions, words } from "../text/words.js";

/** Sentences as ids, without the words that are not in the vocabulary. */
export interface Corpus {
  readonly vocabulary: Vocabulary;
  /** How often each word of the vocabulary occurs. */
  readonly counts: Uint32Array;
  /** All words, one sentence after another. */
  readonly ids: Uint32Array;
  /** Where each sentence begins in `ids`, and where the last one ends. */
  readonly starts: Uint32Array;
  /** How many words were left out. */
  readonly unknown: number;
}

export interface CorpusOptions extends WordOptions {
  /** How often a word must occur to have a vector; default 5. */
  readonly atLeast?: number;
  /** How many words may have one, the most frequent; default all. */
  readonly atMost?: number;
  /** Longer sentences are cut; default 1000 words. */
  readonly longest?: number;
}

/**
 * A corpus of texts, which are cut into sentences and words, or of sentences that are lists of words already. Each is read
 * once and not kept. InputError unless at least two words have a vector.
 */
export function corpus(
  texts: string | Iterable<string | readonly string[]>,
  { atLeast = 5, atMost = Infinity, longest = 1000, ...options }: CorpusOptions = {},
): Corpus {
  const first = new Map<string, number>(); // ids in the order in which words appear, until the vocabulary is known
  const seen: number[] = [];
  const lists = new Growing();
  const ends: number[] = [];
  const take = (sentence: readonly string[]) => {
    for (let from = 0; from < sentence.length; from += longest) {
      for (const word of sentence.slice(from, from + longest)) {
        let id = first.get(word);
        if (id === undefined) {
          id = first.size;
          first.set(word, id);
          seen.push(0);
        }
        seen[id]!++;
        lists.push(id);
      }
      ends.push(lists.length);
    }
  };
  for (const text of typeof texts === "string" ? [texts] : texts) {
    if (typeof text === "string")
      for (const sentence of sentences(text, options)) take(words(sentence, options));
    else take(text);
  }

  const occurring = new Map([...first].map(([word, id]): [string, number] => [word, seen[id]!]));
  if (occurring.size === 0) {
    throw new InputError({ where: "corpus.texts", expected: "a text with words", got: "no word at all" });
  }
  const vocabulary = frequentWords(occurring, { atLeast, atMost, ...options });
  if (vocabulary.size < 2) {
    throw new InputError({
      where: "corpus.texts",
      expected: `at least two words that occur ${atLeast} times`,
      got: `one, ${JSON.stringify(vocabulary.symbol(0))}`,
      hint: "lower atLeast, or give more text",
    });
  }
  return numbered(vocabulary, first, lists.values, ends);
}

/** Replaces the first ids by those of the vocabulary. */
function numbered(
  vocabulary: Vocabulary,
  first: ReadonlyMap<string, number>,
  ids: Uint32Array,
  ends: readonly number[],
): Corpus {
  const NONE = 0xffffffff;
  const translated = Uint32Array.from(first.keys(), (word) =>
    vocabulary.has(word) ? vocabulary.id(word) : NONE,
  );
  const counts = new Uint32Array(vocabulary.size);
  const starts = new Uint32Array(ends.length + 1);
  let count = 0;
  let at = 0;
  for (const [sentence, end] of ends.entries()) {
    for (; at < end; at++) {
      const id = translated[ids[at]!]!;
      if (id === NONE) continue;
      counts[id]!++;
      ids[count++] = id;
    }
    starts[sentence + 1] = count;
  }
  return { vocabulary, counts, ids: ids.slice(0, count), starts, unknown: ids.length - count };
}

/** A list of whole numbers that takes four bytes each. */
class Growing {
  #values = new Uint32Array(1024);
  length = 0;

  push(value: number): void {
    if (this.length === this.#values.length) {
      const longer = new Uint32Array(2 * this.length);
      longer.set(this.#values);
      this.#values = longer;
    }
    this.#values[this.length++] = value;
  }

  get values(): Uint32Array {
    return this.#values.subarray(0, this.length);
  }
}
