/** The fewest changes between two lists, and which. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { edits } from "../../ts/metrics/edits.js";

/** All ways to align two lists: for each way, how many changes of each kind. */
function ways(a: readonly string[], b: readonly string[]): number[][] {
  const [[first, ...after], [other, ...rest]] = [a, b];
  if (first === undefined) return [[0, 0, b.length, 0]];
  if (other === undefined) return [[0, a.length, 0, 0]];
  const step = (list: number[][], kind: number) =>
    list.map((way) => way.map((n, i) => n + (i === kind ? 1 : 0)));
  return [
    ...step(ways(after, rest), first === other ? 3 : 0),
    ...step(ways(after, b), 1),
    ...step(ways(a, rest), 2),
  ];
}

test("the changes are the fewest of all ways, and of those the ones with the most matches", () => {
  const list = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 5 });
  fc.assert(
    fc.property(list, list, (candidate, reference) => {
      const sorted = ways(candidate, reference).sort(
        (x, y) => x[0]! + x[1]! + x[2]! - y[0]! - y[1]! - y[2]! || y[3]! - x[3]!,
      );
      const [substitutions, insertions, deletions, matches] = sorted[0]!;
      expect(edits(candidate, reference)).toEqual({ substitutions, insertions, deletions, matches });
    }),
  );
});

test("kitten becomes sitting by two substitutions and an insertion, and lists may be of anything", () => {
  expect(edits("sitting", "kitten")).toEqual({ substitutions: 2, insertions: 1, deletions: 0, matches: 4 });
  expect(edits(Uint32Array.of(1, 2, 3), [1, 3])).toEqual({
    substitutions: 0,
    insertions: 1,
    deletions: 0,
    matches: 2,
  });
  expect(edits([], [])).toEqual({ substitutions: 0, insertions: 0, deletions: 0, matches: 0 });
});
