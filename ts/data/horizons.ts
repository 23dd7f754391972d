/** Windows over a long series: what has been, and what a model shall say will be. */

import { InputError } from "../errors.js";
import { requireWhole } from "./checks.js";
import type { Rows } from "./rows.js";
import { type Series, tableOf } from "./series.js";
import { type Tensor, tensor } from "./tensor.js";

export interface HorizonOptions {
  /** How many rows of the series a model reads. */
  readonly past: number;
  /** How many rows after these it shall give; default 1. */
  readonly future?: number;
  /** By how many rows each window begins after the one before; default 1. */
  readonly stride?: number;
  /** Columns that are read; default all that are not `known`. */
  readonly inputs?: readonly number[];
  /** Columns that are to be given; default all that are not `known`. */
  readonly targets?: readonly number[];
  /** Columns known in advance, like those of a calendar: beside each row stand theirs of the `future` rows after it. */
  readonly known?: readonly number[];
  /** Asks for the future after every step of the past, and not after the last only; default false. */
  readonly every?: boolean;
  /** The first row that may be a target: where the part of the series begins that is tested on. Default: the first with a past. */
  readonly from?: number;
  /** The row after the last that may be a target: where the part ends that is trained on. Default: the end of the series. */
  readonly to?: number;
}

/** A window of a series. */
export interface Horizon {
  /** [past, inputs + future x known]. */
  readonly inputs: Tensor;
  /** [1, future x targets], row after row, or with `every` [past, future x targets]. */
  readonly targets: Tensor;
  /** Which row of the series is the first of the last future. */
  readonly start: number;
}

/**
 * Rows for `batches` out of a series in order of time. Two calls that share no row between `from` and `to` share no
 * target, whatever they read of the past. InputError if the series does not hold a window, and with row and column for what is
 * not a finite number.
 */
export function horizons(series: Series, options: HorizonOptions): Rows<Horizon> & Iterable<Horizon> {
  const { past, future = 1, stride = 1, known = [], every = false } = options;
  for (const [name, value] of Object.entries({ past, future, stride }))
    requireWhole(`horizons.${name}`, value);
  const table = tableOf("horizons", series);
  const [rows, width] = table.shape;
  const rest = Array.from({ length: width }, (_, column) => column).filter(
    (column) => !known.includes(column),
  );
  const { inputs = rest, targets = rest, to = rows } = options;
  for (const [name, columns] of Object.entries({ inputs, targets, known }))
    for (const column of columns) requireWhole(`horizons.${name}`, column, 0, width - 1);
  // The first target of a window is this far behind its beginning.
  const lead = every ? 1 : past;
  const { from = lead } = options;
  requireWhole("horizons.to", to, 1, rows);
  requireWhole("horizons.from", from, 0, to);
  const first = Math.max(0, from - lead);
  const length = Math.floor((to - past - future - first) / stride) + 1;
  if (length < 1)
    throw new InputError({
      where: "horizons",
      expected: `a series in which ${past} rows and ${future} after them end by row ${to}, the targets from row ${from} on`,
      got: `${rows} rows`,
      hint: "ask for less of the past or of the future",
    });

  /** Copies columns of `count` rows from `row` on, side by side. */
  function copy(
    target: Float32Array,
    at: number,
    row: number,
    count: number,
    columns: readonly number[],
  ): number {
    for (let i = row; i < row + count; i++)
      for (const column of columns) target[at++] = table.data[i * width + column];
    return at;
  }

  function window(index: number): Horizon {
    const begin = first + index * stride;
    const end = begin + past;
    const read = new Float32Array(past * (inputs.length + future * known.length));
    const asked = every ? past : 1;
    const wanted = new Float32Array(asked * future * targets.length);
    let at = 0;
    for (let row = begin; row < end; row++) {
      at = copy(read, at, row, 1, inputs);
      at = copy(read, at, row + 1, future, known);
    }
    at = 0;
    for (let row = end - asked; row < end; row++) at = copy(wanted, at, row + 1, future, targets);
    return {
      inputs: tensor(read, [past, inputs.length + future * known.length]),
      targets: tensor(wanted, [asked, future * targets.length]),
      start: end,
    };
  }

  return {
    length,
    at: (index) => (index >= 0 && index < length ? window(index) : undefined),
    *[Symbol.iterator]() {
      for (let index = 0; index < length; index++) yield window(index);
    },
  };
}
