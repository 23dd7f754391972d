/** The numbers of a tensor in a file, whatever their type. */
import { FormatError } from "../errors.js";
import type { Dtype, Entry } from "./safetensors.js";

/** The elements of a tensor: of BOOL 0 and 1; of F16 and BF16, which JavaScript has not, float32, which holds each of them. */
export type Numbers =
  | BigUint64Array
  | BigInt64Array
  | Float64Array
  | Float32Array
  | Uint32Array
  | Int32Array
  | Uint16Array
  | Int16Array
  | Uint8Array
  | Int8Array;

interface NumbersConstructor {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): Numbers;
}

const arrays: Readonly<Record<Dtype, NumbersConstructor>> = {
  U64: BigUint64Array,
  I64: BigInt64Array,
  F64: Float64Array,
  F32: Float32Array,
  U32: Uint32Array,
  I32: Int32Array,
  BF16: Uint16Array,
  F16: Uint16Array,
  U16: Uint16Array,
  I16: Int16Array,
  I8: Int8Array,
  U8: Uint8Array,
  BOOL: Uint8Array,
};

/** A view of the tensor's bytes, or a copy where they are not aligned or JavaScript has no such numbers. */
export function numbersOf(entry: Entry): Numbers {
  const { dtype } = entry;
  if (dtype === "F16") return widened(elements(entry) as Uint16Array, bitsOfHalf);
  if (dtype === "BF16") return widened(elements(entry) as Uint16Array, bitsOfBrain);
  return elements(entry);
}

/**
 * The numbers of a tensor of floats as float32: a view where they are that and aligned, else a copy, of F64 rounded to the
 * nearest. FormatError for integers and booleans, which no weight is.
 */
export function floatsOf(entry: Entry, where: string): Float32Array {
  const numbers = numbersOf(entry);
  if (numbers instanceof Float32Array) return numbers;
  if (numbers instanceof Float64Array) return Float32Array.from(numbers);
  throw new FormatError({ where, expected: "F64, F32, F16 or BF16", got: entry.dtype });
}

function elements({ dtype, bytes }: Entry): Numbers {
  const Elements = arrays[dtype];
  const size = Elements.BYTES_PER_ELEMENT;
  const { buffer, byteOffset, length } = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);
  return new Elements(buffer, byteOffset, length / size);
}

function widened(words: Uint16Array, bitsOf: (word: number) => number): Float32Array {
  return new Float32Array(Uint32Array.from(words, bitsOf).buffer);
}

/** The bits of float32 of a bfloat16: its upper half. */
function bitsOfBrain(word: number): number {
  return word << 16;
}

/** The same of an IEEE 754 binary16: 5 bits of exponent with a bias of 15 instead of 127, and 10 of 23 bits of fraction. */
function bitsOfHalf(word: number): number {
  const sign = (word & 0x8000) << 16;
  let exponent = (word >> 10) & 31;
  let fraction = word & 0x3ff;
  if (exponent === 31) return sign | 0x7f800000 | (fraction << 13);
  if (exponent === 0) {
    if (fraction === 0) return sign;
    for (exponent = 1; fraction < 0x400; exponent--) fraction <<= 1; // subnormal, which float32 has as a normal one
  }
  return sign | ((exponent + 112) << 23) | ((fraction & 0x3ff) << 13);
}
