/** Files of the official writer are read and written to the byte; anything the format forbids is refused by name. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FormatError, InputError } from "../../ts/errors.js";
import {
  type Dtype,
  type Entry,
  float32,
  type Limits,
  readSafetensors,
  writeSafetensors,
} from "../../ts/io/safetensors.js";
import bad from "../golden/safetensors/bad.json" with { type: "json" };
import dtypes from "../golden/safetensors/dtypes.json" with { type: "json" };
import lstmState from "../golden/safetensors/lstm-state.json" with { type: "json" };
import official from "../golden/safetensors/official.json" with { type: "json" };

const decode = (base64: string) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

/** A file of a header, as text or bytes, and `dataBytes` zeros. */
function file(header: string | Uint8Array, dataBytes = 0): Uint8Array {
  const text = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + text.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

const f32 = (begin: number, end: number, shape = `[${(end - begin) / 4}]`) =>
  `{"dtype":"F32","shape":${shape},"data_offsets":[${begin},${end}]}`;

/** The numbers of an entry, read one by one. */
function numbers({ bytes }: Entry, size: number, get: (view: DataView, offset: number) => number | bigint) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / size }, (_, i) => get(view, i * size));
}

describe("files of the official writer", () => {
  test.each(official)("with $title are read", ({ file: base64, tensors, metadata }) => {
    const read = readSafetensors(decode(base64));
    expect([...read.metadata]).toEqual(Object.entries(metadata));
    expect(read.tensors.size).toBe(tensors.length);
    for (const { name, dtype, shape, bytes } of tensors)
      expect(read.tensors.get(name)).toEqual({ dtype, shape, bytes: decode(bytes) });
  });

  test.each(official)("with $title are written to the byte", ({ file: base64, tensors, metadata }) => {
    const entries = tensors.map(({ name, dtype, shape, bytes }): [string, Entry] => [
      name,
      { dtype: dtype as Dtype, shape, bytes: decode(bytes) },
    ]);
    expect(writeSafetensors(entries, Object.entries(metadata))).toEqual(decode(base64));
  });
});

describe("files of other writers", () => {
  test("a PyTorch state with its values", () => {
    const { metadata, tensors } = readSafetensors(decode(lstmState.file));
    expect(metadata.get("format")).toBe("pt");
    expect([...tensors.keys()]).toEqual(Object.keys(lstmState.tensors));
    for (const [name, { shape, data }] of Object.entries(lstmState.tensors)) {
      const entry = tensors.get(name)!;
      expect(entry.shape).toEqual(shape);
      expect([...float32(entry, name)]).toEqual(data);
    }
  });

  test("tensors that are not aligned, a scalar and an empty one", () => {
    const { tensors } = readSafetensors(decode(dtypes.file));
    const { values } = dtypes;
    const of = (name: string) => tensors.get(name)!;
    expect(numbers(of("f64"), 8, (view, at) => view.getFloat64(at, true))).toEqual(values.f64);
    expect(numbers(of("i64"), 8, (view, at) => view.getBigInt64(at, true)).map(String)).toEqual(values.i64);
    expect(numbers(of("i32"), 4, (view, at) => view.getInt32(at, true))).toEqual(values.i32);
    expect(numbers(of("i8"), 1, (view, at) => view.getInt8(at))).toEqual(values.i8);
    expect([...of("u8").bytes]).toEqual(values.u8);
    expect([...of("bool").bytes].map(Boolean)).toEqual(values.bool);
    expect(of("f16").shape).toEqual([values.f16.length]);
    expect(of("bf16").shape).toEqual([values.bf16.length]);
    expect(of("scalar").shape).toEqual([]);
    expect(of("scalar").bytes.byteOffset % 4).not.toBe(0);
    expect([...float32(of("scalar"), "scalar")]).toEqual([values.scalar]);
    expect(of("empty").shape).toEqual([0, 4]);
    expect([...float32(of("empty"), "empty")]).toEqual(values.empty);
  });

  test("fields in any order with space between them", () => {
    const header = '{\n "a" : {"data_offsets": [ 0 ,\t4 ], "shape":[ ] , "dtype":"I32" } }   ';
    expect(readSafetensors(file(header, 4)).tensors.get("a")).toEqual({
      dtype: "I32",
      shape: [],
      bytes: new Uint8Array(4),
    });
  });

  test("tensors in another order than their data", () => {
    const { tensors } = readSafetensors(file(`{"b":${f32(4, 12)},"e":${f32(4, 4)},"a":${f32(0, 4)}}`, 12));
    expect([...tensors].map(([name, { bytes }]) => [name, bytes.length])).toEqual([
      ["b", 8],
      ["e", 0],
      ["a", 4],
    ]);
  });

  test("names that are properties of every object", () => {
    const { tensors } = readSafetensors(file(`{"__proto__":${f32(0, 4)},"constructor":${f32(4, 8)}}`, 8));
    expect([...tensors.keys()]).toEqual(["__proto__", "constructor"]);
    expect(({} as Record<string, unknown>).dtype).toBeUndefined();
  });
});

