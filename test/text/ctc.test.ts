/** Labels read from outputs: the likeliest path, and the likeliest labels over all paths. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ctcDecode, InputError, tensor } from "../../ts/index.js";
import { normals } from "../reference/draw.js";
import { collapse, logSoftmax } from "../reference/losses.js";

const sure = (classes: number, ...path: readonly number[]) =>
  tensor(
    Float32Array.from(
      path.flatMap((best) => Array.from({ length: classes }, (_, c) => (c === best ? 1 : 0))),
    ),
    [1, path.length, classes],
  );

test("repeated classes are merged and blanks dropped", () => {
  expect(ctcDecode(sure(3, 0, 1, 1, 0, 1, 2, 2, 0))).toEqual([[1, 1, 2]]);
  expect(ctcDecode(sure(3, 0, 1, 1, 2, 1), { blank: 2 })).toEqual([[0, 1, 1]]);
  expect(ctcDecode(sure(3, 0, 0, 0))).toEqual([[]]);
});

test("every row has its own length", () => {
  const outputs = tensor(Float32Array.from([...sure(2, 1, 0, 1).data, ...sure(2, 1, 0, 1).data]), [2, 3, 2]);
  expect(ctcDecode(outputs, { lengths: [3, 2] })).toEqual([[1, 1], [1]]);
  expect(ctcDecode(outputs, { lengths: [0, 1], beams: 2 })).toEqual([[], [1]]);
});

test("labels that many paths give win over the one likeliest path (Graves et al. 2006, figure 2)", () => {
  const outputs = tensor(Float32Array.from([0.6, 0.4, 0.6, 0.4].map(Math.log)), [1, 2, 2]);
  expect(ctcDecode(outputs)).toEqual([[]]); // 0.36
  expect(ctcDecode(outputs, { beams: 4 })).toEqual([[1]]); // 0.64
});

test("with beams enough for all beginnings the labels are the likeliest of all", () => {
  const trials = fc.record({
    steps: fc.integer({ min: 1, max: 5 }),
    classes: fc.integer({ min: 2, max: 3 }),
    seed: fc.integer({ min: 0, max: 1000 }),
    blank: fc.integer({ min: 0, max: 1 }),
  });
  fc.assert(
    fc.property(trials, ({ steps, classes, seed, blank }) => {
      const outputs = tensor(normals(steps * classes, seed), [1, steps, classes]);
      const logs = Array.from({ length: steps }, (_, t) =>
        logSoftmax(outputs.data.slice(t * classes, (t + 1) * classes)),
      );
      const likely = new Map<string, number>();
      for (let path = 0; path < classes ** steps; path++) {
        const digits = logs.map((_, t) => Math.floor(path / classes ** t) % classes);
        const key = collapse(digits, blank).join();
        const log = digits.reduce((sum, c, t) => sum + logs[t][c], 0);
        likely.set(key, (likely.get(key) ?? 0) + Math.exp(log));
      }
      const [[best]] = [...likely].sort((a, b) => b[1] - a[1]);
      expect(ctcDecode(outputs, { beams: 200, blank })[0].join()).toBe(best);
    }),
    { seed: 7, numRuns: 200 },
  );
});

test("a thousand steps do not underflow", () => {
  const outputs = tensor(normals(3000, 1, 0.1), [1, 1000, 3]);
  const [labels] = ctcDecode(outputs, { beams: 4 });
  expect(labels.length).toBeGreaterThan(100);
});

describe("refused:", () => {
  const outputs = tensor(new Float32Array(12), [2, 2, 3]);
  test.each<[string, () => unknown]>([
    ["ctcDecode: expected [batch, steps, classes]", () => ctcDecode(tensor(new Float32Array(6), [2, 3]))],
    ["ctcDecode.blank: expected a whole number from 0 to 2, got 3", () => ctcDecode(outputs, { blank: 3 })],
    ["ctcDecode.beams: expected a whole number from 1, got 0", () => ctcDecode(outputs, { beams: 0 })],
    ["ctcDecode.lengths: expected one for each of 2 rows, got 1", () => ctcDecode(outputs, { lengths: [1] })],
    [
      "ctcDecode.lengths[1]: expected a whole number from 0 to 2, got 3",
      () => ctcDecode(outputs, { lengths: [1, 3] }),
    ],
  ])("%s", (message, attempt) => {
    expect(attempt).toThrow(InputError);
    expect(attempt).toThrow(message);
  });
});
