/** What word2vec draws from, and which way a hierarchical softmax takes to a word. */
import { power } from "../numeric.js";

/**
 * The alias table [entries][2] of a distribution in proportion to `weights` (Walker 1977, built as by Vose 1991): a column is
 * drawn evenly, and gives itself below its threshold, a fraction of 2^32, and its other word above.
 */
export function aliasTable(weights: ArrayLike<number>): Uint32Array {
  const size = weights.length;
  let total = 0;
  for (let i = 0; i < size; i++) total += weights[i]!;
  const rest = Float64Array.from(weights, (weight) => (weight * size) / total);
  const small: number[] = [];
  const large: number[] = [];
  for (let i = 0; i < size; i++) (rest[i]! < 1 ? small : large).push(i);
  const table = new Uint32Array(2 * size);
  while (small.length > 0 && large.length > 0) {
    const [low, high] = [small.pop()!, large.at(-1)!];
    table[2 * low] = Math.floor(rest[low]! * 0x100000000);
    table[2 * low + 1] = high;
    rest[high]! -= 1 - rest[low]!;
    if (rest[high]! < 1) small.push(large.pop()!);
  }
  for (const full of [...small, ...large]) table.set([0xffffffff, full], 2 * full);
  return table;
}

/** The unigram distribution to the power 3/4, of which negative samples are drawn (Mikolov, Sutskever et al. 2013). */
export function negativeTable(counts: Uint32Array): Uint32Array {
  return aliasTable(Float64Array.from(counts, (count) => power(count, 0.75)));
}

/**
 * For each word, as a fraction of 2^32, how often it counts: sqrt(t / f) + t / f for its frequency f, at most 1. The formula
 * of the authors' program; their paper's has no second term.
 */
export function keepThresholds(counts: Uint32Array, sample: number): Uint32Array {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return Uint32Array.from(counts, (count) => {
    const ratio = (sample * total) / count;
    return Math.min(1, Math.sqrt(ratio) + ratio) * 0xffffffff;
  });
}

/**
 * The paths from the root of a Huffman tree (Huffman 1952) to each word: starts [words + 1], and for each node on the way its
 * number times 2, plus 1 where the path turns right. There are as many nodes as words but one.
 */
export function huffmanPaths(counts: Uint32Array): { starts: Uint32Array; nodes: Uint32Array } {
  const size = counts.length;
  const order = [...counts.keys()].sort((a, b) => counts[a]! - counts[b]! || a - b);
  const weights = new Float64Array(2 * size - 1);
  for (const [i, word] of order.entries()) weights[i] = counts[word]!;
  const parents = new Uint32Array(2 * size - 1);
  const turns = new Uint8Array(2 * size - 1);
  // Leaves ascend from 0 and inner nodes from `size`: the two lightest are at the front of one or the other.
  let leaf = 0;
  let inner = size;
  for (let made = size; made < 2 * size - 1; made++) {
    for (const turn of [0, 1]) {
      const child = leaf < size && (inner === made || weights[leaf]! <= weights[inner]!) ? leaf++ : inner++;
      weights[made]! += weights[child]!;
      parents[child] = made;
      turns[child] = turn;
    }
  }
  const root = 2 * size - 2;
  const paths: number[][] = [];
  for (const [i, word] of order.entries()) {
    const path: number[] = [];
    for (let node = i; node !== root; node = parents[node]!)
      path.push((parents[node]! - size) * 2 + turns[node]!);
    paths[word] = path.reverse();
  }
  const starts = new Uint32Array(size + 1);
  for (let word = 0; word < size; word++) starts[word + 1] = starts[word]! + paths[word]!.length;
  return { starts, nodes: Uint32Array.from(paths.flat()) };
}
