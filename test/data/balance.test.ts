/** Rare classes count as much as common ones. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { classWeights, resample } from "../../ts/data/balance.js";
import { InputError } from "../../ts/errors.js";

const labels = fc.array(fc.nat(3), { minLength: 1, maxLength: 60 });

test("weighted, all classes that have rows weigh the same, and a row 1 on the average", () => {
  fc.assert(
    fc.property(labels, (labels) => {
      const weights = classWeights(labels, 5);
      const present = [...new Set(labels)];
      const total = (label: number) => weights[label] * labels.filter((one) => one === label).length;
      for (const label of [0, 1, 2, 3, 4])
        expect(total(label)).toBeCloseTo(present.includes(label) ? labels.length / present.length : 0, 10);
    }),
  );
  expect(classWeights([0, 0, 0, 1], 2)).toEqual(Float64Array.of(4 / 6, 2));
});

test("resampled, all classes have as many rows, each of a small class as often as any other of it or once more", () => {
  fc.assert(
    fc.property(
      labels,
      fc.nat(),
      fc.option(fc.integer({ min: 1, max: 80 }), { nil: undefined }),
      (labels, seed, count) => {
        const rows = labels.map((label, id) => ({ id, label }));
        const drawn = resample(rows, ({ label }) => label, { seed, ...(count !== undefined && { count }) });
        const classes = [...new Set(labels)];
        const sizes = classes.map((label) => labels.filter((one) => one === label).length);
        const each = count ?? Math.max(...sizes);
        expect(drawn.length).toBe(each * classes.length);
        for (const [i, label] of classes.entries()) {
          const times = rows
            .filter((row) => row.label === label)
            .map((row) => drawn.filter((one) => one === row).length);
          expect(times.reduce((a, b) => a + b)).toBe(each);
          for (const n of times)
            expect([Math.floor(each / sizes[i]), Math.ceil(each / sizes[i])]).toContain(n);
        }
      },
    ),
  );
});

test("the seed draws the rows and their order", () => {
  const rows = Array.from({ length: 30 }, (_, i) => i);
  const draw = (seed: number) => resample(rows, (row) => row % 10 === 0, { seed });
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
});

test("refuses no rows, and labels that are no class", () => {
  expect(() => classWeights([], 2)).toThrow("classWeights: expected at least one label, got none");
  expect(() => classWeights([0, 2], 2)).toThrow(
    "classWeights[1]: expected a whole number from 0 to 1, got 2",
  );
  expect(() => resample([], () => 0, { seed: 1 })).toThrow(InputError);
  expect(() => resample([1], () => 0, { seed: 1, count: 0 })).toThrow("resample.count");
});
