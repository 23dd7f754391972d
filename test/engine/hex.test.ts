/** Decoding of the engine's bytes. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { kernels } from "../../ts/engine/core.gen.js";
import { decodeHex } from "../../ts/engine/hex.js";

test("every sequence of bytes comes back", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      const text = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
      expect(decodeHex(text)).toEqual(bytes);
    }),
  );
});

test("the engine's bytes begin as WebAssembly does", () => {
  expect([...decodeHex(kernels.binary as string).subarray(0, 8)]).toEqual([0, 97, 115, 109, 1, 0, 0, 0]);
});
