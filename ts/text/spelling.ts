/** Which known words are spelled like an unknown one. */

/**
 * Up to `most` of `known` at the least distance from `word`, which is at most 2: insertions, deletions, substitutions and
 * exchanges of neighbours (optimal string alignment; Damerau 1964). Equal ones keep their order.
 */
export function similarlySpelled(word: string, known: Iterable<string>, most = 3): string[] {
  const found: { word: string; distance: number }[] = [];
  for (const other of known) {
    if (Math.abs(other.length - word.length) > 2) continue;
    const distance = distanceOf(word, other);
    if (distance <= 2 && distance < Math.max(word.length, 2)) found.push({ word: other, distance });
  }
  found.sort((a, b) => a.distance - b.distance);
  return found.slice(0, most).map(({ word }) => word);
}

/** "did you mean …?", or undefined where nothing is spelled like it. */
export function suggestion(word: string, known: Iterable<string>): string | undefined {
  const similar = similarlySpelled(word, known).map((other) => JSON.stringify(other));
  return similar.length > 0 ? `did you mean ${similar.join(" or ")}?` : undefined;
}

/** By rows of the table of distances between all beginnings of both words. */
function distanceOf(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let least = Math.min(row[j]! + 1, next[j - 1]! + 1, substituted);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, before[j - 2]! + 1);
      }
      next.push(least);
    }
    before = row;
    row = next;
  }
  return row[b.length]!;
}
