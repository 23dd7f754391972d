/** The words of a text, each with a whole number: what a model of words reads and writes. */

import { InputError } from "../errors.js";
import { suggestion } from "./spelling.js";
import { findSymbol, type Vocabulary } from "./vocabulary.js";
import { requireRules, type WordRules, words } from "./words.js";

export interface WordVocabularyOptions extends WordRules {
  /** How often a word must occur; default 1. */
  readonly atLeast?: number;
  /** How many symbols there may be at most, the special ones included; default all. The most frequent words are taken. */
  readonly atMost?: number;
  /** Symbols that stand before all words, with the ids 0, 1, …, for example "<pad>" and "<end>"; `unknown` joins them. */
  readonly special?: readonly string[];
}

/** The words of a text or of several, the most frequent first, equally frequent ones by code unit. */
export function wordVocabulary(
  texts: string | Iterable<string>,
  { atLeast = 1, atMost = Infinity, special = [], ...rules }: WordVocabularyOptions = {},
): Vocabulary {
  const counts = new Map<string, number>();
  for (const text of typeof texts === "string" ? [texts] : texts) {
    for (const word of words(text, rules)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return frequentWords(counts, { atLeast, atMost, special, ...rules });
}

/** The vocabulary of words that were counted. */
export function frequentWords(
  counts: ReadonlyMap<string, number>,
  { atLeast = 1, atMost = Infinity, special = [], ...rules }: WordVocabularyOptions,
): Vocabulary {
  const { unknown } = rules;
  const first = unknown === undefined || special.includes(unknown) ? special : [...special, unknown];
  const frequent = [...counts].filter(([word, count]) => count >= atLeast && !first.includes(word));
  frequent.sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  const list = [...first, ...frequent.map(([word]) => word)].slice(0, Math.max(atMost, first.length));
  if (list.length === first.length) {
    throw new InputError({
      where: "wordVocabulary.texts",
      expected: `a word that occurs at least ${Math.max(1, atLeast)} times`,
      got: counts.size === 0 ? "no word at all" : `${counts.size} words that occur less often`,
    });
  }
  return wordVocabularyOf(list, rules);
}

/** The vocabulary of a saved list of words, whose ids are their places in it. */
export function wordVocabularyOf(list: readonly string[], rules: WordRules = {}): Vocabulary {
  requireRules("wordVocabulary", rules);
  const size = list.length;
  const { unknown } = rules;
  const symbols = [...list];
  const ids = new Map<string, number>();
  for (const [id, word] of symbols.entries()) {
    if (typeof word !== "string" || word === "" || ids.has(word)) {
      throw new InputError({
        where: `wordVocabulary.symbols[${id}]`,
        expected: "every word once, and none empty",
        got: ids.has(word)
          ? `${JSON.stringify(word)}, which is also at ${ids.get(word)}`
          : JSON.stringify(word),
      });
    }
    ids.set(word, id);
  }
  if (size === 0) {
    throw new InputError({ where: "wordVocabulary.symbols", expected: "at least one word", got: "none" });
  }
  const substitute = unknown === undefined ? undefined : ids.get(unknown);
  if (unknown !== undefined && substitute === undefined) {
    throw new InputError({
      where: "wordVocabulary.unknown",
      expected: "one of the symbols",
      got: JSON.stringify(unknown),
    });
  }

  function require(word: string, where: string): number {
    const id = ids.get(word);
    if (id !== undefined) return id;
    throw new InputError({
      where,
      expected: `one of the ${size} words of the vocabulary`,
      got: JSON.stringify(word),
      hint: suggestion(word, symbols),
    });
  }

  return {
    size,
    symbols,
    words: rules,
    encode: (text) =>
      Uint32Array.from(words(text, rules), (word, place) => {
        return ids.get(word) ?? substitute ?? require(word, `wordVocabulary.encode, word ${place}`);
      }),
    decode: (ids) =>
      Array.from(ids, (id, i) => findSymbol(symbols, id, `wordVocabulary.decode[${i}]`)).join(" "),
    has: (word) => ids.has(word),
    id: (word) => require(word, "wordVocabulary.id"),
    symbol: (id) => findSymbol(symbols, id, "wordVocabulary.symbol"),
  };
}
