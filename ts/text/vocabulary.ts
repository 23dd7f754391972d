/** The symbols of a text, each with a whole number: what a model of text reads and writes. */

import { InputError } from "../errors.js";
import {
  count,
  type FrequencyOptions,
  frequentSymbols,
  type SpecialSymbols,
  type SpellingOptions,
  type Symbols,
  symbolTable,
} from "./symbols.js";
import type { WordOptions } from "./words.js";

/** Symbols (code points, words or groups of bytes) numbered from 0, in both directions. */
export interface Vocabulary extends Symbols {
  /** Of what `vocabularyOf` makes the same vocabulary again; plain data, which a model file keeps. */
  readonly definition: VocabularyDefinition;
  /**
   * The id of each symbol of `text`, never that of a special symbol but for `unknown`, which stands for what the vocabulary
   * does not have: without it that is an InputError.
   */
  encode(text: string): Uint32Array;
  /** The text of `ids`. InputError for what is no id. */
  decode(ids: ArrayLike<number>, options?: SpellingOptions): string;
}

/** A vocabulary as plain data. */
export type VocabularyDefinition =
  | {
      readonly kind: "characters";
      readonly special?: SpecialSymbols;
      /** Single code points. */
      readonly symbols: readonly string[];
    }
  | {
      readonly kind: "words";
      readonly special?: SpecialSymbols;
      readonly symbols: readonly string[];
      /** How a text becomes words. */
      readonly rules?: WordOptions;
    }
  | {
      readonly kind: "bytePairs";
      readonly special?: SpecialSymbols;
      /** Two symbols with a space between them that become one, the first merge first: the lines of GPT-2's `merges.txt`. */
      readonly merges: readonly string[];
    };

/**
 * The distinct code points of a text or of several, in ascending order. `decode` gives back every text without unknown symbols,
 * lone surrogates too.
 */
export function vocabulary(texts: string | Iterable<string>, options: FrequencyOptions = {}): Vocabulary {
  const counts = new Map<string, number>();
  for (const text of typeof texts === "string" ? [texts] : texts) count(text, counts);
  const symbols = frequentSymbols(counts, options);
  symbols.sort((a, b) => a.codePointAt(0)! - b.codePointAt(0)!);
  return characterVocabularyOf(symbols, options.special);
}

/** The vocabulary of a list of code points, whose ids are their places in it, after the special symbols. */
export function characterVocabularyOf(
  characters: readonly string[],
  special?: SpecialSymbols | undefined,
): Vocabulary {
  const { find, read, ...table } = symbolTable("vocabulary", characters, special);
  for (const [i, symbol] of characters.entries()) {
    if ([...symbol].length > 1) {
      throw new InputError({
        where: `vocabulary.symbols[${i}]`,
        expected: "a single Unicode code point",
        got: JSON.stringify(symbol),
      });
    }
  }
  return {
    ...table,
    definition: {
      kind: "characters",
      ...(special && { special: { ...special } }),
      symbols: table.symbols.slice(table.size - characters.length),
    },
    encode(text) {
      const ids = new Uint32Array(text.length);
      let count = 0;
      for (const symbol of text) {
        const id = find(symbol);
        if (id === undefined) throw unknown([...text], count, table.size);
        ids[count++] = id;
      }
      return count === ids.length ? ids : ids.slice(0, count);
    },
    decode: (ids, options) => read(ids, options).join(""),
  };
}

/** The error of `encode`, with the place as a reader would count it. */
function unknown(symbols: readonly string[], index: number, size: number): InputError {
  const before = symbols.slice(0, index);
  const line = before.filter((symbol) => symbol === "\n").length + 1;
  const column = index - before.lastIndexOf("\n");
  const symbol = symbols[index]!;
  const digits = symbol.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0");
  return new InputError({
    where: "vocabulary.encode",
    expected: `only the ${size} symbols of the vocabulary`,
    got: `${JSON.stringify(symbol)} (U+${digits}) at index ${index}, line ${line}, column ${column}`,
  });
}
