/** Byte-pair encoding: frequent groups of bytes as symbols, of which any text can be made. */

import { InputError } from "../errors.js";
import { bytesOf, textOf, visibleBytes } from "./bytes.js";
import { Queue } from "./queue.js";
import { type SpecialSymbols, type SpellingOptions, symbolTable } from "./symbols.js";
import type { Vocabulary } from "./vocabulary.js";

/** Most symbols of a vocabulary, most bytes of one symbol and of all together: a file must not fill the memory. */
export const MOST = 0x100000;
export const LONGEST = 1024;
const ALL = 0x1000000;

/** How many pieces of text are remembered with their symbols, and how long they may be. */
const REMEMBERED = 0x10000;
const SHORT = 64;

/** Two neighbours as one number. */
export function pairOf(left: number, right: number): number {
  return left * MOST + right;
}

/** The parts of a text across whose borders nothing is merged, by the rule of GPT-2: words, numbers, marks, each with a space before it. */
export function pieces(text: string): string[] {
  return text.match(/'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu) ?? [];
}

/**
 * The vocabulary of a list of merges (Sennrich, Haddow & Birch 2016, over bytes as Radford et al. 2019): after the special
 * symbols the 256 bytes, then what each merge makes. A text is cut into pieces, and in each the first merge of the list that
 * fits is applied, at its leftmost place, until none does. Every string comes back as it was, lone surrogates too. InputError
 * for a merge of what is not there yet, or for one that is there twice.
 */
export function bytePairVocabularyOf(
  merges: readonly string[],
  special?: SpecialSymbols | undefined,
): Vocabulary {
  const { symbols, ranks, made } = readMerges(merges);
  const { find: _, read, ...table } = symbolTable("bytePairVocabulary", symbols, special);
  const first = table.size - symbols.length;
  const numbers = new Uint32Array(256);
  const bytes = new Map<string, number>();
  for (const [i, { byte, character }] of visibleBytes().entries()) {
    numbers[byte] = i;
    bytes.set(character, byte);
  }
  const named = new Set(table.symbols.slice(0, first));
  const remembered = new Map<string, readonly number[]>();

  function idsOf(piece: string): readonly number[] {
    const known = remembered.get(piece);
    if (known) return known;
    const ids = merged(
      bytesOf(piece).map((byte) => numbers[byte]!),
      ranks,
      made,
    ).map((id) => first + id);
    if (piece.length <= SHORT) {
      if (remembered.size === REMEMBERED) remembered.clear();
      remembered.set(piece, ids);
    }
    return ids;
  }

  function decode(ids: ArrayLike<number>, options?: SpellingOptions): string {
    let text = "";
    let waiting: number[] = [];
    for (const symbol of read(ids, options)) {
      if (named.has(symbol)) {
        text += textOf(waiting) + symbol;
        waiting = [];
      } else {
        for (const character of symbol) waiting.push(bytes.get(character)!);
      }
    }
    return text + textOf(waiting);
  }

  return {
    ...table,
    definition: { kind: "bytePairs", ...(special && { special: { ...special } }), merges: [...merges] },
    encode: (text) => Uint32Array.from(pieces(text).flatMap(idsOf)),
    decode,
  };
}

/** The symbols of the bytes and of all merges, the place of each pair in the list, and which symbol each makes. */
function readMerges(merges: readonly string[]) {
  const symbols = visibleBytes().map(({ character }) => character);
  const ids = new Map(symbols.map((symbol, id) => [symbol, id]));
  const ranks = new Map<number, number>();
  const made: number[] = [];
  let all = symbols.length;
  for (const [rank, merge] of merges.entries()) {
    const where = `bytePairVocabulary.merges[${rank}]`;
    const parts = merge.split(" ");
    const [left, right] = parts.map((part) => ids.get(part));
    if (left === undefined || right === undefined || parts.length !== 2) {
      throw new InputError({
        where,
        expected: "two symbols that are there before it, with a space between them",
        got: JSON.stringify(merge),
      });
    }
    if (ranks.has(pairOf(left, right))) {
      throw new InputError({ where, expected: "every merge once", got: `${JSON.stringify(merge)} again` });
    }
    const symbol = parts.join("");
    all += symbol.length;
    if (symbol.length > LONGEST || all > ALL || symbols.length === MOST) {
      throw new InputError({
        where,
        expected: `at most ${MOST} symbols of ${LONGEST} bytes, ${ALL} in all`,
        got: "more",
      });
    }
    // What two merges make is one symbol.
    if (!ids.has(symbol)) ids.set(symbol, symbols.push(symbol) - 1);
    ranks.set(pairOf(left, right), rank);
    made.push(ids.get(symbol)!);
  }
  return { symbols, ranks, made };
}

/** No symbol: what is left of the right part of a merge. */
const NONE = -1;

/** More than there are places. */
const SHIFT = 0x100000000;

/** Applies the merges to the symbols of a piece, in O(n log n): the next one is at the top of a queue. */
function merged(ids: number[], ranks: ReadonlyMap<number, number>, made: readonly number[]): number[] {
  const next = ids.map((_, i) => i + 1);
  const before = ids.map((_, i) => i - 1);
  // A rank and a place as one number, so that the lowest is the first merge at its leftmost place.
  const queue = new Queue<number>((a, b) => a < b);
  const rankAt = (at: number) => ranks.get(pairOf(ids[at]!, ids[next[at]!]!));
  const offer = (at: number) => {
    const rank = at >= 0 && next[at]! < ids.length ? rankAt(at) : undefined;
    if (rank !== undefined) queue.push(rank * SHIFT + at);
  };
  for (const at of ids.keys()) offer(at);
  for (let top = queue.pop(); top !== undefined; top = queue.pop()) {
    const rank = Math.floor(top / SHIFT);
    const at = top % SHIFT;
    if (ids[at] === NONE || next[at]! >= ids.length || rankAt(at) !== rank) continue; // merged since
    const right = next[at]!;
    ids[at] = made[rank]!;
    ids[right] = NONE;
    next[at] = next[right]!;
    if (next[at]! < ids.length) before[next[at]!] = at;
    offer(before[at]!);
    offer(at);
  }
  return ids.filter((id) => id !== NONE);
}
