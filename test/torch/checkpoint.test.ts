/** Files of torch.save hold what PyTorch put there; those that hold more than data are refused by name. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FormatError } from "../../ts/errors.js";
import { numbersOf } from "../../ts/io/numbers.js";
import { writeSafetensors } from "../../ts/io/safetensors.js";
import { readZip, writeZip } from "../../ts/io/zip.js";
import { readTorch } from "../../ts/torch/index.js";
import checkpoints from "../golden/torch/checkpoints.json" with { type: "json" };
import { ascii, decode, placedFile } from "./files.js";

interface Held {
  readonly file: string;
  readonly tensors: Readonly<Record<string, { readonly shape: number[]; readonly data: unknown[] }>>;
}
const holding: Readonly<Record<string, Held>> = checkpoints.holding;

describe("a file with", () => {
  test.each(Object.entries(holding))("%s", (_, { file, tensors }) => {
    const state = readTorch(decode(file));
    expect([...state.keys()]).toEqual(Object.keys(tensors));
    for (const [name, { shape, data }] of Object.entries(tensors)) {
      const entry = state.get(name)!;
      expect(entry.shape, name).toEqual(shape);
      const numbers = Array.from(numbersOf(entry) as ArrayLike<number | bigint>, Number);
      expect(numbers, name).toEqual(data.map(Number));
    }
  });

  test("a prefix gives the tensors behind it", () => {
    const bytes = decode(holding["a training in progress"]!.file);
    const names = [...readTorch(bytes, { prefix: "model." }).keys()];
    expect(names).toEqual(
      ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"]
        .map((name) => `lstm.${name}`)
        .concat("out.weight", "out.bias"),
    );
    expect(readTorch(bytes, { prefix: "nothing." }).size).toBe(0);
  });
});

describe("is refused:", () => {
  const message: Readonly<Record<string, string>> = {
    "an object of a class": '"__main__ Own"',
    "a whole model": '"torch.nn.modules.linear Linear"',
    "before PyTorch 1.6": "saved by PyTorch before 1.6",
    "another protocol": "a pickle of protocol 2",
    "a sparse tensor": '"torch._utils _rebuild_sparse_tensor"',
    "an unsigned type": "_rebuild_tensor_v3",
    "a program": "a program (TorchScript)",
  };
  test.each(Object.entries(checkpoints.refused))("%s", (name, file) => {
    expect(() => readTorch(decode(file))).toThrow(FormatError);
    expect(() => readTorch(decode(file))).toThrow(message[name]);
  });

  const views = decode(holding["views of storages"]!.file);
  const files = readZip(views, "", 100);
  const archive = (changes: Readonly<Record<string, Uint8Array | undefined>>) => {
    const all = [...Object.entries(Object.fromEntries(files)), ...Object.entries(changes)];
    return writeZip(
      new Map(
        all.filter(
          (each): each is [string, Uint8Array] =>
            each[1] !== undefined && !(each[0] in changes && changes[each[0]] !== each[1]),
        ),
      ),
    );
  };
  /** The pickle with one piece replaced by another of the same length. */
  const edited = (from: readonly number[], to: readonly number[]) => {
    const pickle = files.get("archive/data.pkl")!.slice();
    const at = pickle.findIndex((_, i) => from.every((byte, j) => pickle[i + j] === byte));
    expect(at).toBeGreaterThan(0);
    pickle.set(to, at);
    return archive({ "archive/data.pkl": pickle });
  };

  test("nothing, if nothing is changed", () => {
    expect(readTorch(archive({}))).toEqual(readTorch(views));
  });

  // The first tensor: 24 numbers from 0, shape (4, 6), strides (6, 1).
  test.each<[string, Uint8Array, string]>([
    [
      "numbers of another machine",
      archive({ "archive/byteorder": ascii("big") }),
      'byteorder: expected "little"',
    ],
    ["no pickle", archive({ "archive/data.pkl": undefined }), "one data.pkl in its archive, got none"],
    ["two pickles", archive({ "other/data.pkl": ascii("") }), "got several"],
    [
      "numbers that are not there",
      archive({ "archive/data/0": undefined }),
      'tensor "base": expected its numbers',
    ],
    [
      "too few numbers",
      archive({ "archive/data/0": new Uint8Array(95) }),
      "24 numbers of 4 bytes, got 95 bytes",
    ],
    [
      "too many numbers",
      archive({ "archive/data/0": new Uint8Array(97) }),
      "24 numbers of 4 bytes, got 97 bytes",
    ],
    ["a path as a key", edited(ascii("X\x01\0\0\x000") as never, ascii("X\x01\0\0\0/") as never), "data//"],
    [
      "a longer shape",
      edited([0x4b, 4, 0x4b, 6, 0x86], [0x4b, 5, 0x4b, 6, 0x86]),
      "elements within its 24 numbers, got [5,6]",
    ],
    [
      "a longer stride",
      edited([0x4b, 6, 0x4b, 1, 0x86], [0x4b, 7, 0x4b, 1, 0x86]),
      "elements within its 24 numbers",
    ],
    ["many more numbers", edited([0x4b, 4, 0x4b, 6, 0x86], [0x4b, 99, 0x4b, 6, 0x86]), "elements within"],
    ["axes without strides", edited([0x4b, 4, 0x4b, 6, 0x86], [0x4b, 4, 0x85, 0x30, 0x30]), "pickle"],
  ])("%s", (_, bytes, message) => {
    expect(() => readTorch(bytes)).toThrow(FormatError);
    if (message !== "pickle") expect(() => readTorch(bytes)).toThrow(message);
  });

  test("one bit of a number that is another than when it was saved", () => {
    const at = views.findIndex(
      (_, i) => i > 64 && files.get("archive/data/0")!.every((byte, j) => views[i + j] === byte),
    );
    const damaged = views.slice();
    damaged[at + 5]! ^= 16;
    expect(() => readTorch(damaged)).toThrow(FormatError);
    expect(() => readTorch(damaged)).toThrow(
      /data\/0"\]: expected bytes with the CRC-32 .* — the file is damaged/,
    );
  });

  test("more than the limits, and not as much", () => {
    const count = readTorch(views).size;
    expect(readTorch(views, { limits: { tensors: count } }).size).toBe(count);
    expect(() => readTorch(views, { limits: { tensors: count - 1 } })).toThrow(
      `at most ${count - 1} tensors`,
    );
    expect(() => readTorch(views, { limits: { rank: 2 } })).toThrow("at most 2 axes, got 3");
    expect(readTorch(views, { limits: { rank: 3 } }).size).toBe(count);
    expect(() => readTorch(views, { limits: { nameBytes: 9 } })).toThrow("names of at most 9");
    expect(readTorch(views, { limits: { nameBytes: 10 } }).size).toBe(count);
    const deep = decode(holding["a list of tensors"]!.file);
    expect(readTorch(deep, { limits: { depth: 2 } }).size).toBe(2);
    expect(() => readTorch(deep, { limits: { depth: 1 } })).toThrow("at most 1 levels");
    expect(() => readTorch(views, { limits: { pickleMemory: 100 } })).toThrow("objects of at most 100 bytes");
  });
});

