import { expect, test } from "vitest";
import { multiplications } from "../../ts/engine/worth.js";

test("a call that takes an address by the name of a range is as much work as it has numbers", () => {
  expect(multiplications({ operands: { to: 0x4000000, count: 16 } })).toBe(16);
  expect(multiplications({ operands: { from: 0x4000, to: 0x4000000, count: 48 } })).toBe(48);
  expect(multiplications({ operands: { inputs: 5, panels: 2, from: 3, to: 7 } })).toBe(4 * 5 * 32);
});
