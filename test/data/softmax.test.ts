/** Probabilities from logits of any size. */
import { expect, test } from "vitest";
import { sigmoidOf, softmaxOf, tensor } from "../../ts/index.js";
import { normals } from "../reference/draw.js";
import { logSoftmax } from "../reference/losses.js";

test("softmaxOf works along the last axis", () => {
  const logits = tensor(normals(24, 1, 3), [2, 3, 4]);
  const { shape, data } = softmaxOf(logits);
  expect(shape).toEqual([2, 3, 4]);
  for (let row = 0; row < 6; row++) {
    const expected = logSoftmax(logits.data.slice(row * 4, row * 4 + 4)).map(Math.exp);
    expected.forEach((value, c) => {
      expect(data[row * 4 + c]).toBeCloseTo(value, 7);
    });
  }
});

test("logits that overflow an exponential do not overflow softmax: the notes' example", () => {
  const { data } = softmaxOf(tensor(Float32Array.of(2, 1, 0.1, 1000, -1000), [5]));
  expect([...data]).toEqual([0, 0, 0, 1, 0]);
  expect([...softmaxOf(tensor(Float32Array.of(0, -Infinity), [1, 2])).data]).toEqual([1, 0]);
});

test("softmax of 0 and x is the logistic function of -x, the notes' special case", () => {
  for (const x of [-2, 0, 3]) {
    const [first] = softmaxOf(tensor(Float32Array.of(0, x), [2])).data;
    expect(first).toBe(sigmoidOf(tensor(Float32Array.of(-x), [1])).data[0]);
  }
  expect(softmaxOf(tensor(Float32Array.of(0, 3), [2])).data[0]).toBe(Math.fround(0.04742587317756678));
});

test("sigmoidOf keeps both tails", () => {
  const { shape, data } = sigmoidOf(tensor(Float32Array.of(-1000, -80, 0, 80, 1000, NaN), [3, 2]));
  expect(shape).toEqual([3, 2]);
  expect([...data]).toEqual([0, Math.fround(1.8048513878454153e-35), 0.5, 1, 1, NaN]);
});