describe("tensors in one storage", () => {
  const storage = Float32Array.from({ length: 24 }, (_, i) => i);
  const one = (shape: number[], strides: number[], offset = 0) =>
    readTorch(placedFile(storage, [{ name: "a", shape, strides, offset }])).get("a")!;

  test("are where their strides say", () => {
    const strided = fc.tuple(fc.nat(3), fc.nat(4), fc.nat(3), fc.nat(5), fc.nat(7));
    fc.assert(
      fc.property(strided, ([rows, columns, down, across, offset]) => {
        const [elements, last] = [rows * columns, offset + (rows - 1) * down + (columns - 1) * across];
        fc.pre(elements === 0 || last < 24);
        const expected = Array.from(
          { length: elements },
          (_, i) => offset + Math.floor(i / columns) * down + (i % columns) * across,
        );
        expect([...numbersOf(one([rows, columns], [down, across], offset))]).toEqual(expected);
      }),
    );
  });

  test("end where it ends", () => {
    expect(one([2, 3], [3, 1], 18).bytes.length).toBe(24);
    expect(() => one([2, 3], [3, 1], 19)).toThrow(
      "elements within its 24 numbers, got [2,3] by [3,1] from 19",
    );
    expect(one([3, 2], [11, 1]).bytes.length).toBe(24);
    expect(() => one([3, 2], [12, 1])).toThrow("elements within its 24 numbers");
  });

  test("have no more elements than it", () => {
    expect(one([24], [0]).bytes.length).toBe(96);
    expect(() => one([25], [0])).toThrow("elements within its 24 numbers, got [25] by [0]");
    expect(() => one([2 ** 30, 2 ** 30], [0, 0])).toThrow("elements within its 24 numbers");
  });

  test("that have to be rearranged take no more bytes than the file, as views they may", () => {
    const large = new Float32Array(1024);
    const tensors = (count: number, strides: number[]) =>
      placedFile(
        large,
        Array.from({ length: count }, (_, i) => ({ name: `${i}`, shape: [32, 32], strides })),
      );
    expect(readTorch(tensors(20, [32, 1])).size).toBe(20);
    expect(readTorch(tensors(1, [1, 32])).size).toBe(1);
    expect(() => readTorch(tensors(20, [1, 32]))).toThrow("bytes rearranged, got more");
  });
});

test("a file is told by how it begins, whatever the length of its header is", () => {
  const tensors = [["weight", { dtype: "F32", shape: [2], bytes: new Uint8Array(8) }]] as const;
  for (const length of [0x7b, 0x80, 0x50, 0x27b, 0x280]) {
    const whole = writeSafetensors(tensors);
    const end = 8 + whole[0]!;
    const bytes = new Uint8Array(8 + length + 8).fill(0x20);
    bytes.set(whole.subarray(8, end), 8);
    bytes.set(whole.subarray(end), 8 + length);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
    expect([...readTorch(bytes).keys()], `${length}`).toEqual(["weight"]);
  }
});
