/** Safetensors in several files: an index names them, and only what the caller gives is looked up. */
import { describe, expect, test } from "vitest";
import { FormatError } from "../../ts/errors.js";
import { type Entry, writeSafetensors } from "../../ts/io/safetensors.js";
import { readShards } from "../../ts/io/shards.js";

const entry = (value: number): Entry => ({ dtype: "U8", shape: [1], bytes: Uint8Array.of(value) });
const shard = (tensors: Record<string, number>) =>
  writeSafetensors(Object.entries(tensors).map(([name, value]) => [name, entry(value)] as const));
const files = new Map([
  ["1.safetensors", shard({ a: 1, b: 2 })],
  ["2.safetensors", shard({ c: 3 })],
]);
const text = (document: unknown) => new TextEncoder().encode(JSON.stringify(document));
const weight_map = { c: "2.safetensors", a: "1.safetensors", b: "1.safetensors" };

test("tensors come from the files that the index names, as views and in its order", () => {
  const index = text({ metadata: { total_size: 3, format: "pt" }, weight_map });
  const { tensors, metadata } = readShards(index, files);
  expect([...tensors].map(([name, { bytes }]) => [name, ...bytes])).toEqual([
    ["c", 3],
    ["a", 1],
    ["b", 2],
  ]);
  expect(tensors.get("c")!.bytes.buffer).toBe(files.get("2.safetensors")!.buffer);
  expect([...metadata]).toEqual([
    ["total_size", "3"],
    ["format", "pt"],
  ]);
});

describe("is refused:", () => {
  const only = (...names: string[]) => new Map([...files].filter(([name]) => names.includes(name)));
  test.each<[string, Uint8Array, ReadonlyMap<string, Uint8Array>, string]>([
    ["no JSON", text("").subarray(1), files, "expected JSON"],
    ["JSON that is no object", text([]), files, "expected an object, got a list"],
    ["no map", text({}), files, "index.weight_map: expected an object, got undefined"],
    ["a file that is no text", text({ weight_map: { a: 1 } }), files, "the name of a file, got number"],
    ["a file that is not there", text({ weight_map }), only("1.safetensors"), '"2.safetensors"'],
    [
      "a path",
      text({ weight_map: { a: "../1.safetensors" } }),
      files,
      'expected one of the files given, 1.safetensors, 2.safetensors, got "../1.safetensors"',
    ],
    ["a property of all objects", text({ weight_map: { a: "__proto__" } }), files, 'got "__proto__"'],
    [
      "a tensor that its file has not",
      text({ weight_map: { ...weight_map, d: "2.safetensors" } }),
      files,
      '["d"]',
    ],
    ["a tensor in another file", text({ weight_map: { ...weight_map, a: "2.safetensors" } }), files, '["a"]'],
    ["a tensor that the index has not", text({ weight_map: { a: "1.safetensors" } }), files, '["b"]'],
    [
      "a tensor in two files",
      text({ weight_map }),
      new Map([...files, ["2.safetensors", shard({ c: 3, a: 1 })]]),
      'index["a"]: expected "2.safetensors", got "1.safetensors"',
    ],
    [
      "a bad file",
      text({ weight_map }),
      new Map([...files, ["2.safetensors", shard({ c: 3 }).subarray(1)]]),
      "safetensors",
    ],
  ])("%s", (_, index, given, message) => {
    expect(() => readShards(index, given)).toThrow(FormatError);
    expect(() => readShards(index, given)).toThrow(message);
  });

  test("more than the limits, and not as much", () => {
    const index = text({ weight_map });
    const most = { tensors: 3, headerBytes: Math.max(index.length, 136) };
    expect(readShards(index, files, most).tensors.size).toBe(3);
    expect(() => readShards(index, files, { ...most, tensors: 2 })).toThrow("at most 2 tensors");
    const long = new Uint8Array(137).fill(0x20);
    long.set(index);
    expect(readShards(long, files, { headerBytes: 137 }).tensors.size).toBe(3);
    expect(() => readShards(long, files, { headerBytes: 136 })).toThrow("at most 136 bytes, got 137");
    const padded = (length: number) => new Uint8Array(length).fill(0x20);
    expect(() => readShards(padded(524_288), files)).toThrow("expected JSON");
    expect(() => readShards(padded(524_289), files)).toThrow("at most 524288 bytes, got 524289");
  });
});
