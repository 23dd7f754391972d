/** Splits put every row in one part, and keep apart what must be. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Split, splitByHash, splitInOrder, splitRandomly } from "../../ts/data/split.js";
import { InputError } from "../../ts/errors.js";

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);
const allOf = <T>({ train, validation, test }: Split<T>) => [...train, ...validation, ...test];
const sizes = fc
  .record({
    count: fc.integer({ min: 3, max: 60 }),
    validation: fc.nat(30),
    test: fc.nat(30),
    seed: fc.nat(),
  })
  .map(({ count, validation, test, seed }) => ({
    count,
    seed,
    shares: { validation: validation % Math.floor(count / 3), test: test % Math.floor(count / 3) },
  }));

describe("a random split", () => {
  test("has every row once, in parts of the sizes asked for", () => {
    fc.assert(
      fc.property(sizes, ({ count, seed, shares }) => {
        const split = splitRandomly(numbers(count), { ...shares, seed });
        expect(allOf(split).sort((a, b) => a - b)).toEqual(numbers(count));
        expect([split.validation.length, split.test.length]).toEqual([shares.validation, shares.test]);
      }),
    );
  });

  test("is a function of its seed", () => {
    const split = (seed: number) => splitRandomly(numbers(50), { test: 0.2, seed });
    expect(split(1)).toEqual(split(1));
    expect(split(1).test).not.toEqual(split(2).test);
    expect(split(1).test.length).toBe(10);
  });
});

describe("a split in order", () => {
  test("has every row once, the later part after the earlier", () => {
    fc.assert(
      fc.property(sizes, ({ count, shares }) => {
        const split = splitInOrder(numbers(count), shares);
        expect(allOf(split)).toEqual(numbers(count));
        expect([split.validation.length, split.test.length]).toEqual([shares.validation, shares.test]);
      }),
    );
  });

  test("leaves out what overlaps, before each cut", () => {
    expect(splitInOrder(numbers(12), { validation: 3, test: 2, gap: 2 })).toEqual({
      train: [0, 1, 2],
      validation: [5, 6, 7],
      test: [10, 11],
    });
    expect(splitInOrder(numbers(6), { test: 2, gap: 1 })).toEqual({
      train: [0, 1, 2],
      validation: [],
      test: [4, 5],
    });
  });
});

describe("a split by hash", () => {
  const words = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 6 }), { minLength: 40, maxLength: 80 });
  const shares = { validation: 0.3, test: 0.3 };
  const key = (word: string) => word[0];

  test("has every row once, and rows of one key in one part", () => {
    fc.assert(
      fc.property(words, (words) => {
        let split: Split<string>;
        try {
          split = splitByHash(words, key, shares);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError); // so few keys that a part stays empty
          return;
        }
        expect(allOf(split).sort()).toEqual([...words].sort());
        const parts = [split.train, split.validation, split.test].map((part) => new Set(part.map(key)));
        expect(new Set(words.map(key)).size).toBe(parts.reduce((sum, { size }) => sum + size, 0));
      }),
    );
  });

  test("leaves a row where it is, whatever other rows come", () => {
    const some = numbers(200).map(String);
    const few = splitByHash(some, (word) => word, shares);
    const many = splitByHash(
      [...some, ...numbers(900).map((n) => `n${n}`)].reverse(),
      (word) => word,
      shares,
    );
    for (const part of ["train", "validation", "test"] as const)
      expect(many[part].filter((word) => some.includes(word)).reverse()).toEqual(few[part]);
  });

  test("has the shares on the average", () => {
    const { train, validation, test } = splitByHash(numbers(10_000), String, { validation: 0.05, test: 0.1 });
    // Five standard deviations of a binomial count.
    for (const [{ length }, share] of [
      [train, 0.85],
      [validation, 0.05],
      [test, 0.1],
    ] as const)
      expect(Math.abs(length - 10_000 * share)).toBeLessThan(5 * Math.sqrt(10_000 * share * (1 - share)));
  });
});

test("a split needs rows for each of its parts", () => {
  expect(() => splitInOrder([], {})).toThrow("split: expected at least one row, got none");
  expect(() => splitInOrder([1, 2], { test: 2 })).toThrow("split.train: expected at least one row, got none");
  expect(() => splitInOrder([1, 2, 3], { validation: 1, test: 1, gap: 1 })).toThrow("split.train");
  expect(() => splitInOrder([1, 2], { test: 1.5 })).toThrow("split.test: expected a whole number from 0");
  expect(() => splitRandomly([1, 2], { test: -1, seed: 0 })).toThrow("split.test");
  expect(() => splitByHash(["a"], (x) => x, { test: 1 })).toThrow(
    "splitByHash.test: expected a share from 0, below 1",
  );
  expect(() => splitByHash(["a"], (x) => x, { test: 1e-9 })).toThrow(
    "splitByHash.test: expected at least one row",
  );
});
