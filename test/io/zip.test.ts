/** Archives: what is written is read, and nothing that is compressed, twice or larger than it can be. */
import fc from "fast-check";
import { zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { FormatError } from "../../ts/errors.js";
import { isZip, readZip, writeZip } from "../../ts/io/zip.js";

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
