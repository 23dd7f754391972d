/** Bias², variance and noise make up the error exactly, and are those of the notes' experiment. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { activation, adam, dense, features, InputError, model, squaredError } from "../../ts/index.js";
import { type BiasVariance, biasVariance, decomposeError } from "../../ts/study/bias-variance.js";
import polynomials from "../golden/bias-variance/polynomials.json" with { type: "json" };
import notes from "../golden/notes/bias-variance.json" with { type: "json" };

const number = fc.double({ min: -1e3, max: 1e3, noNaN: true });

function expectIdentity({ squaredBias, variance, noise, error }: BiasVariance) {
  expect(Math.abs(squaredBias + variance + noise - error)).toBeLessThanOrEqual(1e-9 * Math.max(1, error));
}

describe("the notes' experiment: polynomials through 15 noisy points of sin 2x", () => {
  test.each(["0", "1", "3"] as const)(
    "of degree %s have the bias² and variance that numpy gives",
    (degree) => {
      const { predictions, ...wanted } = polynomials.degrees[degree];
      const found = decomposeError(predictions, polynomials.truth);
      expectIdentity(found);
      expect(found.squaredBias).toBeCloseTo(wanted.bias2, 12);
      expect(found.variance).toBeCloseTo(wanted.var, 12);
      expect(found.error).toBeCloseTo(wanted.mse, 12);
      expect(found.noise).toBe(0);
    },
  );

  test("have less bias and more variance the higher their degree, and the notes' numbers obey the identity", () => {
    const [zero, one, three] = Object.values(polynomials.degrees).map(({ predictions }) =>
      decomposeError(predictions, polynomials.truth),
    );
    expect(zero.squaredBias).toBeGreaterThan(one.squaredBias);
    expect(one.squaredBias).toBeGreaterThan(three.squaredBias);
    expect(zero.variance).toBeLessThan(three.variance);
    for (const { bias2, var: variance, mse } of Object.values(notes.degrees))
      expectIdentity({ squaredBias: bias2, variance, noise: 0, error: mse });
  });
});

test("by hand: two predictions and two observations of one point", () => {
  expect(decomposeError([[1], [3]], [[5, 9]])).toEqual({ squaredBias: 25, variance: 1, noise: 4, error: 30 });
  expect(decomposeError([[1], [3]], [7])).toEqual({ squaredBias: 25, variance: 1, noise: 0, error: 26 });
});

test("the error is bias² and variance and noise, whatever the numbers", () => {
  const sizes = fc.record({
    repeats: fc.integer({ min: 1, max: 8 }),
    points: fc.integer({ min: 1, max: 8 }),
  });
  const cases = sizes.chain(({ repeats, points }) => {
    const exactly = (length: number) => ({ minLength: length, maxLength: length });
    return fc.tuple(
      fc.array(fc.array(number, exactly(points)), exactly(repeats)),
      fc.array(fc.array(number, { minLength: 1, maxLength: 5 }), exactly(points)),
    );
  });
  fc.assert(
    fc.property(cases, ([predictions, observations]) => {
      const found = decomposeError(predictions, observations);
      expectIdentity(found);
      for (const part of Object.values(found)) expect(part).toBeGreaterThanOrEqual(0);
    }),
  );
});

test("the tool trains on sets resampled with replacement, the same ones for the same seed", async () => {
  const rows = Array.from({ length: 40 }, (_, i) => i);
  const run = async (seed: number) => {
    const sets: number[][] = [];
    const found = await biasVariance(rows, {
      predict: async (drawn, repeat) => {
        expect(repeat).toBe(sets.length);
        sets.push(drawn);
        const mean = drawn.reduce((a, b) => a + b) / drawn.length;
        return [mean, mean];
      },
      observations: [[19, 20], [19.5]],
      repeats: 300,
      seed,
    });
    return { found, sets };
  };
  const { found, sets } = await run(1);
  expectIdentity(found);
  expect(sets.every((set) => set.length === 40 && set.every((row) => rows.includes(row)))).toBe(true);
  // A row is left out of a set with probability (1 - 1/40)^40, and the variance of a mean is that of the rows / 40.
  const distinct = sets.reduce((sum, set) => sum + new Set(set).size, 0) / (300 * 40);
  expect(distinct).toBeCloseTo(1 - (39 / 40) ** 40, 1);
  expect(found.variance).toBeGreaterThan(0.75 * ((40 ** 2 - 1) / 12 / 40));
  expect(found.variance).toBeLessThan(1.25 * ((40 ** 2 - 1) / 12 / 40));
  expect(found.noise).toBeCloseTo(0.125, 12);
  expect(await run(1)).toEqual({ found, sets });
  expect((await run(2)).sets).not.toEqual(sets);
});

test("a network trained again and again has the same parts each time, which obey the identity", async () => {
  const at = (i: number) => ({ x: (i % 17) / 8 - 1, y: Math.sign((i % 17) - 8) / 2 + (i % 3) / 10 });
  const rows = Array.from({ length: 51 }, (_, i) => at(i));
  const points = [-0.9, -0.3, 0.2, 0.7];
  const measure = () =>
    biasVariance(rows, {
      predict: async (drawn, repeat) => {
        const net = await model(features(1), dense(4), activation("tanh"), dense(1), { seed: repeat });
        const batch = { inputs: drawn.map(({ x }) => [[x]]), targets: drawn.map(({ y }) => [[y]]) };
        await net.fit([batch], { loss: squaredError(), optimiser: adam(0.05), epochs: 40 });
        return (await net.predict(points.map((x) => [[x]]))).data;
      },
      observations: points.map((x) => [0, 0.1, 0.2].map((noise) => Math.sign(x) / 2 + noise)),
      repeats: 6,
      seed: 2,
    });
  const found = await measure();
  expectIdentity(found);
  expect(found.noise).toBeCloseTo(0.02 / 3, 9);
  expect(found.variance).toBeGreaterThan(0);
  expect(found.error).toBeLessThan(0.2);
  expect(await measure()).toEqual(found);
});

test("what does not fit is refused", async () => {
  expect(() => decomposeError([], [1])).toThrow(
    "decomposeError.predictions: expected at least one prediction, got none",
  );
  expect(() => decomposeError([[1], [1, 2]], [1])).toThrow(
    "decomposeError.predictions[1]: expected one for each of 1 points, got 2",
  );
  expect(() => decomposeError([[]], [])).toThrow("decomposeError.observations");
  expect(() =>
    decomposeError(
      [
        [1, 2],
        [1, NaN],
      ],
      [1, 2],
    ),
  ).toThrow("decomposeError.predictions at point 1[1]");
  expect(() => decomposeError([[1]], [[]])).toThrow(
    "decomposeError.observations[0]: expected at least one number",
  );
  const options = { predict: () => [1], observations: [1], seed: 0 };
  await expect(biasVariance([1], { ...options, repeats: 1 })).rejects.toThrow(InputError);
  await expect(biasVariance([], { ...options, repeats: 2 })).rejects.toThrow(
    "biasVariance: expected at least one row",
  );
});
