/** What users hand over, checked and brought into the engine's order: [steps][batch][width] from [batch][steps][width]. */
import type { Tensor } from "../data/tensor.js";
import { InputError } from "../errors.js";
import type { Value } from "../graph/graph.js";

/** One index a step, or one row of numbers a step. */
export type Sequence = ArrayLike<number> | readonly ArrayLike<number>[];

/**
 * What a model reads: for tokens a sequence of indices, a batch of such sequences of one length, or a tensor
 * [steps] or [batch, steps]; for features a sequence of rows, a batch of such, or a tensor [steps, width] or
 * [batch, steps, width].
 */
export type Data = Tensor<Float32Array | Uint32Array> | Sequence | readonly Sequence[];

/** Data as one flat array in the order [batch][steps][width]. */
export interface Samples {
  readonly batch: number;
  readonly steps: number;
  readonly values: ArrayLike<number>;
  /** How many steps of each row count, where not all do. */
  readonly lengths?: ArrayLike<number> | undefined;
}

/** What the data must be: tokens below `width`, or rows of `width` numbers. */
export type Expectation = Pick<Value, "kind" | "width">;

/**
 * Checks rank, width, lengths, and for tokens every index that counts; InputError says where. `rows`: how many rows of one
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
  if (kind === "tokens") {
    for (let i = 0; i < values.length; i++) {
      const id = values[i]!;
      if (lengths && i % steps >= lengths[Math.floor(i / steps)]!) continue;
      if (!(id >= 0 && id < width && Number.isInteger(id))) {
        throw new InputError({
          where: `${where}[${Math.floor(i / steps)}][${i % steps}]`,
          expected: `a token from 0 to ${width - 1}`,
          got: String(id),
        });
      }
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
  for (let row = 0, from = 0; row < batch; row++) {
    const length = lengths ? lengths[row]! : steps;
    for (let step = 0; step < steps; step++, from += width) {
      const to = at / 4 + (step * batch + row) * value.stride;
      for (let i = 0; i < width; i++) memory[to + i] = step < length ? values[from + i]! : 0;
    }
  }
}

/** Copies rows out of the engine's memory, into the order [batch][steps][width]. */
export function readRows(memory: Float32Array, { batch, steps, width, stride }: Value, at: number): Tensor {
  const data = new Float32Array(batch * steps * width);
  for (let row = 0, to = 0; row < batch; row++) {
    for (let step = 0; step < steps; step++, to += width) {
      const from = at / 4 + (step * batch + row) * stride;
      data.set(memory.subarray(from, from + width), to);
    }
  }
  return { shape: [batch, steps, width], data };
}

function isTensor(data: unknown): data is Tensor<Float32Array | Uint32Array> {
  return typeof data === "object" && data !== null && "shape" in data && "data" in data;
}

function isArrayLike(value: unknown): value is ArrayLike<unknown> {
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
