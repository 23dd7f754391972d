/** How far results are from the reference, and whether two results are the same bits. */
import { expect } from "vitest";

/** |actual - expected| / |expected| in the Euclidean norm; the absolute distance from an expectation of zero. */
export function distance(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length);
  let difference = 0;
  let size = 0;
  for (let i = 0; i < expected.length; i++) {
    difference += (actual[i] - expected[i]) ** 2;
    size += expected[i] ** 2;
  }
  return size === 0 ? Math.sqrt(difference) : Math.sqrt(difference / size);
}

/** Fails unless the distance is within the tolerance; NaN never is. */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what = "distance from the reference",
): void {
  expect(distance(actual, expected), what).toBeLessThanOrEqual(tolerance);
}

/**
 * Fails unless all results together are within the tolerance, and each alone within ten times that: a small one may be a
 * sum whose terms cancel.
 */
export function expectAllClose(
  results: Iterable<readonly [name: string, actual: ArrayLike<number>, expected: ArrayLike<number>]>,
  tolerance: number,
): void {
  const all: number[] = [];
  const allExpected: number[] = [];
  for (const [name, actual, expected] of results) {
    expectClose(actual, expected, 10 * tolerance, name);
    for (let i = 0; i < expected.length; i++) {
      all.push(actual[i]);
      allExpected.push(expected[i]);
    }
  }
  expectClose(all, allExpected, tolerance, "distance of all results from the reference");
}

/** Fails at the first element whose float32 bits differ. */
export function expectSameBits(actual: Float32Array, expected: ArrayLike<number>, what = "element"): void {
  expect(actual.length).toBe(expected.length);
  const bits = new Uint32Array(actual.buffer, actual.byteOffset, actual.length);
  const expectedBits = new Uint32Array(Float32Array.from(expected).buffer);
  const differs = bits.findIndex((word, i) => word !== expectedBits[i]);
  if (differs >= 0) expect(actual[differs], `${what} ${differs}`).toBe(expected[differs]);
  expect(differs).toBe(-1);
}

/** Fails unless every number is zero. */
export function expectZeros(actual: Float32Array, what = "padding"): void {
  const other = actual.findIndex((value) => value !== 0);
  expect(other < 0 ? 0 : actual[other], `${what} ${other}`).toBe(0);
}
