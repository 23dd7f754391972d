/** What the elements of a dataset or attribute are, and how many there are. */
import { atMost } from "../limits.js";
import type { Source } from "./source.js";

/** Numbers of IEEE 754 or whole numbers, text of a fixed length or in a heap; `other` is anything else. */
export interface Datatype {
  readonly kind: "float" | "integer" | "text" | "heap text" | "other";
  /** Bytes of one element. */
  readonly size: number;
  readonly littleEndian: boolean;
}

/** Bit of the sign, then place and bits of the exponent, place and bits of the mantissa, and the exponent's bias. */
const ieee = new Map([
  [2, [15, 10, 5, 0, 10, 15]],
  [4, [31, 23, 8, 0, 23, 127]],
  [8, [63, 52, 11, 0, 52, 1023]],
]);

/** Reads a datatype message. */
export function datatypeAt(source: Source, at: number): Datatype {
  const family = source.byte(at) & 15;
  const bits = source.byte(at + 1);
  const size = source.word32(at + 4);
  const littleEndian = (bits & 1) === 0;
  if (family === 0) return { kind: "integer", size, littleEndian };
  if (family === 1) {
    const found = [
      source.byte(at + 2),
      ...[12, 13, 14, 15].map((offset) => source.byte(at + offset)),
      source.word32(at + 16),
    ];
    const known = (bits & 64) === 0 && ieee.get(size)?.join() === found.join() && source.word16(at + 8) === 0;
    return { kind: known ? "float" : "other", size, littleEndian };
  }
  if (family === 3) return { kind: "text", size, littleEndian };
  if (family === 9 && (bits & 15) === 1) return { kind: "heap text", size, littleEndian };
  return { kind: "other", size, littleEndian };
}

/** Reads a dataspace message: the length of each axis; none of a single number, 0 where there is nothing. */
export function shapeAt(source: Source, at: number, rank: number): number[] {
  const version = source.byte(at);
  const axes = source.byte(at + 1);
  if (version !== 1 && version !== 2) source.refuse(at, "a dataspace of version 1 or 2", String(version));
  atMost(`HDF5 at byte ${at}`, axes, rank, "axes");
  if (version === 2 && source.byte(at + 3) === 2) return [0];
  const first = at + (version === 1 ? 8 : 4);
  const shape = Array.from({ length: axes }, (_, axis) => source.length64(first + 8 * axis));
  if (!Number.isSafeInteger(countOf(shape))) {
    source.refuse(at, "lengths whose product float64 can count", `[${shape}]`);
  }
  return shape;
}

/** How many elements a shape has. */
export function countOf(shape: readonly number[]): number {
  return shape.reduce((count, length) => count * length, 1);
}
