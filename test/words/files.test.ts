/** Word vectors come back from files as they were, and from nothing else. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tensor } from "../../ts/data/tensor.js";
import { EngineError, FormatError, InputError } from "../../ts/errors.js";
import { writeSafetensors } from "../../ts/io/safetensors.js";
import {
  loadVectors,
  type ReadOptions,
  readVectors,
  saveVectors,
  writeVectors,
} from "../../ts/words/files.js";
import { type WordVectors, wordVectors } from "../../ts/words/vectors.js";
import { expectSameBits } from "../reference/compare.js";
import { normals } from "../reference/draw.js";

const encoder = new TextEncoder();
const bytesOf = (text: string) => encoder.encode(text);
const read = (text: string, options?: ReadOptions) => readVectors(bytesOf(text), options);

function joined(pieces: Iterable<Uint8Array>): Uint8Array {
  const all = [...pieces];
  const bytes = new Uint8Array(all.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of all) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** Vectors with what numbers can be: small, large, negative, whole, subnormal. */
const words = ["the", "naïve", "漢字", "a_b", "😀", "don’t"];
const data = normals(6 * 5, 1);
data.set([0, 1, 1e-45, -3.4e38, 16777217, 0.1, 1e10, -1.5e-7, 123456]);
const made = await wordVectors(words, tensor(data, [6, 5]));

function expectSame(read: WordVectors, expected = made) {
  expect(read.words).toEqual(expected.words);
  expectSameBits(read.tensor().data, expected.tensor().data);
}

describe.each(["text", "glove", "binary"] as const)("vectors as %s", (format) => {
  const options = { format: format === "binary" ? "binary" : "text" } as const;
  const bytes = joined(writeVectors(made, format));

  test("come back bit for bit", async () => {
    expectSame(await readVectors(bytes, options));
  });

  test("come back however the bytes are cut into pieces", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 12 }), async (cuts) => {
        const places = [0, ...cuts, bytes.length].sort((a, b) => a - b);
        const pieces = places.slice(1).map((place, i) => bytes.slice(places[i], place));
        expectSame(await readVectors(pieces, options));
      }),
      { numRuns: 40 },
    );
  });

  test("come as they stream, and no further than is wanted", async () => {
    let given = 0;
    async function* stream() {
      for (let at = 0; at < bytes.length; at += 16) {
        given++;
        yield bytes.subarray(at, at + 16);
      }
    }
    const some = await readVectors(stream(), { ...options, most: 2 });
    expect(some.words).toEqual(words.slice(0, 2));
    expectSameBits(some.vector("naïve"), made.vector("naïve"));
    expect(given).toBeLessThan(bytes.length / 16 - 1);
  });

  test("of many words come back", async () => {
    const many = Array.from({ length: 20_000 }, (_, i) => `word${i}`);
    const large = await wordVectors(many, tensor(normals(20_000 * 3, 2), [20_000, 3]));
    expectSame(await readVectors(joined(writeVectors(large, format)), options), large);
  });

  test("are refused where they end too early", async () => {
    const cut = bytes.slice(0, bytes.length - 30);
    await expect(readVectors(cut, options)).rejects.toThrow(FormatError);
    await expect(readVectors(new Uint8Array(0), options)).rejects.toThrow(FormatError);
  });

  test("beyond the memory that may be used are refused before they are read", async () => {
    const many = Array.from({ length: 20_000 }, (_, i) => `${i}`);
    const large = await wordVectors(many, tensor(new Float32Array(20_000 * 20), [20_000, 20]));
    const file = joined(writeVectors(large, format));
    await expect(readVectors(file, { ...options, memory: 1 })).rejects.toThrow(EngineError);
    await expect(readVectors(file, { ...options, memory: 1 })).rejects.toThrow("options.most");
    expect((await readVectors(file, { ...options, memory: 3, most: 10 })).words).toHaveLength(10);
  });
});

