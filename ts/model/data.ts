/** What users hand over, checked and brought into the engine's order: [steps][batch][width] from [batch][steps][width]. */
import type { Tensor } from "../data/tensor.js";
import { InputError } from "../errors.js";
import type { Value } from "../graph/graph.js";
import type { Named } from "../layers/input.js";

/** One index a step, or one row of numbers a step. */
export type Sequence = ArrayLike<number> | readonly ArrayLike<number>[];

/**
 * What a model reads: for tokens a sequence of indices, a batch of such sequences of one length, or a tensor
 * [steps] or [batch, steps]; for features a sequence of rows, a batch of such, or a tensor [steps, width] or
 * [batch, steps, width].
 */
export type Data = Tensor<Float32Array | Float64Array | Uint32Array> | Sequence | readonly Sequence[];

/** How many steps of each row count, or of each row of each input. */
export type Lengths = ArrayLike<number> | Named<ArrayLike<number>>;

/** Data as one flat array in the order [batch][steps][width]. */
export interface Samples {
  readonly batch: number;
  readonly steps: number;
  readonly values: ArrayLike<number>;
  /** How many steps of each row count, where not all do. */
  readonly lengths?: ArrayLike<number> | undefined;
  /** Those of the model's other inputs, by name. */
  readonly others?: Named<Samples>;
}

/** What the data must be: tokens below `width`, or rows of `width` numbers. */
export interface Expectation extends Pick<Value, "kind" | "width"> {
  /** An index that may be too, whatever the width. */
  readonly ignore?: number | undefined;
  /** Between which bounds the numbers that count must be; default anything. */
  readonly range?: readonly [least: number, greatest: number] | undefined;
}

/** The bounds of what the engine's numbers, float32, can hold. */
export const FINITE = [-3.4028234663852886e38, 3.4028234663852886e38] as const;

/**
 * Checks rank, width, lengths, and every index and number that counts; InputError says where. `rows`: how many rows of one
 * step are expected, where a shape without steps means these.
 */
export function samples(
  where: string,
  data: Data,
  expected: Expectation,
  lengths?: ArrayLike<number>,
  rows?: number,
): Samples {
  const { kind, width } = expected;
  const { shape, values } = isTensor(data) ? { shape: data.shape, values: data.data } : flatten(where, data);
  const rank = kind === "tokens" ? 2 : 3;
  const axes = kind === "tokens" ? "[steps] or [batch, steps]" : "[steps, width] or [batch, steps, width]";
  if (shape.length !== rank && shape.length !== rank - 1) {
    throw new InputError({ where, expected: `${kind} of shape ${axes}`, got: `shape [${shape}]` });
  }
  const oneStep = rows !== undefined && shape[0] === rows;
  const [batch = 1, steps = 1, last = width] =
    shape.length === rank ? shape : oneStep ? [rows, 1, ...shape.slice(1)] : [1, ...shape];
  if (kind === "features" && last !== width) {
    throw new InputError({ where, expected: `rows of ${width} numbers`, got: `rows of ${last}` });
  }
  if (batch < 1 || steps < 1) {
    throw new InputError({ where, expected: "at least one row and one step", got: `shape [${shape}]` });
  }
  if (lengths) requireLengths(`${where} lengths`, lengths, batch, steps);
  const read = { batch, steps, values, lengths };
  requireNumbers(where, read, expected);
  return read;
}

/** Refuses the first number that counts and is not what it must be, by its row, step and column. */
function requireNumbers(
  where: string,
  { batch, steps, values, lengths }: Samples,
  { kind, width, ignore, range }: Expectation,
): void {
  const tokens = kind === "tokens";
  if (!tokens && !range) return;
  if (range === FINITE && !lengths && values instanceof Float32Array && areFinite(values)) return;
  const [least, greatest] = tokens ? [0, width - 1] : range!;
  const columns = tokens ? 1 : width;
  for (let row = 0; row < batch; row++) {
    const length = lengths ? lengths[row]! : steps;
    for (let step = 0; step < length; step++) {
      for (let column = 0; column < columns; column++) {
        const value = values[(row * steps + step) * columns + column]!;
        if (value >= least && value <= greatest && (!tokens || Number.isInteger(value))) continue;
        if (tokens && value === ignore) continue;
        const numbers =
          range === FINITE ? "a finite float32 number" : `a number from ${least} to ${greatest}`;
        throw new InputError({
          where: `${where}[${row}][${step}]${tokens ? "" : `[${column}]`}`,
          expected: tokens ? `a token from 0 to ${greatest}` : numbers,
          got: String(value),
        });
      }
    }
  }
}

/** Whether all are: each number less itself is 0 then. Four sums at a time, so that none waits for the one before. */
function areFinite(values: Float32Array): boolean {
  let [a, b, c, d] = [0, 0, 0, 0];
  const whole = values.length & ~3;
  for (let i = 0; i < whole; i += 4) {
    a += values[i]! - values[i]!;
    b += values[i + 1]! - values[i + 1]!;
    c += values[i + 2]! - values[i + 2]!;
    d += values[i + 3]! - values[i + 3]!;
  }
  for (let i = whole; i < values.length; i++) a += values[i]! - values[i]!;
  return a + b + c + d === 0;
}

/** How many sequences of labels there must be, below what each label, and which one none may be. */
export interface LabelExpectation {
  readonly batch: number;
  readonly classes: number;
  readonly blank: number;
}

/**
 * Sequences of labels, one for each of `batch` rows and each of its own length; for one row the sequence alone will do. They
 * are padded to a power of two, so that batches of about the same length share a program. InputError for a label that is no
 * class, or is the blank.
 */
