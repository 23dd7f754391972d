/** Whatever form numbers come in, they are read alike, and what is none is named with its row and column. */

import { expect, test } from "vitest";
import { readSeries, type Series, tableOf } from "../../ts/data/series.js";
import { tensor } from "../../ts/data/tensor.js";
import { InputError } from "../../ts/errors.js";

const forms: [string, Series][] = [
  [
    "rows",
    [
      [1, 2],
      [3, 4],
      [5, 6],
    ],
  ],
  ["rows of typed arrays", [Float32Array.of(1, 2), Float64Array.of(3, 4), Uint8Array.of(5, 6)]],
  ["a tensor", tensor(Float64Array.of(1, 2, 3, 4, 5, 6), [3, 2])],
  ["a tensor of indices", tensor(Uint32Array.of(1, 2, 3, 4, 5, 6), [3, 2])],
];

test.each(forms)("reads %s", (_, series) => {
  expect(tableOf("data", series)).toEqual({ shape: [3, 2], data: Float64Array.of(1, 2, 3, 4, 5, 6) });
});

test.each([
  ["numbers", [7, 8, 9]],
  ["a typed array", Float32Array.of(7, 8, 9)],
  ["a tensor of one axis", tensor(Float32Array.of(7, 8, 9), [3])],
] as [string, Series][])("reads %s as one column", (_, series) => {
  expect(tableOf("data", series)).toEqual({ shape: [3, 1], data: Float64Array.of(7, 8, 9) });
  expect(readSeries("data", series).flat).toBe(true);
});

test("names row and column of what is not a finite number", () => {
  expect(() =>
    tableOf("data", [
      [1, 2],
      [3, NaN],
    ]),
  ).toThrow("data[1][1]: expected a finite number, got NaN");
  expect(() => tableOf("data", tensor(Float32Array.of(0, 0, 0, Infinity), [2, 2]))).toThrow("data[1][1]");
  expect(() => tableOf("data", [0, 1, -Infinity])).toThrow(
    "data[2]: expected a finite number, got -Infinity",
  );
});

test.each([["12"], [""], [null], [undefined], [true]])("does not take %j for a number", (value) => {
  expect(() => tableOf("data", [[0], [value]] as never)).toThrow(/^data\[1\]: expected a finite number/);
  expect(() => tableOf("data", [value, 1] as never)).toThrow(/^data\[0\]: expected a finite number/);
  expect(() => tableOf("data", [0, 1, value] as never)).toThrow(/^data\[2\]: expected a finite number/);
});

test("refuses a number too large for where it is copied", () => {
  const { copyTo } = readSeries("data", [1, 1e39]);
  expect(() => copyTo(new Float32Array(2), 0)).toThrow(
    "data[1]: expected a number that is finite in float32, got 1e+39",
  );
});

test.each([-1, 0.5, 2 ** 32, NaN])("refuses %d for an index", (value) => {
  const { copyTo } = readSeries("data", [3, value]);
  expect(() => copyTo(new Uint32Array(2), 0)).toThrow(
    `data[1]: expected an index, a whole number from 0, got ${value}`,
  );
});

test("refuses rows that differ in length, and no rows", () => {
  expect(() => tableOf("data", [[1, 2], [3], [4, 5]])).toThrow(
    "data[1]: expected 2 numbers as in row 0, got 1",
  );
  expect(() => tableOf("data", { shape: [2, 2], data: new Float32Array(3) })).toThrow(InputError);
  expect(() => tableOf("data", [])).toThrow(InputError);
  expect(() => tableOf("data", [[], []])).toThrow(InputError);
  expect(() => tableOf("data", tensor(new Float32Array(8), [2, 2, 2]))).toThrow("[rows] or [rows, width]");
});
