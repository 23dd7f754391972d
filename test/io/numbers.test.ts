/** The numbers of tensors of every type are what they are in PyTorch; floats become float32. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { FormatError } from "../../ts/errors.js";
import { floatsOf, numbersOf } from "../../ts/io/numbers.js";
import type { Dtype, Entry } from "../../ts/io/safetensors.js";
import { readTorch } from "../../ts/torch/index.js";
import checkpoints from "../golden/torch/checkpoints.json" with { type: "json" };
import { decode } from "../torch/files.js";

const { file, tensors } = checkpoints.holding["every type of number"];
const entries = readTorch(decode(file));

test.each(Object.entries(tensors))("%s", (name, { data }) => {
  const entry = entries.get(name)!;
  expect(entry.dtype).toBe(name);
  const shifted = new Uint8Array(entry.bytes.length + 1).subarray(1);
  shifted.set(entry.bytes);
  for (const each of [entry, { ...entry, bytes: shifted }]) {
    const numbers = Array.from(numbersOf(each) as ArrayLike<number | bigint>, Number);
    expect(numbers).toEqual(data.map(Number));
  }
});

const words = (dtype: Dtype, ...values: number[]): Entry => ({
  dtype,
  shape: [values.length],
  bytes: new Uint8Array(Uint16Array.from(values).buffer),
});

test("halves that are infinite, not a number, subnormal or negative zero", () => {
  const halves = words("F16", 0x7c00, 0xfc00, 0x7e00, 0x0001, 0x83ff, 0x8000, 0x0400);
  expect([...numbersOf(halves)]).toEqual([
    Infinity,
    -Infinity,
    NaN,
    2 ** -24,
    -1023 * 2 ** -24,
    -0,
    2 ** -14,
  ]);
  expect([...numbersOf(words("BF16", 0x7f80, 0xff80, 0x7fc0, 0x0001, 0x8000))]).toEqual([
    Infinity,
    -Infinity,
    NaN,
    2 ** -133,
    -0,
  ]);
});

test("every half is its value by the definition of IEEE 754", () => {
  const all = numbersOf(words("F16", ...Array(0x7c00).keys()));
  const expected = Array.from({ length: 0x7c00 }, (_, word) => {
    const [exponent, fraction] = [word >> 10, word & 1023];
    return exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
  });
  expect([...all]).toEqual(expected);
});

test("aligned numbers are views, float32 of float32 too", () => {
  for (const dtype of ["F64", "F32", "I64", "U32", "I16", "BOOL"] as const) {
    const entry: Entry = { dtype, shape: [], bytes: new Uint8Array(8) };
    expect(numbersOf(entry).buffer, dtype).toBe(entry.bytes.buffer);
  }
  const entry: Entry = { dtype: "F32", shape: [2], bytes: new Uint8Array(8) };
  expect(floatsOf(entry, "").buffer).toBe(entry.bytes.buffer);
});

test("float64 becomes float32 by rounding to the nearest", () => {
  fc.assert(
    fc.property(fc.float64Array({ maxLength: 8 }), (values) => {
      const entry: Entry = { dtype: "F64", shape: [values.length], bytes: new Uint8Array(values.buffer) };
      expect([...floatsOf(entry, "")]).toEqual([...values].map(Math.fround));
    }),
  );
});

test.each(["U64", "I64", "U32", "I32", "U16", "I16", "U8", "I8", "BOOL"] as const)(
  "%s is no float",
  (dtype) => {
    const entry: Entry = { dtype, shape: [], bytes: new Uint8Array(8) };
    expect(() => floatsOf(entry, "weight")).toThrow(
      new FormatError({ where: "weight", expected: "F64, F32, F16 or BF16", got: dtype }),
    );
  },
);
