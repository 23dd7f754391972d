/** A learning curve trains on nested sets of the sizes asked for. */

import { expect, test } from "vitest";
import { learningCurve } from "../../ts/study/learning-curve.js";

const rows = Array.from({ length: 20 }, (_, i) => i);

test("each size is trained on rows of which the next has all, drawn anew each time", async () => {
  const sets: number[][][] = [[], []];
  const curve = await learningCurve(rows, {
    sizes: [2, 5, 20],
    repeats: 2,
    seed: 1,
    score: async (drawn, repeat) => {
      sets[repeat].push(drawn);
      return { train: drawn.length + repeat, heldOut: 10 * drawn.length };
    },
  });
  for (const [two, five, all] of sets) {
    expect(five.slice(0, 2)).toEqual(two);
    expect(all.slice(0, 5)).toEqual(five);
    expect([...all].sort((a, b) => a - b)).toEqual(rows);
  }
  expect(sets[0]).not.toEqual(sets[1]);
  expect(curve.map(({ size }) => size)).toEqual([2, 5, 20]);
  expect(curve[0].train).toEqual({ scores: [2, 3], mean: 2.5, deviation: Math.sqrt(0.5) });
  expect(curve[2].heldOut).toEqual({ scores: [200, 200], mean: 200, deviation: 0 });
});

test("a single score has no deviation", async () => {
  const [point] = await learningCurve(rows, { sizes: [3], seed: 0, score: () => ({ train: 4, heldOut: 5 }) });
  expect(point.train).toEqual({ scores: [4], mean: 4, deviation: 0 });
});

test.each([[[]], [[0]], [[21]], [[5, 5]], [[5, 2]]])("refuses the sizes %j", async (sizes) => {
  const score = () => ({ train: 0, heldOut: 0 });
  await expect(learningCurve(rows, { sizes, seed: 0, score })).rejects.toThrow("learningCurve.sizes");
});
