/** Scaling gives the notes' numbers, knows nothing but what it was fitted on, and can be undone. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { minMax, type Scaler, scalerOf, standardise } from "../../ts/data/scale.js";
import { tensor } from "../../ts/data/tensor.js";
import { FormatError, InputError } from "../../ts/errors.js";
import notes from "../golden/notes/scaling.json" with { type: "json" };
import { expectClose } from "../reference/compare.js";

const number = fc.double({ min: -1e6, max: 1e6, noNaN: true });
const tables = fc
  .record({ rows: fc.integer({ min: 1, max: 13 }), width: fc.integer({ min: 1, max: 5 }) })
  .chain(({ rows, width }) =>
    fc.array(fc.array(number, { minLength: width, maxLength: width }), { minLength: rows, maxLength: rows }),
  );

const fits = [
  ["standardise", standardise],
  ["minMax", minMax],
] as const;

test("gives the notes' numbers", () => {
  expectClose(standardise(notes.x).apply(notes.x).data, notes.standard, 1e-15);
  expectClose(minMax(notes.x).apply(notes.x).data, notes.minmax, 1e-15);
});

test.each(fits)("%s makes 0 of a constant column, and the constant of any number", (_, make) => {
  const scaler = make([
    [0.1, 1],
    [0.1, 2],
    [0.1, 3],
  ]);
  const { data } = scaler.apply([
    [0.1, 2],
    [7, 2],
  ]);
  expect([data[0], data[2]]).toEqual([0, 0]);
  expect(scaler.invert([[5, 0]]).data[0]).toBe(0.1);
  expect(make([3]).apply([3]).data).toEqual(Float64Array.of(0));
});

test.each(fits)("%s can be undone, by what JSON has kept too", (_, make) => {
  fc.assert(
    fc.property(tables, (table) => {
      const scaler = make(table);
      const again = scalerOf(JSON.parse(JSON.stringify(scaler)));
      expect([again.offset, again.factor]).toEqual([scaler.offset, scaler.factor]);
      const scaled = scaler.apply(table);
      expect(again.apply(table)).toEqual(scaled);
      const { data } = again.invert(scaled);
      const largest = Math.max(1, ...table.flat().map(Math.abs));
      for (const [i, x] of table.flat().entries())
        expect(Math.abs(data[i] - x)).toBeLessThan(1e-14 * largest);
    }),
  );
});

test("leaves each column with mean 0 and variance 1, or between 0 and 1", () => {
  fc.assert(
    fc.property(tables, (table) => {
      const [width] = [table[0].length];
      const columns = (scaler: Scaler) => {
        const { data } = scaler.apply(table);
        return Array.from({ length: width }, (_, c) => table.map((_, r) => data[r * width + c]));
      };
      const spread = (c: number) =>
        Math.max(...table.map((row) => row[c])) - Math.min(...table.map((row) => row[c]));
      for (const [c, column] of columns(standardise(table)).entries()) {
        if (spread(c) < 1) continue; // below what the mean of such numbers resolves
        const mean = column.reduce((a, b) => a + b) / column.length;
        expect(mean).toBeCloseTo(0, 6);
        expect(column.reduce((sum, x) => sum + (x - mean) ** 2, 0) / column.length).toBeCloseTo(1, 6);
      }
      for (const [c, column] of columns(minMax(table)).entries())
        expect([Math.min(...column) + 0, Math.max(...column) + 0]).toEqual(spread(c) > 0 ? [0, 1] : [0, 0]);
    }),
  );
});

test("knows nothing of rows that it was not fitted on", () => {
  const table = Array.from({ length: 20 }, (_, row) => [row * row, -row]);
  for (const make of [standardise, minMax]) {
    const inner = make(table, { from: 3, to: 11 });
    expect([inner.offset, inner.factor]).toEqual([
      make(table.slice(3, 11)).offset,
      make(table.slice(3, 11)).factor,
    ]);
    expect(inner.offset).not.toEqual(make(table).offset);
  }
});

test("scales back what a model puts out, of any shape", () => {
  const scaler = standardise([
    [0, 10],
    [2, 30],
  ]);
  const { shape, data } = scaler.invert(tensor(Float32Array.of(1, 1, -1, 0, 0, -1, 2, 2), [2, 2, 2]));
  expect(shape).toEqual([2, 2, 2]);
  expect(data).toEqual(Float64Array.of(2, 30, 0, 20, 1, 10, 3, 40));
});

test("has a scaler for each column", () => {
  const scaler = minMax([
    [0, 10],
    [2, 30],
  ]);
  expect(scaler.column(1).apply([10, 20]).data).toEqual(Float64Array.of(0, 0.5));
  expect(() => scaler.column(2)).toThrow(InputError);
});

test("refuses other widths, what is no number, and a fit on nothing", () => {
  const scaler = standardise([
    [0, 10],
    [2, 30],
  ]);
  expect(() => scaler.apply([[1, 2, 3]])).toThrow("scaler.apply: expected rows of 2 numbers, got rows of 3");
  expect(() => scaler.invert([1, 2])).toThrow("scaler.invert: expected rows of 2 numbers, got rows of 1");
  expect(() => scaler.apply([[1, NaN]])).toThrow("scaler.apply[0][1]: expected a finite number, got NaN");
  expect(() => standardise([1e300, -1e300])).toThrow("standardise column 0: expected numbers whose squares");
  expect(() =>
    standardise([
      [1, 2],
      [3, Infinity],
    ]),
  ).toThrow("standardise[1][1]");
  expect(() => minMax([])).toThrow("minMax: expected at least one row, got none");
  expect(() => minMax([1, 2], { from: 2 })).toThrow("minMax.from: expected a whole number from 0 to 1");
  expect(() => minMax([1, 2], { to: 3 })).toThrow("minMax.to");
});

test.each([
  [null],
  [{}],
  [{ offset: [1], factor: [] }],
  [{ offset: [1], factor: [null] }],
  [{ offset: ["1"], factor: [1] }],
])("takes no scaler from %j", (kept) => {
  expect(() => scalerOf(kept)).toThrow(FormatError);
});