describe("text", () => {
  test("may have spaces in words, at the ends of lines, and Windows line ends", async () => {
    const vectors = await read("a 1 2 \r\n. . . 3 4\r\nat x@y.z 5 6e-1");
    expect(vectors.words).toEqual(["a", ". . .", "at x@y.z"]);
    expectSameBits(vectors.tensor().data, [1, 2, 3, 4, 5, 0.6]);
  });

  test("has numbers in every way of writing them", async () => {
    const numbers = ["1", "-1.5", ".25", "5.", "+2", "1e3", "-2.5E-3", "0.1234567890123456789", "00.5"];
    const vectors = await read(`a ${numbers.join(" ")}\n`);
    expectSameBits(vectors.vector("a"), numbers.map(Number));
  });

  test("has any float32 as it is printed", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 2 }),
        async (given) => {
          expectSameBits(
            (await read(`a ${given.join(" ")}\nb${" 0".repeat(given.length)}`)).vector("a"),
            given.map((value) => value + 0), // text has no -0
          );
        },
      ),
    );
  });

  test("keeps the first vector of a word that comes again", async () => {
    const vectors = await read("3 2\na 1 2\na 3 4\nb 5 6\n");
    expect(vectors.words).toEqual(["a", "b"]);
    expect([...vectors.vector("a")]).toEqual([1, 2]);
  });

  test.each<[string, string, string]>([
    ["is empty", "", "expected at least one word, got 0"],
    ["is blank", "\n\n", "expected at least one word, got 0"],
    [
      "promises more words than it has",
      "3 2\na 1 2\nb 3 4\n",
      "3 words, as the file's first line says, got 2",
    ],
    ["promises fewer", "1 2\na 1 2\nb 3 4\n", "1 words, as the file's first line says, got 2"],
    ["promises no width", "3 0\na\n", "of 1 to 65536 numbers, got 3 words of 0 numbers"],
    ["promises too wide ones", "1 70000\n", "got 1 words of 70000 numbers"],
    ["promises another width", "1 3\na 1 2\n", "line 2: expected a word and 3 numbers, got 2 numbers"],
    ["has a short row", "a 1 2\nb 3\n", "line 2: expected a word and 2 numbers, got 1 numbers"],
    ["has a long row", "a 1 2\nb 3 4 5\n", "line 2: expected a word and 2 numbers, got 3 numbers"],
    ["has a number in another way", "a 1 2\nb 3 0x4\n", 'line 2: expected finite numbers, got "0x4"'],
    ["has a word without numbers", "a 1 2\nb\n", "line 2: expected a word and 2 numbers, got 0 numbers"],
    ["has a number that is none", "a 1 nan\n", 'line 1: expected finite numbers, got "nan"'],
    ["has an infinite one", "a 1 1e39\n", 'line 1: expected finite numbers, got "1e39"'],
    ["has numbers without a word", "a 1 2\n 1 2\n", "line 2: expected a word, got none"],
    [
      "has no numbers at all",
      "whale\n",
      "at least one word, of 1 to 65536 numbers, got a word and 0 numbers",
    ],
  ])("that %s is refused", async (_, text, message) => {
    await expect(read(text)).rejects.toThrow(FormatError);
    await expect(read(text)).rejects.toThrow(message);
  });

  test("that is not UTF-8 is refused", async () => {
    await expect(readVectors(Uint8Array.of(255, 32, 49, 10))).rejects.toThrow("line 1: expected UTF-8");
  });

  test("of whatever bytes is read or refused, and nothing else happens", async () => {
    const line = fc.string({ unit: fc.constantFrom("a", " ", "1", ".", "-", "e", "\n", "é", "9") });
    await fc.assert(
      fc.asyncProperty(line, fc.constantFrom("text" as const, "binary" as const), async (text, format) => {
        await read(text, { format }).catch((fault) => expect(fault).toBeInstanceOf(FormatError));
      }),
    );
  });
});

