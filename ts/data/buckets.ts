/** Sequences of like length together, so that little of a batch is padding. */

/**
 * The lengths to pad to, ascending, at most `count` of them, of which the last is the longest: those for which the sequences
 * in all have the least padding, each padded to the next. By dynamic programming over the distinct lengths, in
 * O(count n²) for n of them.
 */
export function bucketLengths(lengths: ArrayLike<number>, count: number): number[] {
  const counts = new Map<number, number>();
  for (let i = 0; i < lengths.length; i++) counts.set(lengths[i], (counts.get(lengths[i]) ?? 0) + 1);
  const distinct = [...counts.keys()].sort((a, b) => a - b);
  const n = distinct.length;
  // How many sequences are shorter than distinct[i]: padded to distinct[j], those from i on take (before[j + 1] - before[i]) distinct[j].
  const before = new Float64Array(n + 1);
  for (let i = 0; i < n; i++) before[i + 1] = before[i] + counts.get(distinct[i])!;

  // Steps, padding included, of the i shortest lengths in so many buckets, and where the last of these begins.
  let best = new Float64Array(n + 1).fill(Infinity);
  best[0] = 0;
  const begins: Uint32Array[] = [];
  for (let bucket = 0; bucket < Math.min(count, n); bucket++) {
    const next = best.slice();
    const begin = new Uint32Array(n + 1).fill(n);
    for (let end = 1; end <= n; end++) {
      for (let from = 0; from < end; from++) {
        const steps = best[from] + (before[end] - before[from]) * distinct[end - 1];
        if (steps < next[end]) {
          next[end] = steps;
          begin[end] = from;
        }
      }
    }
    best = next;
    begins.push(begin);
  }

  const chosen: number[] = [];
  let end = n;
  while (end > 0) {
    const begin = begins.pop()!;
    if (begin[end] === n) continue; // fewer buckets do as well
    chosen.push(distinct[end - 1]);
    end = begin[end];
  }
  return chosen.reverse();
}
