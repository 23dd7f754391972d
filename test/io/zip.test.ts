/** Archives: what is written is read, and nothing that is compressed, twice or larger than it can be. */
import fc from "fast-check";
import { zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { FormatError } from "../../ts/errors.js";
import { isZip, readZip, unpack, writeZip } from "../../ts/io/zip.js";

const read = (bytes: Uint8Array, most = 100) => readZip(bytes, "archive", most);
const file = (length: number, first = 1) => Uint8Array.from({ length }, (_, i) => first + i);

test("what is written is read back, and the same bytes every time", () => {
  const name = fc
    .string({ minLength: 1, maxLength: 8 })
    .filter((each) => !each.includes("\0") && each !== "__proto__");
  const contents = fc.uint8Array({ maxLength: 40 });
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(name, contents), { selector: ([key]) => key, maxLength: 5 }),
      (entries) => {
        const files = new Map(entries);
        const bytes = writeZip(files);
        expect(read(bytes)).toEqual(files);
        expect(writeZip(files)).toEqual(bytes);
        if (files.size > 0) expect(isZip(bytes)).toBe(true);
      },
    ),
  );
});

describe("the checksum of a file", () => {
  const text = new TextEncoder().encode("whale, the whale, the whale");
  const forms = [
    ["stored", zipSync({ whale: text }, { level: 0 })],
    ["deflated", zipSync({ whale: text }, { level: 9 })],
    ["of an archive past 4 GB", inLargeForm(zipSync({ whale: text }, { level: 0 }))],
  ] as const;
  const unpacked = (bytes: Uint8Array) => unpack(bytes, "archive", () => true);
  const checksumAt = (bytes: Uint8Array) =>
    bytes.findIndex((_, i) => bytes[i + 2] === 1 && isMark(bytes, i)) + 16;

  test.each(forms)("%s shows every flipped bit in it", (_, bytes) => {
    expect(unpacked(bytes).get("whale")).toEqual(text);
    const start = 30 + "whale".length;
    const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(18, true);
    let refused = 0;
    for (let bit = 0; bit < 8 * length; bit++) {
      const damaged = bytes.slice();
      damaged[start + (bit >> 3)]! ^= 1 << (bit & 7);
      try {
        expect(unpacked(damaged).get("whale")).toEqual(text); // the last bits of deflate's last byte mean nothing
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(8 * (length - 1));
    const flipped = bytes.slice();
    flipped[checksumAt(flipped)]! ^= 1;
    expect(() => unpacked(flipped)).toThrow(
      /^archive\["whale"\]: expected bytes with the CRC-32 d204dd4[0-9a-f], got d204dd4[0-9a-f] — the file is damaged$/,
    );
  });

  test("is not looked at where none was made, or the file is not wanted", () => {
    const [[, bytes]] = forms;
    const without = bytes.slice();
    without.fill(0, checksumAt(without), checksumAt(without) + 4);
    without[36]! ^= 1;
    expect(unpacked(without).get("whale")).not.toEqual(text);
    const damaged = bytes.slice();
    damaged[36]! ^= 1;
    expect(unpack(damaged, "archive", () => false).size).toBe(0);
  });
});

function isMark(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 0x50 && bytes[at + 1] === 0x4b;
}

/** With the records of zip64, and nothing in the old one (APPNOTE 4.3.14 to 4.3.16). */
function inLargeForm(bytes: Uint8Array): Uint8Array {
  const end = bytes.length - 22;
  const directory = new DataView(bytes.buffer, bytes.byteOffset).getUint32(end + 16, true);
  const large = new Uint8Array(bytes.length + 56 + 20);
  large.set(bytes.subarray(0, end));
  large.set(bytes.subarray(end), end + 76);
  const view = new DataView(large.buffer);
  view.setUint32(end, 0x06064b50, true);
  view.setUint32(end + 32, 1, true);
  view.setUint32(end + 48, directory, true);
  view.setUint32(end + 56, 0x07064b50, true);
  view.setUint32(end + 64, end, true);
  view.setUint32(end + 76 + 16, 0xffffffff, true);
  return large;
}

describe("is refused:", () => {
  const two = writeZip(
    new Map([
      ["a", file(4)],
      ["b", file(8)],
    ]),
  );
  /** The directory's record of a file begins at the nth mark. */
  const record = (bytes: Uint8Array, nth: number) => {
    const marks = [...bytes.keys()].filter(
      (i) => bytes[i] === 0x50 && bytes[i + 1] === 0x4b && bytes[i + 2] === 1,
    );
    return marks[nth]!;
  };
  const changed = (at: (bytes: Uint8Array) => number, ...values: number[]) => {
    const bytes = two.slice();
    bytes.set(values, at(bytes));
    return bytes;
  };

  const renamed = (from: string, to: string) => {
    const text = String.fromCharCode(...writeZip(new Map([[from, file(1)]])));
    return Uint8Array.from(text.replaceAll(from, to), (letter) => letter.charCodeAt(0));
  };

  test.each<[string, Uint8Array, string]>([
    ["nothing", new Uint8Array(0), "a zip archive"],
    ["bytes that are none", file(100), "a zip archive"],
    ["an archive without its end", two.subarray(0, two.length - 1), "a zip archive"],
    [
      "a compressed file",
      zipSync({ a: new Uint8Array(1000) }, { level: 6 }),
      "that is not compressed, got method 8",
    ],
    ["two sizes", changed((bytes) => record(bytes, 0) + 24, 5), '["a"]: expected 5 bytes, got 4'],
    [
      "more bytes than there are",
      changed((bytes) => record(bytes, 1) + 20, 255, 255, 0, 0, 255, 255),
      "in all",
    ],
    [
      "a file past the end",
      changed((bytes) => record(bytes, 0) + 42, two.length - 31),
      '["a"]: expected 4 bytes',
    ],
    ["a file twice", changed((bytes) => record(bytes, 1) + 46, 0x61), '["a"]: expected a name of its own'],
    ["the prototype of objects", renamed("aaaaaaaaa", "__proto__"), "a name of its own"],
  ])("%s", (_, bytes, message) => {
    expect(() => read(bytes)).toThrow(FormatError);
    expect(() => read(bytes)).toThrow(message);
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });

  test("the same bytes as several files, which together are more than the archive", () => {
    const bytes = writeZip(
      new Map([
        ["a", new Uint8Array(1000)],
        ["b", new Uint8Array(1)],
      ]),
    );
    const [first, second] = [record(bytes, 0), record(bytes, 1)];
    for (const part of [20, 24]) bytes.copyWithin(second + part, first + part, first + part + 4); // sizes
    bytes.copyWithin(second + 42, first + 42, first + 46); // place
    expect(() => read(bytes)).toThrow(`archive["b"]: expected at most ${bytes.length} bytes in all`);
  });

  test("one file more than the limit, and not as many", () => {
    expect(read(two, 2).size).toBe(2);
    expect(() => read(two, 1)).toThrow('archive["b"]: expected at most 1 files');
  });
});
