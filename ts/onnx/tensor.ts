/** Tensors of ONNX files: their numbers out of whichever field holds them, and back. */
import { FormatError } from "../errors.js";
import type { TensorProto } from "./schema.js";

/** TensorProto.DataType by number: how wide an element is, and how it is read; undefined: as another kind is. */
const types: Readonly<
  Record<number, { readonly name: string; readonly bytes: number; read(view: DataView, at: number): number }>
> = {
  1: { name: "FLOAT", bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  2: { name: "UINT8", bytes: 1, read: (view, at) => view.getUint8(at) },
  3: { name: "INT8", bytes: 1, read: (view, at) => view.getInt8(at) },
  4: { name: "UINT16", bytes: 2, read: (view, at) => view.getUint16(at, true) },
  5: { name: "INT16", bytes: 2, read: (view, at) => view.getInt16(at, true) },
  6: { name: "INT32", bytes: 4, read: (view, at) => view.getInt32(at, true) },
  7: { name: "INT64", bytes: 8, read: (view, at) => Number(view.getBigInt64(at, true)) },
  9: { name: "BOOL", bytes: 1, read: (view, at) => view.getUint8(at) },
  10: { name: "FLOAT16", bytes: 2, read: (view, at) => float16(view.getUint16(at, true)) },
  11: { name: "DOUBLE", bytes: 8, read: (view, at) => view.getFloat64(at, true) },
  12: { name: "UINT32", bytes: 4, read: (view, at) => view.getUint32(at, true) },
  13: { name: "UINT64", bytes: 8, read: (view, at) => Number(view.getBigUint64(at, true)) },
  16: { name: "BFLOAT16", bytes: 2, read: (view, at) => bfloat16(view.getUint16(at, true)) },
};

const FLOAT = 1;
const INT64 = 7;
const DOUBLE = 11;
const real = [FLOAT, 10, DOUBLE, 16];
/** TensorProto.DataLocation.EXTERNAL */
const EXTERNAL = 1;
/** Most axes, and most numbers of a tensor that is no weight. */
const RANK = 8;
const WHOLE = 1_048_576;

/** The name of a type of numbers. */
export function typeOf(dataType = 0): string {
  return types[dataType]?.name ?? `type ${dataType}`;
}

/** Numbers with their shape. */
export interface Numbers {
  readonly shape: readonly number[];
  readonly values: Float32Array | Float64Array;
  /** Whether they are floating-point numbers; else whole numbers or truth values. */
  readonly real: boolean;
}

/** The numbers of a tensor: floating-point ones as float32. FormatError for anything that is not what it says. */
export function numbersOf(where: string, tensor: TensorProto): Numbers {
  const { dims: shape, dataType = 0, rawData, externalData = [], dataLocation = 0 } = tensor;
  const refuse = (expected: string, got: string): never => {
    throw new FormatError({ where, expected, got });
  };
  if (dataLocation === EXTERNAL || externalData.length > 0) {
    throw new FormatError({
      where,
      expected: "its numbers in the file itself",
      got: "the name of another file, which is never opened",
      hint: "save the model with its tensors: onnx.save(model, path, save_as_external_data=False)",
    });
  }
  const type = types[dataType] ?? refuse("numbers", `data type ${dataType}`);
  if (shape.length > RANK) refuse(`at most ${RANK} axes`, String(shape.length));
  const count = shape.reduce((product, length) => product * length, 1);
  if (!shape.every((length) => Number.isSafeInteger(length) && length >= 0) || !Number.isSafeInteger(count)) {
    refuse("lengths from 0 whose product float64 can count", `[${shape}]`);
  }
  const isReal = real.includes(dataType);
  if (!isReal && count > WHOLE) refuse(`at most ${WHOLE} whole numbers`, String(count));
  if (rawData && rawData.length > 0) {
    if (rawData.length !== count * type.bytes) {
      refuse(`${count * type.bytes} bytes for ${type.name} [${shape}]`, String(rawData.length));
    }
    return { shape, values: read(rawData, type, isReal), real: isReal };
  }
  const parts: readonly (number | Uint8Array)[] | undefined =
    dataType === FLOAT
      ? tensor.floatData
      : dataType === DOUBLE
        ? tensor.doubleData
        : dataType === INT64
          ? tensor.int64Data
          : tensor.int32Data;
  const lists = (parts ?? []).map((part) => (typeof part === "number" ? [part] : listOf(part)));
  function listOf(packed: Uint8Array): Float32Array | Float64Array {
    if (packed.length % type.bytes !== 0)
      refuse(`whole numbers of ${type.bytes} bytes`, `${packed.length} bytes`);
    return read(packed, type, isReal);
  }
  const given = lists.reduce((sum, { length }) => sum + length, 0);
  if (given !== count) refuse(`${count} numbers for ${type.name} [${shape}]`, String(given));
  const values = isReal ? new Float32Array(count) : new Float64Array(count);
  let at = 0;
  for (const list of lists) {
    values.set(list, at);
    at += list.length;
  }
  const ofBits = { 10: float16, 16: bfloat16 }[dataType];
  return { shape, values: ofBits ? values.map(ofBits) : values, real: isReal };
}

/** A tensor of float32, or of int64 if `whole`. */
export function tensorOf(
  name: string,
  shape: readonly number[],
  values: ArrayLike<number>,
  whole = false,
): TensorProto {
  const bytes = new Uint8Array(values.length * (whole ? 8 : 4));
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i++) {
    if (whole) view.setBigInt64(i * 8, BigInt(values[i]!), true);
    else view.setFloat32(i * 4, values[i]!, true);
  }
  return { dims: shape, dataType: whole ? INT64 : FLOAT, name, rawData: bytes };
}

function read(
  { buffer, byteOffset, length }: Uint8Array,
  type: (typeof types)[number],
  real: boolean,
): Float32Array | Float64Array {
  if (type === types[FLOAT] && byteOffset % 4 === 0) return new Float32Array(buffer, byteOffset, length / 4);
  const view = new DataView(buffer, byteOffset, length);
  const values = real ? new Float32Array(length / type.bytes) : new Float64Array(length / type.bytes);
  for (let i = 0; i < values.length; i++) values[i] = type.read(view, i * type.bytes);
  return values;
}

/** IEEE 754 binary16. */
function float16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0
    ? (sign * fraction) / 16777216
    : (sign * (1024 + fraction) * 2 * (1 << exponent)) / 67108864;
}

/** The upper half of a float32. */
function bfloat16(bits: number): number {
  return new Float32Array(Uint32Array.of(bits << 16).buffer)[0]!;
}
