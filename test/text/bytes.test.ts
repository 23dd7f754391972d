/** Bytes of texts, and texts of any bytes. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { bytesOf, textOf, visibleBytes } from "../../ts/text/bytes.js";

/** Code points of one to four bytes, without surrogates. */
const point = fc
  .oneof(fc.nat(0x7f), fc.nat(0x7ff), fc.nat(0xd7ff), fc.integer({ min: 0xe000, max: 0x10ffff }))
  .map((code) => String.fromCodePoint(code));

test("the bytes of a text are its UTF-8", () => {
  fc.assert(
    fc.property(fc.string({ unit: point }), (text) => {
      expect(bytesOf(text)).toEqual([...new TextEncoder().encode(text)]);
    }),
  );
  expect(bytesOf("a\ud83d")).toEqual([0x61, 0xed, 0xa0, 0xbd]);
});

test("any bytes but those of surrogates are decoded as the Encoding Standard has it", () => {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const byte = fc.constantFrom(
    0x41,
    0x80,
    0x8f,
    0x90,
    0x9f,
    0xa0,
    0xbf,
    0xc0,
    0xc1,
    0xc2,
    0xdf,
    0xe0,
    0xe1,
    0xef,
    0xf0,
    0xf1,
    0xf4,
    0xf5,
    0xff,
  );
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          byte,
          fc.nat(255).filter((value) => value !== 0xed),
        ),
        { maxLength: 12 },
      ),
      (bytes) => {
        expect(textOf(bytes)).toBe(decoder.decode(Uint8Array.from(bytes)));
      },
    ),
    { numRuns: 2000 },
  );
});

test("every byte has a character of its own that is no space, those of ASCII themselves", () => {
  const visible = visibleBytes();
  expect(new Set(visible.map(({ byte }) => byte)).size).toBe(256);
  expect(new Set(visible.map(({ character }) => character)).size).toBe(256);
  expect(visible.some(({ character }) => /\s|\p{C}/u.test(character))).toBe(false);
  expect(visible.slice(0, 94).every(({ byte, character }) => character.charCodeAt(0) === byte)).toBe(true);
  expect(visible.find(({ byte }) => byte === 0x20)!.character).toBe("Ġ");
  const order = visible.map(({ character }) => character.charCodeAt(0));
  expect(order).toEqual(order.toSorted((a, b) => a - b));
});
