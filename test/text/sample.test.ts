/** Choices follow the softmax of the logits, cut as asked, and are the same for the same seed. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../../ts/errors.js";
import { exp } from "../../ts/numeric.js";
import { random } from "../../ts/random.js";
import { type SamplerOptions, sampler } from "../../ts/text/sample.js";

/** The same choice in the plainest way: sort, cut, draw. */
function bruteForce({ temperature = 1, topK = Infinity, topP = 1, seed = 0 }: SamplerOptions) {
  const { uniform } = random(seed);
  return (logits: readonly number[]): number => {
    const greatest = Math.max(...logits);
    const weights = logits.map((logit) => exp((logit - greatest) / temperature));
    const mass = (ids: number[]) => ids.reduce((sum, id) => sum + weights[id], 0);
    const ids = logits.map((_, id) => id);
    const ranked = ids.toSorted((a, b) => weights[b] - weights[a] || a - b).slice(0, topK);
    const goal = topP * mass(topK < ids.length ? ranked : ids);
    let kept = 1;
    while (kept < ranked.length && mass(ranked.slice(0, kept)) < goal) kept++;
    const chosen = topP === 1 && topK >= ids.length ? ids : ranked.slice(0, kept);
    const target = uniform() * mass(chosen);
    return chosen.find((_, place) => mass(chosen.slice(0, place + 1)) > target)!;
  };
}

function count(choose: () => number, width: number, draws: number): number[] {
  const counts = new Array<number>(width).fill(0);
  for (let i = 0; i < draws; i++) counts[choose()]++;
  return counts;
}

const distribution = [0.5, 0.25, 0.125, 0.0625, 0.0625];
const logits = distribution.map(Math.log);

/** Chi-square of the counts of `options` against the probabilities; 18.5 is the 99.9 % point of 4 degrees of freedom. */
function chiSquare(options: SamplerOptions, probabilities: number[]): number {
  const sample = sampler(options);
  const draws = 20_000;
  const counts = count(() => sample(logits), logits.length, draws);
  return counts.reduce((sum, seen, id) => {
    if (probabilities[id] === 0) return seen === 0 ? sum : Infinity;
    return sum + (seen - draws * probabilities[id]) ** 2 / (draws * probabilities[id]);
  }, 0);
}

