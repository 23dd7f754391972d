/** The checksum is CRC-32. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { crc32 } from "../../ts/io/checksum.js";

const bytes = (text: string) => new TextEncoder().encode(text);

test("it gives the published check values", () => {
  expect(crc32(bytes("123456789"))).toBe(0xcbf43926);
  expect(crc32(bytes("The quick brown fox jumps over the lazy dog"))).toBe(0x414fa339);
  expect(crc32(bytes(""))).toBe(0);
});

test("wherever the bytes begin in their buffer", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70 }), fc.nat(7), (data, offset) => {
      const elsewhere = new Uint8Array(data.length + offset);
      elsewhere.set(data, offset);
      let remainder = 0xffffffff;
      for (const byte of data) {
        remainder ^= byte;
        for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? 0xedb88320 : 0);
      }
      expect(crc32(elsewhere.subarray(offset))).toBe(~remainder >>> 0);
    }),
  );
});

test("it can be taken in parts", () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array(), (first, second) => {
      expect(crc32(second, crc32(first))).toBe(crc32(Uint8Array.from([...first, ...second])));
    }),
  );
});

test("it differs where any run of up to 32 bits does", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 8 }),
      fc.nat(),
      fc.integer({ min: 1, max: 0xffffffff }),
      (data, at, mask) => {
        const changed = data.slice();
        const place = at % (data.length - 3);
        const view = new DataView(changed.buffer);
        view.setUint32(place, view.getUint32(place) ^ mask);
        expect(crc32(changed)).not.toBe(crc32(data));
      },
    ),
  );
});
