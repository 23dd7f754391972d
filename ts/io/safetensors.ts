/** Named tensors as bytes in the safetensors format (https://github.com/huggingface/safetensors, "Format"), read strictly. */

import { FormatError, InputError } from "../errors.js";
import { type JsonHeader, jsonHeader } from "./json-header.js";
import { decodeUtf8, lengthInUtf8 } from "./utf8.js";

// In the order in which the official writer puts them: wide ones first, so that each tensor is aligned.
export const elementBytes = {
  U64: 8,
  I64: 8,
  F64: 8,
  F32: 4,
  U32: 4,
  I32: 4,
  BF16: 2,
  F16: 2,
  U16: 2,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
};

/** What the numbers of a tensor are. */
export type Dtype = keyof typeof elementBytes;

const dtypes = Object.keys(elementBytes);

/** One tensor: its numbers little-endian and row-major. */
export interface Entry {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** What a file holds, in the order of its header. */
export interface Safetensors {
  readonly metadata: ReadonlyMap<string, string>;
  readonly tensors: ReadonlyMap<string, Entry>;
}

/** How much a file may ask for. */
export interface Limits {
  /** Bytes of the header (default 25,000,000). */
  readonly headerBytes: number;
  /** Tensors, and likewise entries of the metadata (default 65,536). */
  readonly tensors: number;
  /** Axes of a tensor (default 8). */
  readonly rank: number;
  /** Bytes of a name in UTF-8 (default 1,024). */
  readonly nameBytes: number;
}

export const defaultLimits: Limits = { headerBytes: 25_000_000, tensors: 65_536, rank: 8, nameBytes: 1024 };
const metadataName = "__metadata__";

/** A tensor of the header, before its place in the file is known to be good. */
interface Description {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/**
 * Reads a whole file. The tensors' bytes are views of `bytes`, not copies, and their values are not looked at.
 * Throws FormatError, which names the tensor or the byte, for anything the format does not allow and for more than
 * `limits`; it allocates nothing of a size that the file only claims.
 */
export function readSafetensors(bytes: Uint8Array, limits: Partial<Limits> = {}): Safetensors {
  const bounds = { ...defaultLimits, ...limits };
  const { text, start } = readHeader(bytes, bounds.headerBytes);
  const metadata = new Map<string, string>();
  const descriptions = new Map<string, Description>();
  const header = jsonHeader(text, 8);
  header.object((name) => {
    if (name === metadataName) {
      header.object((key) => {
        metadata.set(key, header.string());
        atMost(metadata.size, bounds.tensors, "entries of metadata");
      });
      return;
    }
    const nameBytes = lengthInUtf8(name);
    atMost(nameBytes, bounds.nameBytes, "bytes in a tensor's name");
    descriptions.set(name, readDescription(header, placeOf(name), bounds.rank));
    atMost(descriptions.size, bounds.tensors, "tensors");
  });
  header.end();
  checkLayout(descriptions, bytes.length - start);
  const tensors = new Map<string, Entry>();
  for (const [name, { dtype, shape, begin, end }] of descriptions) {
    // Not subarray, which of a Buffer gives another Buffer.
    const view = new Uint8Array(bytes.buffer, bytes.byteOffset + start + begin, end - begin);
    tensors.set(name, { dtype, shape, bytes: view });
  }
  return { metadata, tensors };
}

function readHeader(bytes: Uint8Array, limit: number): { text: string; start: number } {
  const where = "safetensors.header";
  if (bytes.length < 8)
    throw new FormatError({ where, expected: "8 bytes of length", got: `a file of ${bytes.length} bytes` });
  const size = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (size > limit)
    throw new FormatError({
      where,
      expected: `at most ${limit} bytes`,
      got: `${size}`,
      hint: "is this a safetensors file?",
    });
  const start = 8 + Number(size);
  if (start > bytes.length)
    throw new FormatError({
      where,
      expected: `${size} bytes`,
      got: `${bytes.length - 8} to the end of the file`,
    });
  if (size === 0n || bytes[8] !== 0x7b)
    throw new FormatError({ where: `${where} at byte 8`, expected: 'an object, "{"', got: "something else" });
  try {
    // A copy, because shared memory cannot be decoded in browsers.
    const copy = new Uint8Array(bytes.subarray(8, start));
    return { text: decodeUtf8(copy), start };
  } catch (cause) {
    throw new FormatError({ where, expected: "UTF-8", got: "bytes that are not", cause });
  }
}

function readDescription(header: JsonHeader, where: string, rank: number): Description {
  const fields: { dtype?: string; shape?: number[]; data_offsets?: number[] } = {};
  header.object((field) => {
    if (field === "dtype") fields.dtype = header.string();
    else if (field === "shape") fields.shape = header.integers(rank);
    else if (field === "data_offsets") fields.data_offsets = header.integers(2);
    else throw new FormatError({ where, expected: "no other field", got: quote(field) });
  });
  const { dtype, shape, data_offsets } = fields;
  if (dtype === undefined || shape === undefined || data_offsets === undefined)
    throw new FormatError({
      where,
      expected: "dtype, shape and data_offsets",
      got: Object.keys(fields).join(", ") || "none of them",
    });
  if (!isDtype(dtype))
    throw new FormatError({ where: `${where}.dtype`, expected: dtypes.join(", "), got: quote(dtype) });
  const [begin, end] = data_offsets;
  if (!(begin >= 0 && begin <= end))
    throw new FormatError({
      where: `${where}.data_offsets`,
      expected: "[begin, end] with 0 <= begin <= end",
      got: `[${data_offsets}]`,
    });
  const size = byteLength(dtype, shape, where);
  if (end - begin !== size)
    throw new FormatError({
      where: `${where}.data_offsets`,
      expected: `${size} bytes for ${dtype} [${shape}]`,
      got: `${end - begin}`,
    });
  return { dtype, shape, begin, end };
}

/** Every byte of the data belongs to one tensor: no hole, no overlap, nothing behind the last. */
function checkLayout(descriptions: ReadonlyMap<string, Description>, length: number): void {
  const inOrder = [...descriptions].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  let covered = 0;
  for (const [name, { begin, end }] of inOrder) {
    if (begin !== covered)
      throw new FormatError({
        where: `${placeOf(name)}.data_offsets`,
        expected: `a begin of ${covered}, where the tensor before it ends`,
        got: `${begin}`,
      });
    covered = end;
  }
  if (covered !== length)
    throw new FormatError({
      where: "safetensors",
      expected: `${covered} bytes of data, as its header says`,
      got: `${length}`,
    });
}

/**
 * The bytes of a file, as the official writer orders and pads them: wide numbers first, then by name, the data at a
 * multiple of 8. Throws InputError for anything that `readSafetensors` would not read back.
 */
export function writeSafetensors(
  tensors: Iterable<readonly [name: string, entry: Entry]>,
  metadata: Iterable<readonly [key: string, value: string]> = [],
): Uint8Array {
  const ordered = [...tensors].sort(
    ([a, { dtype: x }], [b, { dtype: y }]) => dtypes.indexOf(x) - dtypes.indexOf(y) || (a < b ? -1 : 1),
  );
  const strings = [...metadata].map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
  const members = strings.length > 0 ? [`"${metadataName}":{${strings.join()}}`] : [];
  let end = 0;
  for (const [name, { dtype, shape, bytes }] of ordered) {
    const fields = JSON.stringify({ dtype, shape, data_offsets: [end, end + bytes.length] });
    members.push(`${JSON.stringify(name)}:${fields}`);
    end += bytes.length;
  }
  const header = new TextEncoder().encode(`{${members.join()}}`);
  const start = 8 + Math.ceil(header.length / 8) * 8;
  const file = new Uint8Array(start + end).fill(0x20, 0, start);
  new DataView(file.buffer).setBigUint64(0, BigInt(start - 8), true);
  file.set(header, 8);
  let offset = start;
  for (const [, { bytes }] of ordered) {
    file.set(bytes, offset);
    offset += bytes.length;
  }
  try {
    readSafetensors(file);
  } catch (fault) {
    if (!(fault instanceof FormatError)) throw fault;
    const { where, expected, got } = fault;
    throw new InputError({ where, expected, got, cause: fault });
  }
  return file;
}

/** The numbers of an F32 tensor: a view of its bytes, or a copy where they are not aligned. */
export function float32(entry: Entry, where: string): Float32Array {
  const { dtype, bytes } = entry;
  if (dtype !== "F32") throw new FormatError({ where, expected: "F32", got: dtype });
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
  return new Float32Array(aligned.buffer, aligned.byteOffset, aligned.length / 4);
}

function byteLength(dtype: Dtype, shape: readonly number[], where: string): number {
  let size: number = elementBytes[dtype];
  for (const length of shape) {
    size *= length;
    if (!(length >= 0 && Number.isSafeInteger(size)))
      throw new FormatError({
        where: `${where}.shape`,
        expected: "lengths from 0 whose product float64 can count",
        got: `[${shape}]`,
      });
  }
  return size;
}

function atMost(count: number, limit: number, what: string): void {
  if (count > limit)
    throw new FormatError({
      where: "safetensors.header",
      expected: `at most ${limit} ${what}`,
      got: `${count}`,
    });
}

function isDtype(name: string): name is Dtype {
  return Object.hasOwn(elementBytes, name);
}

function placeOf(name: string): string {
  return `safetensors[${quote(name)}]`;
}

function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}...` : text);
}
