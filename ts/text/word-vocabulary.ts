/** The words of a text, each with a whole number: what a model of words reads and writes. */

import { InputError } from "../errors.js";
import { suggestion } from "./spelling.js";
import {
  count,
  type FrequencyOptions,
  frequentSymbols,
  type SpecialSymbols,
  symbolTable,
} from "./symbols.js";
import type { Vocabulary } from "./vocabulary.js";
import { requireRules, type WordOptions, words } from "./words.js";

export interface WordVocabularyOptions extends WordOptions, FrequencyOptions {}

/** The words of a text or of several, the most frequent first, equally frequent ones by code unit. */
export function wordVocabulary(
  texts: string | Iterable<string>,
  options: WordVocabularyOptions = {},
): Vocabulary {
  const counts = new Map<string, number>();
  for (const text of typeof texts === "string" ? [texts] : texts) count(words(text, options), counts);
  return frequentWords(counts, options);
}

/** The vocabulary of words that were counted. */
export function frequentWords(
  counts: ReadonlyMap<string, number>,
  { atLeast, atMost, special, ...rules }: WordVocabularyOptions,
): Vocabulary {
  const list = frequentSymbols(counts, { atLeast, atMost, special });
  return wordVocabularyOf(list, special, rules);
}

/**
 * The vocabulary of a list of words, whose ids are their places in it, after the special symbols. Decoded words have spaces
 * between them, unless `keep` is "all": then, with `lowerCase: false`, texts without unknown words come back as they were.
 */
export function wordVocabularyOf(
  list: readonly string[],
  special?: SpecialSymbols | undefined,
  rules: WordOptions = {},
): Vocabulary {
  requireRules("wordVocabulary", rules);
  const { find, read, ...table } = symbolTable("wordVocabulary", list, special, (word) =>
    suggestion(word, table.symbols),
  );
  const ordinary = table.symbols.slice(table.size - list.length);
  return {
    ...table,
    definition: {
      kind: "words",
      ...(special && { special: { ...special } }),
      symbols: ordinary,
      rules: { ...rules },
    },
    encode: (text) =>
      Uint32Array.from(words(text, rules), (word, place) => {
        const id = find(word);
        if (id !== undefined) return id;
        throw new InputError({
          where: `wordVocabulary.encode, word ${place}`,
          expected: `one of the ${table.size} symbols of the vocabulary`,
          got: JSON.stringify(word),
          hint: suggestion(word, table.symbols),
        });
      }),
    decode: (ids, options) => read(ids, options).join(rules.keep === "all" ? "" : " "),
  };
}
