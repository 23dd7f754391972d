/** The generator gives the published words, and what is made of them has the distribution it claims. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../ts/errors.js";
import { random, threefry } from "../ts/random.js";

const draw = <T>(count: number, next: () => T): T[] => Array.from({ length: count }, next);

describe("threefry", () => {
  // Random123, tests/kat_vectors: counter, key, result.
  test.each([
    [0, 0, 0, 0, 0x6b200159, 0x99ba4efe],
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x1cb996fc, 0xbb002be7],
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xc4923a9c, 0x483df7a0],
  ])("gives the known answer of counter %i %i and key %i %i", (counter0, counter1, key0, key1, ...answer) => {
    const out = new Uint32Array(2);
    threefry(counter0, counter1, key0, key1, out);
    expect([...out]).toEqual(answer);
  });
});

describe("random", () => {
  test("draws the words of the counters (block, stream) under the two halves of the seed", () => {
    const out = new Uint32Array(2);
    const source = random(0x123456789abcd, 7);
    for (let block = 0; block < 5; block++) {
      threefry(block, 7, 0x6789abcd, 0x12345, out);
      expect([source.bits(), source.bits()]).toEqual([...out]);
    }
  });

  test("gives 53-bit uniform numbers made of the first known answer", () => {
    const expected = ((0x6b200159 >>> 5) * 2 ** 26 + (0x99ba4efe >>> 6)) / 2 ** 53;
    expect(random(0).uniform()).toBe(expected);
  });

  test("spreads uniform numbers evenly", () => {
    const source = random(1);
    const counts = new Array(100).fill(0);
    for (let i = 0; i < 100_000; i++) counts[Math.floor(source.uniform() * 100)]++;
    const chiSquare = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    // 99 degrees of freedom: the 0.1 % and 99.9 % points.
    expect(chiSquare).toBeGreaterThan(60);
    expect(chiSquare).toBeLessThan(149);
  });

  test("has the moments of the normal distribution", () => {
    const source = random(2);
    const count = 200_000;
    const values = draw(count, source.normal);
    const moment = (power: number) => values.reduce((sum, value) => sum + value ** power, 0) / count;
    // Each bound is four standard errors: sqrt(variance of the power / count).
    expect(Math.abs(moment(1))).toBeLessThan(4 * Math.sqrt(1 / count));
    expect(Math.abs(moment(2) - 1)).toBeLessThan(4 * Math.sqrt(2 / count));
    expect(Math.abs(moment(3))).toBeLessThan(4 * Math.sqrt(15 / count));
    expect(Math.abs(moment(4) - 3)).toBeLessThan(4 * Math.sqrt(96 / count));
    const beyond = values.filter((value) => Math.abs(value) > 1.959963984540054).length / count;
    expect(Math.abs(beyond - 0.05)).toBeLessThan(4 * Math.sqrt((0.05 * 0.95) / count));
  });

  test("gives whole numbers below the bound, each equally often", () => {
    const source = random(3);
    const counts = new Array(7).fill(0);
    for (let i = 0; i < 70_000; i++) counts[source.integer(7)]++;
    const chiSquare = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
    expect(chiSquare).toBeLessThan(22.5);
  });

  test("does not favour small numbers when the bound does not divide 2^32", () => {
    // Of 2^32 words, taking the remainder by 3 * 2^30 alone would give a number below 2^30 half of the time.
    const source = random(4);
    const small = draw(30_000, () => source.integer(3 * 2 ** 30)).filter((value) => value < 2 ** 30).length;
    expect(Math.abs(small - 10_000)).toBeLessThan(4 * Math.sqrt(30_000 * (1 / 3) * (2 / 3)));
  });

  test("accepts the bounds 1 and 2^32", () => {
    expect(random(5).integer(1)).toBe(0);
    expect(random(5).integer(2 ** 32)).toBe(random(5).bits());
  });

  test("shuffles into a permutation", () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.nat(), (values, seed) => {
        const shuffled = [...values];
        random(seed).shuffle(shuffled);
        expect(shuffled.sort((a, b) => a - b)).toEqual(values.sort((a, b) => a - b));
      }),
    );
  });

  test("shuffles into every order equally often", () => {
    const source = random(6);
    const counts = new Map<string, number>();
    for (let i = 0; i < 24_000; i++) {
      const letters = [..."abcd"];
      source.shuffle(letters);
      counts.set(letters.join(""), (counts.get(letters.join("")) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    // 23 degrees of freedom: the 99.9 % point.
    expect(chiSquare).toBeLessThan(49.8);
  });

  test("continues from a restored state, which survives JSON", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.nat(0xffffffff), fc.nat(50), (seed, stream, drawn) => {
        const source = random(seed, stream);
        draw(drawn, source.bits);
        const resumed = random(0);
        resumed.restore(JSON.parse(JSON.stringify(source.state)));
        expect(draw(9, resumed.bits)).toEqual(draw(9, source.bits));
        expect(resumed.normal()).toBe(source.normal());
      }),
    );
  });

  test("begins again after 2^33 draws", () => {
    const source = random(8, 9);
    source.restore([8, 9, 2 ** 33 - 1]);
    source.bits();
    expect(source.state).toEqual([8, 9, 0]);
    expect(source.bits()).toBe(random(8, 9).bits());
  });

  test("gives different sequences for different seeds and streams", () => {
    const starts = [random(0), random(1), random(2 ** 32), random(0, 1), random(1, 1)].map((source) =>
      draw(2, source.bits).join(),
    );
    expect(new Set(starts).size).toBe(starts.length);
  });

  test.each([-1, 0.5, NaN, Infinity, 2 ** 53])("refuses the seed %d", (seed) => {
    expect(() => random(seed)).toThrow(InputError);
  });

  test.each([-1, 0.5, NaN, 2 ** 32])("refuses the stream %d", (stream) => {
    expect(() => random(0, stream)).toThrow("random.stream: expected a whole number from 0 to 4294967295");
  });

  test.each([0, -1, 1.5, NaN, 2 ** 32 + 1])("refuses the bound %d", (below) => {
    expect(() => random(0).integer(below)).toThrow(InputError);
  });

  test.each([[[]], [[1, 2]], [[1, 2, -3]], [[1, 2, 2 ** 33]]])("refuses the state %j", (state) => {
    const source = random(1);
    expect(() => source.restore(state)).toThrow(InputError);
    expect(source.state).toEqual([1, 0, 0]);
  });
});
