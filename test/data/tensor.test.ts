/** A tensor has as many numbers as its shape says. */

import { expect, test } from "vitest";
import { tensor } from "../../ts/data/tensor.js";
import { InputError } from "../../ts/errors.js";

test("a tensor views its data under a shape of its own", () => {
  const data = new Float32Array(6);
  const shape = [2, 3];
  const made = tensor(data, shape);
  shape[0] = 9;
  expect(made.data).toBe(data);
  expect(made.shape).toEqual([2, 3]);
});

test("a tensor without axes holds one number, one with an empty axis none", () => {
  expect(tensor(new Uint32Array([7]), []).shape).toEqual([]);
  expect(tensor(new Float32Array(0), [3, 0]).shape).toEqual([3, 0]);
});

test.each([[[2, 2]], [[7]], [[]], [[2, -3]], [[1.5, 4]], [[NaN]], [[2 ** 53, 2 ** 53]]])(
  "a tensor of 6 numbers refuses the shape %j",
  (shape) => {
    expect(() => tensor(new Float32Array(6), shape)).toThrow(InputError);
  },
);

test("the error of a wrong shape gives both counts", () => {
  expect(() => tensor(new Float32Array(5), [2, 3])).toThrow(
    "tensor.data: expected 6 elements for the shape [2 x 3], got 5",
  );
});
