/** The symbols of a text, each with a whole number: what a character model reads and writes. */

import { InputError } from "../errors.js";
import type { WordRules } from "./words.js";

/** Symbols (single Unicode code points, or words) numbered from 0, in both directions. */
export interface Vocabulary {
  /** How many symbols there are. */
  readonly size: number;
  /** The symbol of each id; `vocabularyOf`, or `wordVocabularyOf` with `words`, makes the same vocabulary again from them. */
  readonly symbols: readonly string[];
  /** How a text becomes words; undefined for a vocabulary of code points. */
  readonly words?: WordRules;
  /** The id of each symbol of `text`; throws InputError at the first that is not in the vocabulary and has no substitute. */
  encode(text: string): Uint32Array;
  /** The text of `ids`: for code points the inverse of `encode`, lone surrogates too; words come with spaces between them. */
  decode(ids: ArrayLike<number>): string;
  has(symbol: string): boolean;
  id(symbol: string): number;
  symbol(id: number): string;
}

/** Every distinct code point of `text`, in ascending order. */
export function vocabulary(text: string): Vocabulary {
  if (text === "")
    throw new InputError({ where: "vocabulary.text", expected: "a text", got: "an empty one" });
  return vocabularyOf([...new Set(text)].sort((a, b) => a.codePointAt(0)! - b.codePointAt(0)!));
}

/** The vocabulary of a saved list of symbols, whose ids are their places in it. */
export function vocabularyOf(symbols: readonly string[]): Vocabulary {
  const size = symbols.length;
  if (size === 0)
    throw new InputError({ where: "vocabulary.symbols", expected: "at least one symbol", got: "none" });
  const points = symbols.map((symbol, id) => codePoint(symbol, `vocabulary.symbols[${id}]`));
  // From code point to id + 1, with 0 for none: one look-up for each symbol of a book.
  const table = new Uint32Array(points.reduce((a, b) => Math.max(a, b)) + 1);
  for (const [id, point] of points.entries()) {
    if (table[point] !== 0)
      throw new InputError({
        where: `vocabulary.symbols[${id}]`,
        expected: "every symbol once",
        got: `${describe(point)}, which is also at ${table[point] - 1}`,
      });
    table[point] = id + 1;
  }

  function encode(text: string): Uint32Array {
    const ids = new Uint32Array(text.length);
    let count = 0;
    for (let i = 0; i < text.length; i++) {
      const point = text.codePointAt(i)!;
      const entry = point < table.length ? table[point] : 0;
      if (entry === 0) throw unknown(text, i, size);
      ids[count++] = entry - 1;
      if (point > 0xffff) i++;
    }
    return count === ids.length ? ids : ids.slice(0, count);
  }

  function decode(ids: ArrayLike<number>): string {
    let text = "";
    for (let i = 0; i < ids.length; i++) text += findSymbol(symbols, ids[i]!, `vocabulary.decode[${i}]`);
    return text;
  }

  function id(symbol: string): number {
    const point = codePoint(symbol, "vocabulary.id");
    const entry = point < table.length ? table[point] : 0;
    if (entry === 0)
      throw new InputError({
        where: "vocabulary.id",
        expected: `one of the ${size} symbols of the vocabulary`,
        got: describe(point),
      });
    return entry - 1;
  }

  function has(symbol: string): boolean {
    const point = symbol.codePointAt(0) ?? Infinity;
    return table[point] > 0 && symbols[table[point] - 1] === symbol;
  }

  symbols = [...symbols];
  return {
    size,
    symbols,
    encode,
    decode,
    has,
    id,
    symbol: (id) => findSymbol(symbols, id, "vocabulary.symbol"),
  };
}

/** The symbol of an id. */
export function findSymbol(symbols: readonly string[], id: number, where: string): string {
  const symbol = symbols[id];
  if (symbol === undefined)
    throw new InputError({ where, expected: `an id from 0 to ${symbols.length - 1}`, got: `${id}` });
  return symbol;
}

/** The error of `encode` at `index`, with the place counted in symbols, as a reader would. */
function unknown(text: string, index: number, size: number): InputError {
  const before = [...text.slice(0, index)];
  const line = before.filter((symbol) => symbol === "\n").length + 1;
  const column = before.length - before.lastIndexOf("\n");
  return new InputError({
    where: "vocabulary.encode",
    expected: `only the ${size} symbols of the vocabulary`,
    got: `${describe(text.codePointAt(index)!)} at index ${before.length}, line ${line}, column ${column}`,
  });
}

function codePoint(symbol: string, where: string): number {
  const point = symbol.codePointAt(0);
  if (point === undefined || symbol.length > (point > 0xffff ? 2 : 1))
    throw new InputError({ where, expected: "a single Unicode code point", got: JSON.stringify(symbol) });
  return point;
}

function describe(point: number): string {
  const digits = point.toString(16).toUpperCase().padStart(4, "0");
  return `${JSON.stringify(String.fromCodePoint(point))} (U+${digits})`;
}
