/** Every row is held out in one fold. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { folds } from "../../ts/data/folds.js";
import { InputError } from "../../ts/errors.js";

const cases = fc
  .record({ labels: fc.array(fc.nat(2), { minLength: 2, maxLength: 40 }), more: fc.nat(38), seed: fc.nat() })
  .map(({ labels, more, seed }) => ({
    rows: labels.map((label, id) => ({ id, label })),
    options: { folds: 2 + (more % (labels.length - 1)), seed },
  }));

test("every row is held out once and trained on in all other folds, which are of one size", () => {
  fc.assert(
    fc.property(cases, ({ rows, options }) => {
      const made = folds(rows, options);
      const held = made.flatMap(({ heldOut }) => heldOut.map(({ id }) => id));
      expect(held.sort((a, b) => a - b)).toEqual(rows.map(({ id }) => id));
      const sizes = made.map(({ heldOut }) => heldOut.length);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      for (const { train, heldOut } of made) {
        expect(new Set([...train, ...heldOut]).size).toBe(rows.length);
        expect(train.length + heldOut.length).toBe(rows.length);
      }
    }),
  );
});

test("with labels every fold has its share of each", () => {
  fc.assert(
    fc.property(cases, ({ rows, options }) => {
      const made = folds(rows, { ...options, label: ({ label }) => label });
      for (const label of [0, 1, 2]) {
        const counts = made.map(({ heldOut }) => heldOut.filter((row) => row.label === label).length);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      }
    }),
  );
});

test("the seed draws them", () => {
  const rows = Array.from({ length: 30 }, (_, i) => i);
  expect(folds(rows, { folds: 3, seed: 1 })).toEqual(folds(rows, { folds: 3, seed: 1 }));
  expect(folds(rows, { folds: 3, seed: 1 })).not.toEqual(folds(rows, { folds: 3, seed: 2 }));
});

test("there are at least two folds and a row for each", () => {
  expect(() => folds([1, 2], { folds: 1, seed: 0 })).toThrow(
    "folds.folds: expected a whole number from 2, got 1",
  );
  expect(() => folds([1, 2], { folds: 3, seed: 0 })).toThrow(
    "folds: expected at least 3 rows, one for each fold, got 2",
  );
  expect(() => folds([1, 2], { folds: 2, seed: -1 })).toThrow(InputError);
});
