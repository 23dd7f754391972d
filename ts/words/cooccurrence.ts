/** How often words are seen together. */
import type { Corpus } from "./corpus.js";

/** Pairs of ids, each both ways, and how often they were seen together. */
export interface Cooccurrences {
  readonly words: Uint32Array;
  readonly contexts: Uint32Array;
  readonly counts: Float64Array;
}

/**
 * Counts every two words of a sentence that are at most `window` apart as 1 / distance (Pennington, Socher & Manning 2014), in
 * the order in which the pairs are first seen.
 */
export function cooccurrences({ ids, starts, vocabulary }: Corpus, window: number): Cooccurrences {
  const table = new PairTable();
  for (let sentence = 0; sentence + 1 < starts.length; sentence++) {
    const begin = starts[sentence]!;
    const end = starts[sentence + 1]!;
    for (let i = begin; i < end; i++) {
      for (let j = Math.max(begin, i - window); j < i; j++) {
        const [low, high] = ids[i]! < ids[j]! ? [ids[i]!, ids[j]!] : [ids[j]!, ids[i]!];
        // Both ways count: a word is twice in its own surroundings.
        table.add(low * vocabulary.size + high, (low === high ? 2 : 1) / (i - j));
      }
    }
  }
  const size = vocabulary.size;
  const both = table.keys.reduce((count, key) => count + (key % size === Math.floor(key / size) ? 1 : 2), 0);
  const words = new Uint32Array(both);
  const contexts = new Uint32Array(both);
  const counts = new Float64Array(both);
  let at = 0;
  for (const [entry, key] of table.keys.entries()) {
    const [low, high] = [Math.floor(key / size), key % size];
    for (const [word, context] of low === high
      ? [[low, high]]
      : [
          [low, high],
          [high, low],
        ]) {
      words[at] = word!;
      contexts[at] = context!;
      counts[at++] = table.sums[entry]!;
    }
  }
  return { words, contexts, counts };
}

/** Sums by key, in the order in which the keys came: open addressing with typed arrays, twenty bytes to a key and more. */
class PairTable {
  #keys = new Float64Array(1024);
  #sums = new Float64Array(1024);
  /** Place of a key plus one, 0 for none. */
  #slots = new Uint32Array(2048);
  #count = 0;

  get keys(): Float64Array {
    return this.#keys.subarray(0, this.#count);
  }

  get sums(): Float64Array {
    return this.#sums.subarray(0, this.#count);
  }

  add(key: number, amount: number): void {
    const slot = this.#find(key);
    const place = this.#slots[slot]!;
    if (place > 0) {
      this.#sums[place - 1]! += amount;
      return;
    }
    this.#keys[this.#count] = key;
    this.#sums[this.#count] = amount;
    this.#slots[slot] = ++this.#count;
    if (this.#count === this.#keys.length) this.#grow();
  }

  #find(key: number): number {
    const mask = this.#slots.length - 1;
    const mixed = Math.imul(key | 0, 0x9e3779b1) ^ Math.imul((key / 0x100000000) | 0, 0x85ebca6b);
    let slot = (mixed ^ (mixed >>> 15)) & mask;
    while (this.#slots[slot]! > 0 && this.#keys[this.#slots[slot]! - 1] !== key) slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const [keys, sums] = [this.#keys, this.#sums];
    this.#keys = new Float64Array(2 * keys.length);
    this.#sums = new Float64Array(2 * keys.length);
    this.#keys.set(keys);
    this.#sums.set(sums);
    this.#slots = new Uint32Array(4 * keys.length);
    for (let place = 0; place < this.#count; place++) this.#slots[this.#find(keys[place]!)] = place + 1;
  }
}
