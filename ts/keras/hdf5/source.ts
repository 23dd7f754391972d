/** The bytes of an HDF5 file, read only where there are some, and a count of what reading them takes. */
import { FormatError } from "../../errors.js";
import { decodeUtf8 } from "../../io/utf8.js";

/** The address that means none. */
export const NOWHERE = Number.POSITIVE_INFINITY;

/** Bytes of text that count as a part. */
const PIECE = 64;

export class Source {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #most: number;
  #parts = 0;
  #numbers = 0;

  /** `parts`: how many headers, messages, links, objects of heaps and pieces of text may be read in all. */
  constructor(bytes: Uint8Array, parts: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#most = parts;
  }

  get length(): number {
    return this.#bytes.length;
  }

  /** Counts parts that are read, so that structures that go in circles or overlap come to an end. */
  part(at: number, count = 1): void {
    this.#parts += count;
    if (this.#parts > this.#most) this.refuse(at, `at most ${this.#most} parts to read in all`, "more");
  }

  byte(at: number): number {
    return this.#bytes[this.#within(at, 1)]!;
  }

  word16(at: number): number {
    return this.#view.getUint16(this.#within(at, 2), true);
  }

  word32(at: number): number {
    return this.#view.getUint32(this.#within(at, 4), true);
  }

  /** A length: a whole number that float64 can tell apart. */
  length64(at: number): number {
    const value = this.#view.getBigUint64(this.#within(at, 8), true);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) this.refuse(at, "a length below 2^53", String(value));
    return Number(value);
  }

  /** An address, or NOWHERE. */
  address(at: number): number {
    const value = this.#view.getBigUint64(this.#within(at, 8), true);
    return value === 0xffff_ffff_ffff_ffffn ? NOWHERE : this.length64(at);
  }

  /** The bytes of a dataset; all of them together cannot be more than the file. */
  dataset(at: number, count: number): Uint8Array {
    this.#numbers += count;
    if (this.#numbers > this.length)
      this.refuse(at, "datasets that do not overlap", "more numbers than the file has");
    return this.bytes(at, count);
  }

  /** A view, not a copy. */
  bytes(at: number, count: number): Uint8Array {
    const start = this.#within(at, count);
    return new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + start, count);
  }

  /** Throws unless these characters stand there. */
  signature(at: number, expected: string): void {
    const found = String.fromCharCode(...this.bytes(at, expected.length));
    if (found !== expected) this.refuse(at, JSON.stringify(expected), JSON.stringify(found));
  }

  /** UTF-8 of so many bytes, up to the first that is zero. */
  text(at: number, count: number): string {
    const bytes = this.bytes(at, count);
    const zero = bytes.indexOf(0);
    const end = zero < 0 ? count : zero;
    this.part(at, 1 + Math.floor(end / PIECE));
    try {
      // A copy, because shared memory cannot be decoded in browsers.
      return decodeUtf8(new Uint8Array(bytes.subarray(0, end)));
    } catch (cause) {
      return this.refuse(at, "text in UTF-8", "bytes that are not", cause);
    }
  }

  /** Throws FormatError. */
  refuse(at: number, expected: string, got: string, cause?: unknown): never {
    throw new FormatError({ where: `HDF5 at byte ${at}`, expected, got, cause });
  }

  #within(at: number, count: number): number {
    if (!(at >= 0 && at + count <= this.#bytes.length)) {
      this.refuse(at, `${count} bytes`, `a file of ${this.#bytes.length} bytes`);
    }
    return at;
  }
}
