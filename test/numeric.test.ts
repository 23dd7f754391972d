/** The elementary functions agree with the host's to the last places, and with themselves in every host exactly. */

import { describe, expect, test } from "vitest";
import { cos, exp, log, power } from "../ts/numeric.js";
import { random } from "../ts/random.js";

/** Numbers spread over [low, high), the same in every run. */
function spread(low: number, high: number, count: number): number[] {
  const source = random(0);
  return Array.from({ length: count }, () => low + (high - low) * source.uniform());
}

/** How many float64 numbers lie between two of the same sign. */
function unitsApart(actual: number, expected: number): number {
  const [a, b] = new BigInt64Array(new Float64Array([actual, expected]).buffer);
  return actual === expected ? 0 : Math.abs(Number(a - b));
}

function largestError(ours: (x: number) => number, host: (x: number) => number, points: number[]): number {
  return Math.max(...points.map((x) => unitsApart(ours(x), host(x))));
}

/** Fowler-Noll-Vo 1a over the 32-bit words of the results. */
function fingerprint(values: number[]): string {
  const words = new Uint32Array(new Float64Array(values).buffer);
  let hash = 0x811c9dc5;
  for (const word of words) hash = Math.imul(hash ^ word, 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}

describe("exp", () => {
  test.each([
    [-1, 1],
    [-30, 30],
    [-708, 709.7],
    [-745, -708],
    [-1e-9, 1e-9],
  ])("is within 2 units in the last place of Math.exp from %d to %d", (low, high) => {
    expect(largestError(exp, Math.exp, spread(low, high, 5000))).toBeLessThanOrEqual(2);
  });

  test.each([
    [0, 1],
    [-0, 1],
    [1, Math.E],
    [Infinity, Infinity],
    [-Infinity, 0],
    [NaN, NaN],
    [710, Infinity],
    [-746, 0],
    [-745, 5e-324],
    [1e300, Infinity],
    [-1e300, 0],
    [5e-324, 1],
  ])("of %d is %d", (x, expected) => {
    expect(exp(x)).toBe(expected);
  });

  test("never decreases", () => {
    const points = [...spread(-750, 750, 5000), ...spread(-1, 1, 5000)].sort((a, b) => a - b).map(exp);
    expect(points).toEqual([...points].sort((a, b) => a - b));
  });
});

describe("log", () => {
  test.each([
    [0, 1],
    [0.7, 1.5],
    [1, 1000],
    [1e300, 1.7e308],
    [1e-310, 1e-307],
    [5e-324, 1e-320],
  ])("is within 2 units in the last place of Math.log from %d to %d", (low, high) => {
    expect(largestError(log, Math.log, spread(low, high, 5000))).toBeLessThanOrEqual(2);
  });

  test.each([
    [1, 0],
    [0, -Infinity],
    [-0, -Infinity],
    [-1, NaN],
    [-Infinity, NaN],
    [Infinity, Infinity],
    [NaN, NaN],
    [2, Math.LN2],
    [10, Math.LN10],
    [5e-324, -744.4400719213812],
    [Number.MAX_VALUE, 709.782712893384],
  ])("of %d is %d", (x, expected) => {
    expect(log(x)).toBe(expected);
  });
});

describe("cos", () => {
  test.each([
    [-1, 1],
    [-7, 7],
    [-1e6, 1e6],
  ])("is within 2 units in the last place of Math.cos from %d to %d", (low, high) => {
    expect(largestError(cos, Math.cos, spread(low, high, 5000))).toBeLessThanOrEqual(2);
  });

  test("keeps its precision beside its zeros", () => {
    const zeros = Array.from({ length: 500 }, (_, k) => (2 * k + 1) * (Math.PI / 2));
    expect(largestError(cos, Math.cos, zeros)).toBeLessThanOrEqual(2);
  });

  test.each([
    [0, 1],
    [-0, 1],
    [Math.PI, -1],
    [2 * Math.PI, 1],
    [Math.PI / 2, 6.123233995736766e-17],
    [1.1e6, NaN],
    [Infinity, NaN],
    [NaN, NaN],
  ])("of %d is %d", (x, expected) => {
    expect(cos(x)).toBe(expected);
  });
});

describe("power", () => {
  test.each([
    [2, 10, 1024],
    [10, 15, 1e15],
    [-3, 3, -27],
    [2, -3, 0.125],
    [0.5, 60, 2 ** -60],
    [7, 0, 1],
    [NaN, 0, 1],
    [0, 0.5, 0],
    [0, -0.5, Infinity],
    [1, 0.3, 1],
    [-2, 0.5, NaN],
    [2, NaN, NaN],
    [Infinity, 0.5, Infinity],
  ])("raises %d to %d", (x, y, expected) => {
    expect(power(x, y)).toBe(expected);
  });

  test("keeps within the stated error of Math.pow", () => {
    for (const x of spread(0.01, 3, 500)) {
      for (const y of spread(-100, 100, 20)) {
        const expected = x ** y;
        const bound = (3 + Math.abs(y * Math.log(x))) * Number.EPSILON;
        expect(Math.abs(power(x, y) - expected)).toBeLessThanOrEqual(bound * expected);
      }
    }
  });
});

describe("the same bits in every runtime", () => {
  test.each([
    ["exp", exp, -750, 715, "702d6ea4"],
    ["log", log, 0, 100, "d5e14c50"],
    ["cos", cos, -1e6, 1e6, "9d7a70de"],
    ["power", (x: number) => power(x, 0.3), 0, 100, "30fb4c31"],
  ] as const)("10,000 results of %s", (_, of, low, high, expected) => {
    expect(fingerprint(spread(low, high, 10_000).map(of))).toBe(expected);
  });

  test("10,000 normal numbers", () => {
    expect(fingerprint(Array.from({ length: 10_000 }, random(0).normal))).toBe("b89b09c2");
  });
});
