/** Columns brought to one scale, by what the training data say, and back. */

import { FormatError, InputError } from "../errors.js";
import { requireWhole } from "./checks.js";
import { type Series, tableOf } from "./series.js";
import type { Tensor } from "./tensor.js";

/** Subtracts `offset` from each column and divides by `factor`, or the other way round. JSON.stringify keeps it. */
export interface Scaler {
  readonly offset: readonly number[];
  /** 0 where a column was constant: all of it becomes 0. */
  readonly factor: readonly number[];
  /** [rows, width], scaled. InputError for another width, and with row and column for what is not a finite number. */
  apply(series: Series): Tensor<Float64Array>;
  /** What `apply` was given; also what a model puts out, of any shape whose last axis has the columns. */
  invert(scaled: Series): Tensor<Float64Array>;
  /** The scaler of one of the columns. */
  column(index: number): Scaler;
}

/** Which rows a scaler learns from: those of the training data only, else it knows what it is tested on. */
export interface FitOptions {
  /** First row; default 0. */
  readonly from?: number;
  /** The row after the last; default the end. */
  readonly to?: number;
}

/** Each column less its mean, in units of its standard deviation over the population: sqrt(mean((x - mean)²)). */
export function standardise(series: Series, options?: FitOptions): Scaler {
  return scalerFrom("standardise", series, options, (column) => {
    const mean = meanOf(column);
    return { offset: mean, factor: Math.sqrt(meanOf(column.map((x) => (x - mean) * (x - mean)))) };
  });
}

/** Each column from 0 at its least to 1 at its greatest number. */
export function minMax(series: Series, options?: FitOptions): Scaler {
  return scalerFrom("minMax", series, options, (column) => {
    const least = column.reduce((a, b) => Math.min(a, b));
    return { offset: least, factor: column.reduce((a, b) => Math.max(a, b)) - least };
  });
}

/** The scaler that was kept as JSON; FormatError for anything else. */
export function scalerOf(kept: unknown): Scaler {
  const { offset, factor } = (kept ?? {}) as Partial<Scaler>;
  const numbers = (list: unknown) => Array.isArray(list) && list.length > 0 && list.every(Number.isFinite);
  if (!numbers(offset) || !numbers(factor) || offset!.length !== factor!.length)
    throw new FormatError({
      where: "scalerOf",
      expected: "lists `offset` and `factor` of as many finite numbers",
      got: String(JSON.stringify(kept)).slice(0, 80),
    });
  return scaler(offset!, factor!);
}

function scalerFrom(
  where: string,
  series: Series,
  options: FitOptions = {},
  learn: (column: Float64Array) => { offset: number; factor: number },
): Scaler {
  const {
    shape: [rows, width],
    data,
  } = tableOf(where, series);
  const { from = 0, to = rows } = options;
  requireWhole(`${where}.to`, to, 1, rows);
  requireWhole(`${where}.from`, from, 0, to - 1);
  const learnt = Array.from({ length: width }, (_, column) => {
    const numbers = Float64Array.from({ length: to - from }, (_, row) => data[(from + row) * width + column]);
    // The mean of equal numbers may differ from them in the last place.
    const constant = numbers.every((x) => x === numbers[0]);
    const { offset, factor } = constant ? { offset: numbers[0], factor: 0 } : learn(numbers);
    if (!Number.isFinite(offset) || !Number.isFinite(factor))
      throw new InputError({
        where: `${where} column ${column}`,
        expected: "numbers whose squares and sums are finite",
        got: `one of ${numbers.reduce((a, b) => Math.max(a, Math.abs(b)), 0)}`,
      });
    return { offset: offset + 0, factor }; // -0 is 0: JSON knows one zero
  });
  return scaler(
    learnt.map(({ offset }) => offset),
    learnt.map(({ factor }) => factor),
  );
}

function scaler(offset: readonly number[], factor: readonly number[]): Scaler {
  const width = offset.length;

  function map({ shape, data }: Tensor<Float64Array>, change: (x: number, column: number) => number) {
    return { shape, data: data.map((x, i) => change(x, i % width)) };
  }

  function requireWidth(where: string, table: Tensor<Float64Array>): Tensor<Float64Array> {
    const got = table.shape.at(-1);
    if (got !== width)
      throw new InputError({ where, expected: `rows of ${width} numbers`, got: `rows of ${got}` });
    return table;
  }

  const back = (table: Tensor<Float64Array>) =>
    map(requireWidth("scaler.invert", table), (x, i) => offset[i] + x * factor[i]);

  return {
    offset,
    factor,
    apply(series) {
      const table = requireWidth("scaler.apply", tableOf("scaler.apply", series));
      return map(table, (x, i) => (factor[i] === 0 ? 0 : (x - offset[i]) / factor[i]));
    },
    invert(scaled) {
      if (!("shape" in scaled)) return back(tableOf("scaler.invert", scaled));
      const { shape, data } = scaled;
      const rows = { shape: [data.length / (shape.at(-1) ?? 1), shape.at(-1) ?? 1], data };
      return back({ shape, data: tableOf("scaler.invert", rows).data });
    },
    column(index) {
      requireWhole("scaler.column", index, 0, width - 1);
      return scaler([offset[index]], [factor[index]]);
    },
  };
}

function meanOf(numbers: Float64Array): number {
  return numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
}
