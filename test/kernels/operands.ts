/** Memory for a kernel's operands, each between red zones that the kernel must leave alone. */
import { expect } from "vitest";
import type { Address } from "../../ts/engine/address.js";
import type { Engine } from "../../ts/engine/engine.js";
import { type Layout, rowLayout } from "../../ts/graph/parameter.js";
import { type Matrix, matrix } from "../reference/matrix.js";

/** A quiet NaN of our own: whoever reads it by mistake spoils his result. */
const POISON = 0x7fc5a5a5;
/** Floats of a red zone: more than any kernel takes at a time. */
const ZONE = 32;

/** One operand. */
export interface Operand {
  readonly address: Address;
  /** A copy of what is there now. */
  floats(): Float32Array;
}

/** An operand that is a matrix in some layout. */
export interface Stored extends Operand {
  matrix(): Matrix;
  /** A copy of the floats that belong to no element. */
  padding(): Float32Array;
}

/** The memory of an engine, of whatever kernels. */
type Memory = Pick<Engine, "allocate" | "release" | "floats" | "words">;

export class Operands {
  readonly #engine: Memory;
  readonly #checks: (() => void)[] = [];
  readonly #releases: (() => void)[] = [];

  constructor(engine: Memory) {
    this.#engine = engine;
  }

  /** Numbers that the kernel may only read. */
  input(values: Float32Array | Uint32Array): Operand {
    const operand = this.output(values);
    const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
    this.#untouched("an input", operand.address / 4, words);
    return operand;
  }

  /** Numbers that the kernel may change, or room for `count`, which is poison until written. */
  output(given: Float32Array | Uint32Array | number): Operand {
    const engine = this.#engine;
    const count = typeof given === "number" ? given : given.length;
    const block = engine.allocate((count + 2 * ZONE) * 4, "test");
    this.#releases.push(() => engine.release(block));
    const start = block.address / 4;
    const end = start + block.bytes / 4;
    const at = start + ZONE;
    engine.words.fill(POISON, start, end);
    if (given instanceof Float32Array) engine.floats.set(given, at);
    else if (typeof given !== "number") engine.words.set(given, at);
    this.#untouched("the red zone before", start, engine.words.slice(start, at));
    this.#untouched("the red zone behind", at + count, engine.words.slice(at + count, end));
    return {
      address: (at * 4) as Address,
      floats: () => engine.floats.slice(at, at + count),
    };
  }

  /** A matrix that the kernel may only read, its padding zero. */
  stored(values: ArrayLike<number>, layout: Layout): Operand {
    return this.input(pack(values, layout));
  }

  /** A matrix that the kernel may change: of these values with zero padding, or all poison. */
  result(layout: Layout, values?: ArrayLike<number>): Stored {
    const operand = this.output(values ? pack(values, layout) : layout.count);
    return {
      ...operand,
      matrix: () => unpack(operand.floats(), layout),
      padding: () => paddingOf(operand.floats(), layout),
    };
  }

  #untouched(what: string, start: number, words: Uint32Array): void {
    const before = words.slice();
    this.#checks.push(() => {
      const now = this.#engine.words.subarray(start, start + before.length);
      const changed = before.findIndex((word, i) => word !== now[i]);
      expect(changed, `float ${changed} of ${what} was written`).toBe(-1);
    });
  }

  /** Fails if a red zone or an input was written. */
  check(): void {
    for (const check of this.#checks) check();
  }

  release(): void {
    for (const release of this.#releases) release();
  }
}

/** Runs `body` with operands, checks that it wrote nothing else, and gives their memory back. */
export function guarded<T>(engine: Memory, body: (operands: Operands) => T): T {
  const operands = new Operands(engine);
  try {
    const result = body(operands);
    operands.check();
    return result;
  } finally {
    operands.release();
  }
}

/** The layout of a matrix's rows. */
export function layoutOf({ rows, columns }: Matrix): Layout {
  return rowLayout(rows, columns);
}

/** Row-major values in a layout, the padding filled. */
export function pack(values: ArrayLike<number>, layout: Layout, padding = 0): Float32Array {
  const stored = new Float32Array(layout.count).fill(padding);
  for (let i = 0; i < layout.rows * layout.columns; i++) stored[positionOf(i, layout)] = values[i];
  return stored;
}

/** Row-major values out of a layout. */
export function unpack(stored: Float32Array, layout: Layout): Matrix {
  const { rows, columns } = layout;
  const read = matrix(rows, columns);
  for (let i = 0; i < rows * columns; i++) read.values[i] = stored[positionOf(i, layout)];
  return read;
}

function paddingOf(stored: Float32Array, layout: Layout): Float32Array {
  const elements = new Set(
    Array.from({ length: layout.rows * layout.columns }, (_, i) => positionOf(i, layout)),
  );
  return stored.filter((_, at) => !elements.has(at));
}

function positionOf(element: number, { columns, stride, start }: Layout): number {
  return Math.floor(element / columns) * stride + start(element % columns);
}
