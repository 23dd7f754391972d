/** Differences and what they are of. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { difference, integrate } from "../../ts/data/difference.js";

test("takes from each row the one so many before", () => {
  expect(difference([1, 4, 9, 16])).toEqual({ shape: [3, 1], data: Float64Array.of(3, 5, 7) });
  expect(
    difference(
      [
        [1, 0],
        [4, 1],
        [9, 5],
      ],
      2,
    ),
  ).toEqual({ shape: [1, 2], data: Float64Array.of(8, 5) });
});

test("is undone by the rows that came first: whole numbers exactly", () => {
  const series = fc.array(fc.array(fc.integer(), { minLength: 2, maxLength: 2 }), {
    minLength: 2,
    maxLength: 40,
  });
  fc.assert(
    fc.property(series, fc.nat(100), (rows, more) => {
      const lag = 1 + (more % (rows.length - 1));
      const { data } = integrate(difference(rows, lag), rows.slice(0, lag));
      expect([...data]).toEqual(rows.flat());
    }),
  );
});

test("refuses a series that is not longer than the lag, and what is no number", () => {
  expect(() => difference([1, 2], 2)).toThrow("difference: expected more rows than the lag of 2, got 2");
  expect(() => difference([1, 2], 0)).toThrow("difference.lag");
  expect(() => difference([1, NaN])).toThrow("difference[1]: expected a finite number, got NaN");
  expect(() => integrate([[1, 2]], [1])).toThrow(
    "integrate.before: expected rows of 2 numbers, got rows of 1",
  );
});