describe("binary", () => {
  const good = joined(writeVectors(made, "binary"));

  test("comes back without line breaks between words too", async () => {
    const floats = new Uint8Array(Float32Array.of(1, 2).buffer);
    const file = joined([bytesOf("2 2\na "), floats, bytesOf("b "), floats]);
    expect((await readVectors(file, { format: "binary" })).words).toEqual(["a", "b"]);
  });

  test("with a number that is not finite is refused, with its place", async () => {
    const bad = good.slice();
    new DataView(bad.buffer).setFloat32(8, Number.NaN, true); // "6 5\nthe " is 8 bytes
    await expect(readVectors(bad, { format: "binary" })).rejects.toThrow(
      "byte 8: expected finite numbers, got NaN",
    );
  });

  test.each([
    ["text", bytesOf("a 1 2\nb 3 4\n"), 'Then give format "text"'],
    ["no line at all", new Uint8Array(5000).fill(49), 'a line "words width"'],
    [
      "a word without an end",
      joined([bytesOf("1 1\n"), new Uint8Array(5000).fill(97)]),
      "at most 4096 bytes",
    ],
  ])("that is %s is refused", async (_, bytes, message) => {
    await expect(readVectors(bytes, { format: "binary" })).rejects.toThrow(FormatError);
    await expect(readVectors(bytes, { format: "binary" })).rejects.toThrow(message);
  });
});

describe("safetensors", () => {
  test("come back bit for bit, with words of any letters", async () => {
    const spaced = await wordVectors(["a b", "\n", ""], tensor(normals(6, 1), [3, 2]));
    expectSame(await loadVectors(saveVectors(spaced)), spaced);
    expectSame(await loadVectors(saveVectors(made)));
  });

  const entry = (values: number[], shape: number[]) => ({
    dtype: "F32" as const,
    shape,
    bytes: new Uint8Array(Float32Array.from(values).buffer),
  });
  const list = (text: string) => ({ dtype: "U8" as const, shape: [text.length], bytes: bytesOf(text) });

  test.each<[string, Parameters<typeof writeSafetensors>[0], string]>([
    ["other tensors", [["weight", entry([1], [1])]], "the tensors vectors and words, got weight"],
    [
      "no list of words",
      [
        ["vectors", entry([1], [1, 1])],
        ["words", list("{}")],
      ],
      "a JSON list of words",
    ],
    [
      "no JSON",
      [
        ["vectors", entry([1], [1, 1])],
        ["words", list("[")],
      ],
      "a JSON list of words",
    ],
    [
      "too few words",
      [
        ["vectors", entry([1, 2], [2, 1])],
        ["words", list('["a"]')],
      ],
      "a vector for each of 1 words",
    ],
    [
      "a word twice",
      [
        ["vectors", entry([1, 2], [2, 1])],
        ["words", list('["a","a"]')],
      ],
      "every word once",
    ],
    [
      "NaN",
      [
        ["vectors", entry([Number.NaN], [1, 1])],
        ["words", list('["a"]')],
      ],
      "finite numbers",
    ],
  ])("of %s are refused", async (_, tensors, message) => {
    const bytes = writeSafetensors(tensors);
    await expect(loadVectors(bytes)).rejects.toThrow(FormatError);
    await expect(loadVectors(bytes)).rejects.toThrow(message);
  });
});

test("ten million words are refused by the first line where memory does not suffice", async () => {
  const file = bytesOf("10000000 100\nthe 1");
  for (const format of ["text", "binary"] as const) {
    await expect(readVectors(file, { format, memory: 512 })).rejects.toThrow(
      "word vectors: expected at most 512 MiB, got 10000000 words or more, of 100 numbers",
    );
  }
});

test("words that a text cannot have are refused before anything is written", async () => {
  const spaced = await wordVectors(["a", "b c"], tensor(normals(4, 1), [2, 2]));
  expect(() => writeVectors(spaced).next()).toThrow(InputError);
});

test("other formats and limits are refused", async () => {
  await expect(read("a 1", { format: "csv" as "text" })).rejects.toThrow("readVectors.format");
  await expect(read("a 1", { most: 0 })).rejects.toThrow("readVectors.most");
});
