/** Numbers in order of time, in any of the forms that users have them in. */

import { InputError } from "../errors.js";
import { type Tensor, tensor } from "./tensor.js";

/**
 * Rows in order of time: a tensor [rows, width] or [rows], rows of numbers, or one number each. Where a model is to read it,
 * numbers without rows are indices.
 */
export type Series =
  | Tensor<Float32Array | Float64Array | Uint32Array>
  | ArrayLike<number>
  | readonly ArrayLike<number>[];

/** A series whose shape is known. */
export interface Table {
  readonly rows: number;
  readonly width: number;
  /** Whether it has one number to a row, and these not in rows of one. */
  readonly flat: boolean;
  /**
   * Copies all numbers, row after row, to `target` from index `at` on. InputError, naming row and column, for what is not a
   * finite number or, if the target holds indices, not an index.
   */
  copyTo(target: Float32Array | Float64Array | Uint32Array, at: number): void;
}

/** Looks at a series; InputError if it is none, or if its rows differ in length. */
export function readSeries(where: string, series: Series): Table {
  if (typeof series !== "object" || series === null)
    throw new InputError({ where, expected: "numbers, rows of numbers or a tensor", got: String(series) });
  if (!("shape" in series))
    return typeof series[0] === "object" && series[0] !== null ? nested(where, series) : flat(where, series);
  const { shape, data } = tensor(series.data, series.shape);
  if (shape.length !== 1 && shape.length !== 2)
    throw new InputError({
      where,
      expected: "a shape [rows] or [rows, width]",
      got: `[${shape.join(", ")}]`,
    });
  const [rows, width = 1] = shape;
  return {
    rows,
    width,
    flat: shape.length === 1,
    copyTo: (target, at) => copy(where, data, target, at, width),
  };
}

function flat(where: string, series: Series): Table {
  const numbers = series as ArrayLike<number>;
  return {
    rows: numbers.length,
    width: 1,
    flat: true,
    copyTo: (target, at) => copy(where, numbers, target, at, 1),
  };
}

function nested(where: string, series: Series): Table {
  const rows = series as readonly ArrayLike<number>[];
  const width = rows[0].length;
  for (let row = 1; row < rows.length; row++) {
    if (rows[row]?.length === width) continue;
    const got = `${rows[row]?.length ?? rows[row]}`;
    throw new InputError({ where: `${where}[${row}]`, expected: `${width} numbers as in row 0`, got });
  }
  return {
    rows: rows.length,
    width,
    flat: false,
    copyTo(target, at) {
      for (let row = 0; row < rows.length; row++)
        copy(where, rows[row], target, at + row * width, width, row);
    },
  };
}

/** A copy in float64, [rows, width]; InputError if there is none or if it holds what is not a finite number. */
export function tableOf(where: string, series: Series): Tensor<Float64Array> {
  const { rows, width, copyTo } = readSeries(where, series);
  if (rows < 1 || width < 1) throw new InputError({ where, expected: "at least one row", got: "none" });
  const data = new Float64Array(rows * width);
  copyTo(data, 0);
  return { shape: [rows, width], data };
}

/** Copies whole rows of numbers, of which the first is row `row`. */
function copy(
  where: string,
  from: ArrayLike<number>,
  target: Float32Array | Float64Array | Uint32Array,
  at: number,
  width: number,
  row = 0,
): void {
  const indices = target instanceof Uint32Array;
  const finite = target instanceof Float32Array ? "a number that is finite in float32" : "a finite number";
  for (let i = 0; i < from.length; i++) {
    const value = from[i];
    target[at + i] = value;
    if (indices ? target[at + i] === value : Number.isFinite(value) && Number.isFinite(target[at + i]))
      continue;
    const column = width > 1 ? `[${i % width}]` : "";
    throw new InputError({
      where: `${where}[${row + Math.floor(i / width)}]${column}`,
      expected: indices ? "an index, a whole number from 0" : finite,
      got: typeof value === "string" ? JSON.stringify(value) : String(value),
      hint: indices ? "numbers that are no indices stand in rows, of one if need be" : undefined,
    });
  }
}