describe("sampler", () => {
  test("draws from the softmax of the logits", () => {
    expect(chiSquare({ seed: 1 }, distribution)).toBeLessThan(18.5);
  });

  test("divides the logits by the temperature", () => {
    // At temperature 1/2 probabilities are squared, then normalised: 64, 16, 4, 1, 1 of 86.
    const sharp = [64, 16, 4, 1, 1].map((weight) => weight / 86);
    expect(chiSquare({ temperature: 0.5, seed: 2 }, sharp)).toBeLessThan(18.5);
  });

  test("draws from the likeliest topK in proportion", () => {
    expect(chiSquare({ topK: 2, seed: 3 }, [2 / 3, 1 / 3, 0, 0, 0])).toBeLessThan(18.5);
    // The last two are equally likely: the lower id ranks first.
    expect(
      chiSquare(
        { topK: 4, seed: 4 },
        [8, 4, 2, 1, 0].map((weight) => weight / 15),
      ),
    ).toBeLessThan(18.5);
  });

  test.each([
    [0.4, [1, 0, 0, 0, 0]],
    [0.6, [2 / 3, 1 / 3, 0, 0, 0]],
    [0.8, [4 / 7, 2 / 7, 1 / 7, 0, 0]],
    [0.9, [8 / 15, 4 / 15, 2 / 15, 1 / 15, 0]],
    [0.95, distribution],
    [1e-300, [1, 0, 0, 0, 0]],
  ])("draws from the smallest set whose probability reaches %d", (topP, probabilities) => {
    expect(chiSquare({ topP, seed: 5 }, probabilities)).toBeLessThan(18.5);
  });

  test("takes the nucleus of what topK leaves", () => {
    // Of the two left, 2/3 and 1/3, the first alone reaches 0.6.
    expect(chiSquare({ topK: 2, topP: 0.6, seed: 6 }, [1, 0, 0, 0, 0])).toBeLessThan(18.5);
    expect(chiSquare({ topK: 2, topP: 0.7, seed: 6 }, [2 / 3, 1 / 3, 0, 0, 0])).toBeLessThan(18.5);
  });

  test("takes the lowest of the likeliest ids at temperature 0, whatever the limits", () => {
    expect(sampler({ temperature: 0 })([1, 3, 2, 3])).toBe(1);
    expect(sampler({ temperature: 0, topK: 3, topP: 0.5 })(new Float32Array([-5, -Infinity, -5]))).toBe(0);
  });

  test("never chooses -Infinity", () => {
    for (const options of [{}, { topK: 3 }, { topP: 0.999999 }, { topK: 4, topP: 0.9 }]) {
      const sample = sampler(options);
      const counts = count(() => sample([-Infinity, 0, -Infinity, 0, -Infinity]), 5, 1000);
      expect(counts.map((seen) => seen > 0)).toEqual([false, true, false, true, false]);
    }
  });

  test("does not overflow", () => {
    expect(sampler()([1e308, -1e308])).toBe(0);
    expect(sampler({ temperature: 5e-324 })([1, 2])).toBe(1);
    expect(sampler({ temperature: 1e308, topP: 0.5 })([0, 0])).toBe(0);
  });

  test("makes the same choices for the same seed and others for another", () => {
    const choices = (seed: number) => {
      const sample = sampler({ seed });
      return Array.from({ length: 50 }, () => sample(logits)).join("");
    };
    expect(choices(7)).toBe(choices(7));
    expect(choices(7)).not.toBe(choices(8));
    expect(sampler()(logits)).toBe(sampler({ seed: 0 })(logits));
  });

  test("chooses what sorting chooses", () => {
    const options = fc.record(
      {
        temperature: fc.constantFrom(0.3, 1, 2),
        topK: fc.integer({ min: 1, max: 12 }),
        topP: fc.constantFrom(0.1, 0.35, 0.77, 0.95, 1),
        seed: fc.nat(),
      },
      { requiredKeys: [] },
    );
    // Few different values make many ties.
    const logit = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ min: -9, max: 9, noNaN: true }));
    const rows = fc.array(fc.array(logit, { minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(options, rows, (chosen, sequence) => {
        const sample = sampler(chosen);
        const expected = bruteForce(chosen);
        for (const row of sequence) expect(sample(row)).toBe(expected(row));
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    [{ temperature: -1 }, "sampler.temperature: expected a number from 0, got -1"],
    [{ temperature: NaN }, "sampler.temperature"],
    [{ temperature: Infinity }, "sampler.temperature"],
    [{ topK: 0 }, "sampler.topK: expected a whole number from 1, got 0"],
    [{ topK: 1.5 }, "sampler.topK"],
    [{ topK: NaN }, "sampler.topK"],
    [{ topP: 0 }, "sampler.topP: expected a number above 0 and at most 1, got 0"],
    [{ topP: 1.1 }, "sampler.topP"],
    [{ topP: NaN }, "sampler.topP"],
    [{ seed: -1 }, "random.seed"],
  ])("refuses the options %j", (options, message) => {
    expect(() => sampler(options)).toThrow(InputError);
    expect(() => sampler(options)).toThrow(message);
  });

  test.each([
    [[], "sampler.logits: expected at least one number, got none"],
    [[-Infinity, -Infinity], "sampler.logits: expected at least one number, got only -Infinity"],
    [[0, NaN], "sampler.logits[1]: expected a number or -Infinity, got NaN"],
    [[NaN, 0], "sampler.logits[0]"],
    [[0, Infinity], "sampler.logits[1]"],
  ])("refuses the logits %j", (row, message) => {
    for (const temperature of [0, 1]) {
      expect(() => sampler({ temperature })(row)).toThrow(InputError);
      expect(() => sampler({ temperature })(row)).toThrow(message);
    }
  });
});
