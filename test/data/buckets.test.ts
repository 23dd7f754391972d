/** The lengths that rows are padded to leave as little padding as any could. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { bucketLengths } from "../../ts/data/buckets.js";

const padded = (lengths: readonly number[], paddings: readonly number[]) =>
  lengths.reduce((sum, length) => sum + paddings.find((padding) => length <= padding)!, 0);

/** All choices of at most `count` of some lengths that have the last. */
function choices(distinct: readonly number[], count: number): number[][] {
  const last = distinct.at(-1)!;
  let chosen: number[][] = [[]];
  for (const length of distinct.slice(0, -1)) chosen = chosen.flatMap((some) => [some, [...some, length]]);
  return chosen.filter(({ length }) => length < count).map((some) => [...some, last]);
}

test("no other lengths leave less padding", () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(lengths, fc.integer({ min: 1, max: 5 }), (lengths, count) => {
      const chosen = bucketLengths(lengths, count);
      const distinct = [...new Set(lengths)].sort((a, b) => a - b);
      expect(chosen.length).toBeLessThanOrEqual(count);
      expect(chosen).toEqual([...new Set(chosen)].sort((a, b) => a - b));
      expect(chosen.at(-1)).toBe(distinct.at(-1));
      const least = Math.min(...choices(distinct, count).map((other) => padded(lengths, other)));
      expect(padded(lengths, chosen)).toBe(least);
    }),
  );
});

test("as many buckets as there are lengths leave none", () => {
  expect(bucketLengths([7, 3, 9, 3], 3)).toEqual([3, 7, 9]);
  expect(bucketLengths([7, 3, 9, 3], 99)).toEqual([3, 7, 9]);
  expect(bucketLengths([5, 5], 4)).toEqual([5]);
});