describe("float32", () => {
  test("views aligned bytes and copies others", () => {
    const { tensors } = readSafetensors(file(`{"a":${f32(0, 8)}}  `, 8));
    const { bytes } = tensors.get("a")!;
    expect(bytes.byteOffset % 4).toBe(0);
    expect(float32(tensors.get("a")!, "a").buffer).toBe(bytes.buffer);
    const shifted = new Uint8Array(9).subarray(1);
    shifted.set(new Uint8Array(new Float32Array([1.5, -2]).buffer));
    expect([...float32({ dtype: "F32", shape: [2], bytes: shifted }, "b")]).toEqual([1.5, -2]);
  });

  test("refuses another type of number", () => {
    const entry: Entry = { dtype: "F16", shape: [1], bytes: new Uint8Array(2) };
    expect(() => float32(entry, "dense.bias")).toThrow(
      new FormatError({ where: "dense.bias", expected: "F32", got: "F16" }),
    );
  });
});

describe("readSafetensors refuses", () => {
  test.each(Object.entries(bad))("the bad file %s", (_, base64) => {
    expect(() => readSafetensors(decode(base64))).toThrow(FormatError);
  });

  const a = (fields: string) => file(`{"a":{${fields}}}`, 8);
  const shaped = (shape: string) => a(`"dtype":"F32","shape":${shape},"data_offsets":[0,8]`);
  const placed = (offsets: string) => a(`"dtype":"F32","shape":[2],"data_offsets":${offsets}`);

  test.each<[string, Uint8Array, string]>([
    ["a file of 7 bytes", new Uint8Array(7), "8 bytes of length, got a file of 7 bytes"],
    ["a header past the end", file("{}").subarray(0, 9), "safetensors.header: expected 2 bytes, got 1 to"],
    ["a length of 2^64 - 1", new Uint8Array(16).fill(255), "got 18446744073709551615"],
    ["no header", file(""), "safetensors.header at byte 8"],
    ["space before the header", file(" {}"), "safetensors.header at byte 8"],
    ["a byte order mark", file("\ufeff{}"), "safetensors.header at byte 8"],
    ["bytes that are not UTF-8", file(new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x7d])), "expected UTF-8"],
    [
      "an open object",
      file('{"a"'),
      'safetensors.header at byte 12: expected ":", got the end of the header',
    ],
    ["text after the object", file("{} {"), "at byte 11: expected only spaces"],
    ["a newline after the object", file("{}\n"), "only spaces after the header's object"],
    ["a comma at the end", file(`{"a":${f32(0, 4)},}`, 4), 'expected a string, got "}"'],
    ["a missing comma", file(`{"a":${f32(0, 4)} "b":${f32(4, 8)}}`, 8), 'expected "," or "}", got "\\""'],
    [
      "a comment",
      file(`{/**/"a":${f32(0, 4)}}`, 4),
      'safetensors.header at byte 9: expected a string, got "/"',
    ],
    ["a raw line break in a name", file(`{"a\n":${f32(0, 4)}}`, 4), "expected a string of valid JSON"],
    ["an unknown escape", file(`{"\\x":${f32(0, 4)}}`, 4), "expected a string of valid JSON"],
    ["an open string", file('{"a\\"'), "expected a string of valid JSON"],
    ["half of a surrogate pair", file(`{"\\ud83d":${f32(0, 4)}}`, 4), "half of a surrogate pair"],
    [
      "a name twice",
      file(`{"a":${f32(0, 4)},"a":${f32(4, 8)}}`, 8),
      'expected every key once, got "a" again',
    ],
    ["a name twice by an escape", file(`{"a":${f32(0, 4)},"\\u0061":${f32(0, 4)}}`, 4), 'got "a" again'],
    ["a field twice", a('"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]'), '"dtype" again'],
    ["metadata twice", file('{"__metadata__":{},"__metadata__":{}}'), '"__metadata__" again'],
    ["a key of the metadata twice", file('{"__metadata__":{"k":"1","k":"2"}}'), '"k" again'],
    ["metadata that is a list", file('{"__metadata__":[]}'), 'expected "{", got "["'],
    ["metadata that is null", file('{"__metadata__":null}'), 'expected "{", got "n"'],
    ["a number in the metadata", file('{"__metadata__":{"k":1}}'), 'expected a string, got "1"'],
    ["a tensor that is a list", file('{"a":[]}'), 'expected "{", got "["'],
    ["no fields", a(""), 'safetensors["a"]: expected dtype, shape and data_offsets, got none of them'],
    ["no offsets", a('"dtype":"F32","shape":[2]'), "dtype, shape and data_offsets, got dtype, shape"],
    [
      "another field",
      a('"dtype":"F32","strides":[2]'),
      'safetensors["a"]: expected no other field, got "strides"',
    ],
    [
      "an unknown type",
      a('"dtype":"F8","shape":[8],"data_offsets":[0,8]'),
      'safetensors["a"].dtype: expected U64',
    ],
    [
      "a type named as a property",
      a('"dtype":"toString","shape":[2],"data_offsets":[0,8]'),
      'got "toString"',
    ],
    ["a type that is a number", a('"dtype":4'), 'expected a string, got "4"'],
    ["a negative length", shaped("[-2]"), 'safetensors["a"].shape: expected lengths from 0'],
    ["a fraction", shaped("[2.0]"), 'expected "," or "]", got "."'],
    ["an exponent", shaped("[2e0]"), 'expected "," or "]", got "e"'],
    ["a leading zero", shaped("[02]"), 'expected "," or "]", got "2"'],
    ["a negative zero", shaped("[-0]"), 'expected a whole number, got "-"'],
    ["a length that float64 cannot tell apart", shaped("[9007199254740993]"), "a whole number between -2^53"],
    ["a length in a string", shaped('["2"]'), "expected a whole number"],
    ["a list in the shape", shaped("[[2]]"), "expected a whole number"],
    ["a shape that is a number", shaped("2"), 'expected "[", got "2"'],
    ["nine axes", shaped("[1,1,1,1,1,1,1,1,2]"), "at most 8 numbers"],
    // Modulo 2^64 the product is 4, and the size 16 would be right.
    ["a product past 2^64", shaped("[4194305,4194305,211106198978564]"), "whose product float64 can count"],
    ["a product past 2^53 with a zero after", shaped("[4503599627370496,4,0]"), "whose product"],
    ["one offset", placed("[0]"), "expected [begin, end]"],
    ["three offsets", placed("[0,8,8]"), "at most 2 numbers"],
    ["a negative begin", placed("[-8,0]"), 'safetensors["a"].data_offsets: expected [begin, end]'],
    ["an end before the begin", placed("[8,0]"), "expected [begin, end] with 0 <= begin <= end, got [8,0]"],
    ["a size that is not the shape's", placed("[0,4]"), "expected 8 bytes for F32 [2], got 4"],
    [
      "data that begins late",
      file(`{"a":${f32(4, 8)}}`, 8),
      'safetensors["a"].data_offsets: expected a begin of 0',
    ],
    ["a hole", file(`{"a":${f32(0, 4)},"b":${f32(8, 12)}}`, 12), "expected a begin of 4"],
    ["an overlap", file(`{"a":${f32(0, 8)},"b":${f32(4, 12)}}`, 12), "expected a begin of 8"],
    ["the same data twice", file(`{"a":${f32(0, 8)},"b":${f32(0, 8)}}`, 8), "expected a begin of 8"],
    [
      "an empty tensor within another",
      file(`{"a":${f32(0, 8)},"b":${f32(4, 4)}}`, 8),
      "expected a begin of 8",
    ],
    [
      "data past the end",
      file(`{"a":${f32(0, 8)}}`, 7),
      "expected 8 bytes of data, as its header says, got 7",
    ],
    ["bytes behind the data", file(`{"a":${f32(0, 8)}}`, 9), "expected 8 bytes of data"],
    ["bytes without a tensor", file("{}", 1), "expected 0 bytes of data"],
  ])("%s", (_, bytes, message) => {
    expect(() => readSafetensors(bytes)).toThrow(FormatError);
    expect(() => readSafetensors(bytes)).toThrow(message);
  });

  test("gives the byte of a fault behind letters of several bytes", () => {
    expect(() => readSafetensors(file('{"é😀"!'))).toThrow('at byte 17: expected ":", got "!"');
  });

  test.each<[string, Partial<Limits>, Uint8Array]>([
    ["the header's bytes", { headerBytes: 1 }, file("{}")],
    ["tensors", { tensors: 1 }, file(`{"a":${f32(0, 4)},"b":${f32(4, 8)}}`, 8)],
    ["entries of the metadata", { tensors: 1 }, file('{"__metadata__":{"a":"","b":""}}')],
    ["axes", { rank: 1 }, file(`{"a":${f32(0, 8, "[1,2]")}}`, 8)],
    ["the bytes of a name", { nameBytes: 3 }, file(`{"éé":${f32(0, 4)}}`, 4)],
  ])("more than the limit of %s, and not as much", (_, limits, bytes) => {
    const [[limit, most]] = Object.entries(limits);
    expect(() => readSafetensors(bytes, limits)).toThrow(FormatError);
    expect(() => readSafetensors(bytes, { [limit]: most + 1 })).not.toThrow();
  });

  test("more than 65,536 tensors, and not as many", () => {
    const many = (count: number) =>
      file(`{${Array.from({ length: count }, (_, i) => `"${i}":${f32(0, 0)}`).join()}}`);
    expect(readSafetensors(many(65_536)).tensors.size).toBe(65_536);
    expect(() => readSafetensors(many(65_537))).toThrow("at most 65536 tensors, got 65537");
  });

  test("more than 8 axes and names of more than 1,024 bytes, and not as much", () => {
    const named = (length: number) => file(`{"${"n".repeat(length)}":${f32(0, 4, "[1,1,1,1,1,1,1,1]")}}`, 4);
    expect(readSafetensors(named(1024)).tensors.size).toBe(1);
    expect(() => readSafetensors(named(1025))).toThrow("at most 1024 bytes in a tensor's name, got 1025");
  });
});

