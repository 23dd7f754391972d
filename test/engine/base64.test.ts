/** Base64 decodes to the bytes that were encoded. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeBase64 } from "../../ts/engine/base64.js";

// RFC 4648, section 10, and the two symbols that are not letters or digits.
test.each([
  ["", []],
  ["Zg==", [0x66]],
  ["Zm8=", [0x66, 0x6f]],
  ["Zm9v", [0x66, 0x6f, 0x6f]],
  ["Zm9vYg==", [0x66, 0x6f, 0x6f, 0x62]],
  ["Zm9vYmE=", [0x66, 0x6f, 0x6f, 0x62, 0x61]],
  ["Zm9vYmFy", [0x66, 0x6f, 0x6f, 0x62, 0x61, 0x72]],
  ["+/+/", [0xfb, 0xff, 0xbf]],
])("%s is %j", (text, bytes) => {
  expect([...decodeBase64(text)]).toEqual(bytes);
});

test("what btoa encodes is decoded to the same bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect([...decodeBase64(btoa(String.fromCharCode(...bytes)))]).toEqual([...bytes]);
    }),
  );
});
