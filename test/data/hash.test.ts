/** The hash is that of its publishers, and spreads. */

import { expect, test } from "vitest";
import { hash } from "../../ts/data/hash.js";

/** MurmurHash3's finaliser undone, to get at the FNV-1a below it. */
function unmixed(bits: number): number {
  let x = bits ^ (bits >>> 16);
  x = Math.imul(x, 0x7ed1b41d); // the inverse of 0xc2b2ae35 modulo 2^32
  x ^= (x >>> 13) ^ (x >>> 26);
  x = Math.imul(x, 0xa5cb9243); // the inverse of 0x85ebca6b
  return (x ^ (x >>> 16)) >>> 0;
}

test("below the mixing it is FNV-1a of the two bytes of each code unit", () => {
  expect(unmixed(hash(""))).toBe(0x811c9dc5);
  // "foobar" in the authors' test vectors, of which two bytes make a code unit
  expect(unmixed(hash("\u6f66\u626f\u7261"))).toBe(0xbf9cf968);
});

test("texts that differ in a letter fall anywhere", () => {
  const quarters = [0, 0, 0, 0];
  for (let i = 0; i < 4000; i++) quarters[hash(`a${i}`) >>> 30]++;
  // Five standard deviations of a binomial count.
  for (const count of quarters) expect(Math.abs(count - 1000)).toBeLessThan(5 * Math.sqrt(750));
});