describe("a damaged file gives a FormatError or is another valid file", () => {
  const whole = decode(official.find(({ title }) => title === "a small network")!.file);
  const headerEnd = 8 + whole[0] + 256 * whole[1];

  /** Reads `bytes`; what is accepted must be what JSON.parse sees too, and lie within the file. */
  function check(bytes: Uint8Array): boolean {
    let read: ReturnType<typeof readSafetensors>;
    try {
      read = readSafetensors(bytes);
    } catch (error) {
      if (error instanceof FormatError) return false;
      throw error;
    }
    const size = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
    const { __metadata__, ...tensors } = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + size)));
    const seen = [...read.tensors].map(
      ([
        name,
        {
          dtype,
          shape,
          bytes: { byteOffset, length },
        },
      ]) => {
        const begin = byteOffset - bytes.byteOffset - 8 - size;
        return [name, { dtype, shape, data_offsets: [begin, begin + length] }];
      },
    );
    if (JSON.stringify(Object.fromEntries(seen)) !== JSON.stringify(sortFields(tensors)))
      throw new Error(`read ${JSON.stringify(seen)}`);
    return true;
  }

  const sortFields = (tensors: Record<string, Record<string, unknown>>) =>
    Object.fromEntries(
      Object.entries(tensors).map(([name, { dtype, shape, data_offsets }]) => [
        name,
        { dtype, shape, data_offsets },
      ]),
    );

  test("after every truncation", () => {
    for (let length = 0; length < whole.length; length++) expect(check(whole.slice(0, length))).toBe(false);
    expect(check(whole)).toBe(true);
  });

  test("after every change of one byte of the header", () => {
    let accepted = 0;
    const bytes = whole.slice();
    for (let place = 0; place < headerEnd; place++) {
      for (let value = 0; value < 256; value++) {
        bytes[place] = value;
        if (check(bytes)) accepted++;
      }
      bytes[place] = whole[place];
    }
    // At least the unchanged file at every place, and other letters in the names.
    expect(accepted).toBeGreaterThan(headerEnd);
  });

  test("after several edits of its header", () => {
    const piece = fc.constantFrom(
      ...'{}[]":,\\0123456789-.eaué😀\u0000 ',
      "F32",
      '"shape"',
      "__metadata__",
      "null",
    );
    const edit = fc.record({
      place: fc.nat(250),
      remove: fc.nat(9),
      insert: fc.array(piece, { maxLength: 4 }),
    });
    const header = new TextDecoder().decode(whole.subarray(8, headerEnd));
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
        let text = header;
        for (const { place, remove, insert } of edits)
          text = text.slice(0, place) + insert.join("") + text.slice(place + remove);
        check(file(text, whole.length - headerEnd));
      }),
      { numRuns: 2000 },
    );
  });

  test("or is not a file at all", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.boolean(), (bytes, framed) => {
        check(framed ? file(new Uint8Array([0x7b, ...bytes])) : bytes);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("writeSafetensors", () => {
  const sizes = {
    F64: 8,
    F32: 4,
    F16: 2,
    BF16: 2,
    I64: 8,
    I32: 4,
    I16: 2,
    I8: 1,
    U64: 8,
    U32: 4,
    U16: 2,
    U8: 1,
    BOOL: 1,
  };
  const name = fc.string({ unit: "grapheme", maxLength: 12 }).filter((text) => text !== "__metadata__");
  const entry = fc
    .record({
      dtype: fc.constantFrom(...(Object.keys(sizes) as Dtype[])),
      shape: fc.array(fc.nat(3), { maxLength: 4 }),
      first: fc.nat(255),
    })
    .map(({ dtype, shape, first }): Entry => {
      const length = shape.reduce((product, size) => product * size, sizes[dtype]);
      return { dtype, shape, bytes: Uint8Array.from({ length }, (_, i) => first + i) };
    });
  const tensors = fc.uniqueArray(fc.tuple(name, entry), { selector: ([key]) => key, maxLength: 6 });
  const metadata = fc.uniqueArray(fc.tuple(name, name), { selector: ([key]) => key, maxLength: 3 });

  test("writes what readSafetensors reads back, aligned and in an order of its own", () => {
    fc.assert(
      fc.property(tensors, metadata, (entries, strings) => {
        const bytes = writeSafetensors(entries, strings);
        const read = readSafetensors(bytes);
        expect(new Map(read.metadata)).toEqual(new Map(strings));
        expect(new Map(read.tensors)).toEqual(new Map(entries));
        for (const { dtype, bytes: view } of read.tensors.values())
          expect(view.byteOffset % sizes[dtype]).toBe(0);
        expect(writeSafetensors(entries.toReversed(), strings)).toEqual(bytes);
        expect(writeSafetensors(read.tensors, read.metadata)).toEqual(bytes);
      }),
    );
  });

  const one = (fields: Partial<Entry>, key = "a"): [string, Entry][] => [
    [key, { dtype: "U8", shape: [2], bytes: new Uint8Array(2), ...fields }],
  ];

  test.each<[string, [string, Entry][], [string, string][], string]>([
    ["bytes that are not the shape's", one({ shape: [3] }), [], "expected 3 bytes for U8 [3], got 2"],
    ["a negative length", one({ shape: [-2, -1] }), [], 'safetensors["a"].shape'],
    ["a fraction", one({ shape: [0.5, 4] }), [], "safetensors.header at byte"],
    ["nine axes", one({ shape: [2, 1, 1, 1, 1, 1, 1, 1, 1] }), [], "at most 8 numbers"],
    ["an unknown type", one({ dtype: "F8" as Dtype }), [], 'got "F8"'],
    ["a name twice", [...one({}), ...one({})], [], 'expected every key once, got "a" again'],
    ["a long name", one({}, "n".repeat(1025)), [], "at most 1024 bytes"],
    ["the name of the metadata", one({}, "__metadata__"), [], "expected a string"],
    ["half of a surrogate pair", one({}, "\ud800"), [], "half of a surrogate pair"],
    [
      "a key of the metadata twice",
      [],
      [
        ["k", ""],
        ["k", ""],
      ],
      'got "k" again',
    ],
  ])("refuses %s", (_, entries, strings, message) => {
    expect(() => writeSafetensors(entries, strings)).toThrow(InputError);
    expect(() => writeSafetensors(entries, strings)).toThrow(message);
  });
});
