/** Learning which bytes come together often. */

import { requireWhole } from "../data/checks.js";
import { bytePairVocabularyOf, LONGEST, MOST, pairOf, pieces } from "./byte-pairs.js";
import { bytesOf, visibleBytes } from "./bytes.js";
import { Queue } from "./queue.js";
import { count, type SpecialSymbols } from "./symbols.js";
import type { Vocabulary } from "./vocabulary.js";

export interface BytePairOptions {
  /** How many symbols there shall be: the special ones, 256 bytes, and one for each merge. Fewer, where nothing is left to merge. */
  readonly size: number;
  /** How often a pair must occur to be merged; default 2. */
  readonly atLeast?: number;
  /** Symbols that no text becomes; they have the ids 0, 1, … before all others. */
  readonly special?: SpecialSymbols;
}

/**
 * Learns a byte-pair encoding (Sennrich, Haddow & Birch 2016) from a text or several: again and again the most frequent pair of
 * neighbours becomes one symbol, of equally frequent ones that with the lowest ids. Works through the places where a pair
 * is and no others, so that all of it takes little more than O(n log n) for n bytes of distinct pieces.
 */
export function bytePairVocabulary(
  texts: string | Iterable<string>,
  { size, atLeast = 2, special = {} }: BytePairOptions,
): Vocabulary {
  const first = Object.keys(special).length + 256;
  requireWhole("bytePairVocabulary.size", size, first, MOST);
  requireWhole("bytePairVocabulary.atLeast", atLeast);
  const counts = new Map<string, number>();
  for (const text of typeof texts === "string" ? [texts] : texts) count(pieces(text), counts);
  return bytePairVocabularyOf(new Merging(counts).merge(size - first, atLeast), special);
}

interface Pair {
  readonly left: number;
  readonly right: number;
  count: number;
  /** Where it was seen; at some of these places it may have been merged into something else since. */
  readonly places: number[];
}

/** How often a pair was there when it was put in line. */
interface Offer {
  readonly pair: Pair;
  readonly count: number;
}

/** No symbol. */
const NONE = -1;

/** All distinct pieces one after another, with what is before and after each symbol in its piece. */
class Merging {
  readonly #ids: number[] = [];
  readonly #before: number[] = [];
  readonly #next: number[] = [];
  /** How often the piece occurs. */
  readonly #weights: number[] = [];
  readonly #pairs = new Map<number, Pair>();
  readonly #symbols = visibleBytes().map(({ character }) => character);
  readonly #known = new Map(this.#symbols.map((symbol, id) => [symbol, id]));
  readonly #queue = new Queue<Offer>(
    (a, b) =>
      a.count > b.count ||
      (a.count === b.count &&
        (a.pair.left < b.pair.left || (a.pair.left === b.pair.left && a.pair.right < b.pair.right))),
  );

  constructor(counts: ReadonlyMap<string, number>) {
    const numbers = new Map(visibleBytes().map(({ byte }, id) => [byte, id]));
    for (const [piece, times] of counts) {
      const bytes = bytesOf(piece);
      for (const [i, byte] of bytes.entries()) {
        const at = this.#ids.length;
        this.#ids.push(numbers.get(byte)!);
        this.#weights.push(times);
        this.#before.push(i > 0 ? at - 1 : NONE);
        this.#next.push(i + 1 < bytes.length ? at + 1 : NONE);
      }
    }
    for (const at of this.#ids.keys()) this.#see(at);
    for (const pair of this.#pairs.values()) this.#queue.push({ pair, count: pair.count });
  }

  /** Up to `most` merges, the first one first. */
  merge(most: number, atLeast: number): string[] {
    const merges: string[] = [];
    let made = 0;
    while (made < most) {
      const top = this.#queue.pop();
      if (!top) break;
      const { pair, count } = top;
      if (pair.count < atLeast) continue;
      if (count !== pair.count) {
        this.#queue.push({ pair, count: pair.count }); // some of it has been merged since
        continue;
      }
      const [left, right] = [this.#symbols[pair.left]!, this.#symbols[pair.right]!];
      if (left.length + right.length > LONGEST) continue;
      merges.push(`${left} ${right}`);
      if (!this.#known.has(left + right)) {
        this.#known.set(left + right, this.#symbols.push(left + right) - 1);
        made++;
      }
      this.#apply(pair, this.#known.get(left + right)!);
    }
    return merges;
  }

  /** Puts `symbol` wherever the pair is. */
  #apply(pair: Pair, symbol: number): void {
    const [ids, before, next] = [this.#ids, this.#before, this.#next];
    const grown = new Set<Pair>();
    const places = pair.places.splice(0).sort((a, b) => a - b);
    for (const at of places) {
      const right = next[at]!;
      if (ids[at] !== pair.left || right === NONE || ids[right] !== pair.right) continue;
      for (const place of [before[at]!, at, right]) this.#forget(place);
      ids[at] = symbol;
      ids[right] = NONE;
      next[at] = next[right]!;
      if (next[at] !== NONE) before[next[at]!] = at;
      for (const place of [before[at]!, at]) {
        const seen = this.#see(place);
        if (seen) grown.add(seen);
      }
    }
    for (const seen of grown) this.#queue.push({ pair: seen, count: seen.count });
  }

  /** Counts the pair that begins at a place, if there is one. */
  #see(at: number): Pair | undefined {
    const right = at === NONE ? NONE : this.#next[at]!;
    if (right === NONE) return undefined;
    const [left, other] = [this.#ids[at]!, this.#ids[right]!];
    const key = pairOf(left, other);
    let pair = this.#pairs.get(key);
    if (!pair) {
      pair = { left, right: other, count: 0, places: [] };
      this.#pairs.set(key, pair);
    }
    pair.count += this.#weights[at]!;
    pair.places.push(at);
    return pair;
  }

  #forget(at: number): void {
    const right = at === NONE ? NONE : this.#next[at]!;
    if (right === NONE) return;
    this.#pairs.get(pairOf(this.#ids[at]!, this.#ids[right]!))!.count -= this.#weights[at]!;
  }
}
