/** Weights kept as int8, a quarter the size of float32: whole numbers, and a scale for each column of a factor or row of a table. */
import { type Address, LINE, roundUp } from "../engine/address.js";
import type { Engine } from "../engine/engine.js";
import { kernels } from "../engine/int8.gen.js";
import { FormatError, InputError } from "../errors.js";
import { type Entry, float32 } from "../io/safetensors.js";
import type { Keeping, Layout, Storage, TensorOf } from "./parameter.js";

/** An element of the matrix is its whole number times its scale. */
export interface Int8Values {
  /** Row-major, without padding. */
  readonly numbers: Int8Array;
  readonly scales: Float32Array;
}

/** Where they lie, in bytes from the start: see assembly/int8.ts. */
interface Places {
  /** Of all. */
  readonly bytes: number;
  /** Panels that the kernels arrange for themselves; none in a table. */
  readonly panels: number;
  /** Element [row, column] lies at columnAt(column) + rowAt(row). */
  columnAt(column: number): number;
  rowAt(row: number): number;
  scaleAt(scale: number): number;
}

/** Bytes before the whole numbers of a panel, and of a row of a table. */
const PANEL_HEAD = 128;
const ROW_HEAD = 16;

/** Most inputs of a factor, so that the sum over them fits in 32 bits. */
const MOST_INPUTS = 131072;

/** What follows a parameter's path in the name of the tensor of its scales. */
const SCALES = ".scales";

/** Factors of products and tables as int8, all else as float32. InputError for a factor with too many inputs. */
export const int8: Keeping = {
  kernels,
  storage(path, { scaled, layout }) {
    if (scaled === undefined) return undefined;
    if (scaled === "columns" && layout.rows > MOST_INPUTS) {
      throw new InputError({
        where: path,
        expected: `at most ${MOST_INPUTS} inputs of a weight in int8`,
        got: String(layout.rows),
      });
    }
    return new Int8(layout, scaled);
  },
  refuseGradients() {
    throw new InputError({
      where: "model",
      expected: "weights of float32, which have gradients",
      got: "a quantised model",
      hint: "train the model that it was made from, then quantise that again",
    });
  },
};

export class Int8 implements Storage {
  readonly count: number;
  /** How many scales there are. */
  readonly scales: number;
  readonly #layout: Layout;
  readonly #scaled: "columns" | "rows";
  readonly #places: Places;

  constructor(layout: Layout, scaled: "columns" | "rows") {
    this.#layout = layout;
    this.#scaled = scaled;
    this.#places = scaled === "rows" ? placesInTable(layout) : placesInPanels(layout);
    this.count = this.#places.bytes / 4;
    this.scales = layout[scaled];
  }

  /** The scale of an element, by its place in row-major order. */
  scaleOf(element: number): number {
    const { columns } = this.#layout;
    return this.#scaled === "rows" ? Math.floor(element / columns) : element % columns;
  }

  values(engine: Engine, from: Address): Int8Values {
    const { bytes, scaleAt } = this.#places;
    const copy = engine.allocate(bytes, "copy of a weight");
    engine.call("copy", { from, to: copy.address, count: this.count });
    this.#arrange(engine, copy.address);
    const { floats } = engine;
    const kept = new Int8Array(floats.buffer, copy.address, bytes);
    const numbers = new Int8Array(this.#layout.rows * this.#layout.columns);
    this.#each((element, at) => {
      numbers[element] = kept[at]!;
    });
    const scales = new Float32Array(this.scales).map((_, i) => floats[(copy.address + scaleAt(i)) / 4]!);
    engine.release(copy);
    return { numbers, scales };
  }

  write(engine: Engine, to: Address, { numbers, scales }: Int8Values): void {
    const { bytes, scaleAt } = this.#places;
    const { floats } = engine;
    const kept = new Int8Array(floats.buffer, to, bytes).fill(0);
    this.#each((element, at) => {
      kept[at] = numbers[element]!;
    });
    scales.forEach((scale, i) => {
      floats[(to + scaleAt(i)) / 4] = scale;
    });
    this.#arrange(engine, to);
  }

  read(engine: Engine, from: Address): Float32Array {
    const { numbers, scales } = this.values(engine, from);
    return Float32Array.from(numbers, (number, i) => number * scales[this.scaleOf(i)]!);
  }

  tensors(engine: Engine, from: Address, shape: readonly number[]): [string, Entry][] {
    const { numbers, scales } = this.values(engine, from);
    return [
      ["", { dtype: "I8", shape, bytes: new Uint8Array(numbers.buffer) }],
      [SCALES, { dtype: "F32", shape: [scales.length], bytes: new Uint8Array(scales.buffer) }],
    ];
  }

  reader(engine: Engine, to: Address, shape: readonly number[], tensorOf: TensorOf): () => void {
    const { name, entry } = tensorOf("", shape);
    const { dtype, bytes } = entry;
    if (dtype !== "I8") {
      throw new FormatError({ where: name, expected: "I8, as the model keeps it", got: dtype });
    }
    const numbers = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    const vector = tensorOf(SCALES, [this.scales]);
    const scales = float32(vector.entry, vector.name);
    return () => this.write(engine, to, { numbers, scales });
  }

  /** Calls for every element, by its place in row-major order, with where it lies. */
  #each(use: (element: number, at: number) => void): void {
    const { rows, columns } = this.#layout;
    const { columnAt, rowAt } = this.#places;
    for (let column = 0; column < columns; column++) {
      const at = columnAt(column);
      for (let row = 0; row < rows; row++) use(row * columns + column, at + rowAt(row));
    }
  }

  /** Between the order of Places and what this engine's kernels read. */
  #arrange(engine: Engine, weight: Address): void {
    engine.call("arrangeInt8", { weight, inputs: this.#layout.rows, from: 0, to: this.#places.panels });
  }
}

/** Rows that are looked up, one after another. */
function placesInTable({ rows, columns }: Layout): Places {
  const rowBytes = ROW_HEAD + roundUp(columns, LINE);
  return {
    bytes: rows * rowBytes,
    panels: 0,
    columnAt: (column) => ROW_HEAD + column,
    rowAt: (row) => row * rowBytes,
    scaleAt: (row) => row * rowBytes,
  };
}

/** Panels of the same columns as those of float32. */
function placesInPanels({ rows, count, start }: Layout): Places {
  const floats = rows * LINE;
  const panelBytes = PANEL_HEAD + roundUp(rows, 4) * LINE;
  const scaleAt = (column: number) => {
    const panel = Math.floor(start(column) / floats);
    return panel * panelBytes + (start(column) - panel * floats) * 4;
  };
  return {
    bytes: (count / floats) * panelBytes,
    panels: count / floats,
    columnAt: (column) => scaleAt(column) + PANEL_HEAD,
    rowAt: (row) => (row >> 2) * 64 + (row & 3),
    scaleAt,
  };
}