export function labels(where: string, data: Data, { batch, classes, blank }: LabelExpectation): Samples {
  const given: ArrayLike<unknown> = isArrayLike(data) ? data : [];
  const sequences = batch === 1 && !isArrayLike(given[0]) ? [given] : Array.from(given);
  if (!isArrayLike(data) || sequences.length !== batch) {
    throw new InputError({
      where,
      expected: `an array of ${batch} sequences of labels`,
      got: isArrayLike(data) ? String(sequences.length) : describe(data),
    });
  }
  const lengths = sequences.map((sequence, row) => {
    if (isArrayLike(sequence)) return sequence.length;
    throw new InputError({
      where: `${where}[${row}]`,
      expected: "an array of labels",
      got: describe(sequence),
    });
  });
  let steps = 1;
  while (steps < Math.max(...lengths)) steps *= 2;
  const values = new Uint32Array(batch * steps);
  for (let row = 0; row < batch; row++) {
    const sequence = sequences[row] as ArrayLike<number>;
    for (let index = 0; index < sequence.length; index++) {
      const label = sequence[index]!;
      if (!(label >= 0 && label < classes && Number.isInteger(label)) || label === blank) {
        throw new InputError({
          where: `${where}[${row}][${index}]`,
          expected: `a label from 0 to ${classes - 1}, not the blank ${blank}`,
          got: String(label),
        });
      }
      values[row * steps + index] = label;
    }
  }
  return { batch, steps, values, lengths };
}

function requireLengths(where: string, lengths: ArrayLike<number>, batch: number, steps: number): void {
  if (lengths.length !== batch) {
    throw new InputError({ where, expected: `one for each of ${batch} rows`, got: String(lengths.length) });
  }
  for (let row = 0; row < batch; row++) {
    const length = lengths[row]!;
    if (!(Number.isInteger(length) && length >= 0 && length <= steps)) {
      throw new InputError({
        where: `${where}[${row}]`,
        expected: `a whole number from 0 to ${steps}`,
        got: String(length),
      });
    }
  }
}

/**
 * Copies samples into the engine's memory, of which `memory` is the view that fits the kind of the value. Past the length of
 * a row it writes 0, whatever the data hold there.
 */
export function writeSamples(
  memory: Float32Array | Uint32Array,
  { batch, steps, values, lengths }: Samples,
  value: Value,
  at: number,
): void {
  const width = value.kind === "tokens" ? 1 : value.width;
  if (batch === 1 && width === value.stride && !lengths && values.length === steps * width) {
    memory.set(values, at / 4); // one row without padding lies as it came
    return;
  }
  const floats = memory instanceof Float32Array && values instanceof Float32Array;
  for (let row = 0, from = 0; row < batch; row++) {
    const length = lengths ? lengths[row]! : steps;
    for (let step = 0; step < steps; step++, from += width) {
      const to = at / 4 + (step * batch + row) * value.stride;
      if (step >= length) memory.fill(0, to, to + width);
      else if (floats && width >= WIDE) memory.set(values.subarray(from, from + width), to);
      else for (let i = 0; i < width; i++) memory[to + i] = values[from + i]!;
    }
  }
}

/** Numbers in a row from which on copying them at once is faster than one by one. */
const WIDE = 16;

/** Copies rows out of the engine's memory, into the order [batch][steps][width]. */
export function readRows(memory: Float32Array, { batch, steps, width, stride }: Value, at: number): Tensor {
  const shape = [batch, steps, width];
  if (batch === 1 && width === stride) return { shape, data: memory.slice(at / 4, at / 4 + steps * width) };
  const data = new Float32Array(batch * steps * width);
  for (let row = 0, to = 0; row < batch; row++) {
    for (let step = 0; step < steps; step++, to += width) {
      const from = at / 4 + (step * batch + row) * stride;
      data.set(memory.subarray(from, from + width), to);
    }
  }
  return { shape, data };
}

export function isTensor(data: unknown): data is Tensor<Float32Array | Float64Array | Uint32Array> {
  return typeof data === "object" && data !== null && "shape" in data && "data" in data;
}

export function isArrayLike(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && "length" in value);
}

/** Nested arrays as one, with their shape; every array at one depth must have the same length. */
function flatten(where: string, data: unknown): { shape: number[]; values: ArrayLike<number> } {
  if (!isArrayLike(data)) {
    throw new InputError({ where, expected: "an array, nested arrays or a tensor", got: describe(data) });
  }
  if (!isArrayLike(data[0])) {
    for (let i = 0; i < data.length; i++) {
      if (typeof data[i] !== "number") {
        throw new InputError({ where: `${where}[${i}]`, expected: "a number", got: describe(data[i]) });
      }
    }
    return { shape: [data.length], values: data as ArrayLike<number> };
  }
  const parts = Array.from(data, (part, index) => flatten(`${where}[${index}]`, part));
  const { shape } = parts[0]!;
  const odd = parts.findIndex((part) => part.shape.join() !== shape.join());
  if (odd >= 0) {
    throw new InputError({
      where: `${where}[${odd}]`,
      expected: `shape [${shape}] as at [0]`,
      got: `[${parts[odd]!.shape}]`,
      hint: "the sequences of a batch must have one length",
    });
  }
  const size = parts[0]!.values.length;
  const values = new Float64Array(parts.length * size);
  parts.forEach((part, index) => {
    values.set(part.values, index * size);
  });
  return { shape: [parts.length, ...shape], values };
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return typeof value === "object"
    ? `an object of ${value.constructor?.name ?? "no class"}`
    : `${typeof value} ${String(value)}`;
}
