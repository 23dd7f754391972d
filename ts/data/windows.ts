/** One long text or series cut into batches for truncated backpropagation through time. */

import { InputError } from "../errors.js";
import { requireWhole } from "./checks.js";
import { readSeries, type Series } from "./series.js";
import { type Tensor, tensor } from "./tensor.js";

type Numbers = Float32Array | Uint32Array;

/** What one training step reads. */
export interface Batch<Inputs extends Numbers = Uint32Array, Targets extends Numbers = Inputs> {
  /** Indices [batch, steps], or numbers [batch, steps, width]. */
  readonly inputs: Tensor<Inputs>;
  /** What follows each input, or what was given for it; in the same shape, but for the width. */
  readonly targets: Tensor<Targets>;
  /** Whether the state carries on from the batch before; false where a pass begins, with a state of zeros. */
  readonly continues: boolean;
  /** Of how many steps the state is carried to the next batch; undefined for all. */
  readonly advance?: number;
  /**
   * How much each target counts, [batch][steps]: 0 for those that a window before had too or that lie past the end of a lane;
   * undefined for 1 each.
   */
  readonly weights?: Float32Array;
}

/** A pass over the text each time it is iterated. */
export interface Windows<Inputs extends Numbers = Uint32Array, Targets extends Numbers = Inputs>
  extends Iterable<Batch<Inputs, Targets>> {
  /** Batches in a pass. */
  readonly length: number;
  /** Targets in a pass, each counted once. */
  readonly symbols: number;
}

export interface WindowOptions {
  /** Lanes, which are the rows of each batch. */
  readonly batch: number;
  /** Steps of each window. */
  readonly steps: number;
  /** How many of these are new; default all. */
  readonly advance?: number;
}

/**
 * Truncated backpropagation through time (Williams & Peng 1990, batched as in Zaremba, Sutskever & Vinyals 2014) over the
 * indices of a text, or over rows of numbers: it is cut into `batch` lanes, of which some are one step longer where it does
 * not divide, and each window takes the next `steps` of every lane, so that row b of one window continues row b of the one
 * before. Where a lane ends within the last window, the rest of its row is 0 and counts nothing. The target of each
 * step is the next, or what `targets` have in its place.
 *
 * With `advance` below `steps`, each window begins only so many steps after the one before, and its loss counts only the
 * new ones: Williams & Peng's BPTT(h; h') with h = steps and h' = advance, k2 and k1 elsewhere. Every target still has
 * at least `steps` - `advance` + 1 steps behind it, once there are so many.
 * Throws InputError unless every lane fills a window, and with row and column for what is not an index or a finite number.
 */
export function windows(ids: ArrayLike<number> | Tensor<Uint32Array>, options: WindowOptions): Windows;
export function windows(
  series: Series,
  options: WindowOptions & { readonly targets?: Series },
): Windows<Numbers>;
export function windows(
  series: Series,
  options: WindowOptions & { readonly targets?: Series },
): Windows<Numbers> {
  const { batch, steps, advance = steps } = options;
  requireWhole("windows.batch", batch);
  requireWhole("windows.steps", steps);
  requireWhole("windows.advance", advance);
  if (advance > steps)
    throw new InputError({
      where: "windows.advance",
      expected: `at most ${steps}, the steps`,
      got: `${advance}`,
    });
  const read = columnsOf("windows", series);
  const given = options.targets === undefined ? read : columnsOf("windows.targets", options.targets);
  if (given.rows !== read.rows)
    throw new InputError({
      where: "windows.targets",
      expected: `${read.rows} steps as in the series`,
      got: `${given.rows}`,
    });
  const shift = given === read ? 1 : 0;
  const symbols = read.rows - shift;
  if (symbols < batch * steps)
    throw new InputError({
      where: "windows.batch",
      expected: `at least ${batch * steps + shift} symbols for ${batch} lanes of ${steps} steps`,
      got: `${read.rows}`,
      hint: "take fewer lanes or fewer steps, or a longer text",
    });
  const short = Math.floor(symbols / batch);
  const longer = symbols % batch;
  const length = 1 + Math.ceil((short + Math.min(longer, 1) - steps) / advance);
  const begin = (row: number) => row * short + Math.min(row, longer);

  /** The steps of each lane that a window has, moved by `shift`. */
  function cut({ numbers, width, flat }: Columns, index: number, shift: number): Tensor<Numbers> {
    const size = batch * steps * width;
    const data = flat ? new Uint32Array(size) : new Float32Array(size);
    for (let row = 0; row < batch; row++) {
      const from = begin(row) + index * advance;
      const to = Math.min(from + steps, begin(row + 1));
      data.set(numbers.subarray((from + shift) * width, (to + shift) * width), row * steps * width);
    }
    return tensor(data, flat ? [batch, steps] : [batch, steps, width]);
  }

  /** Undefined where all steps of a window count. */
  function weigh(index: number): Float32Array | undefined {
    const seen = index > 0 ? steps - advance : 0;
    if (seen === 0 && index * advance + steps <= short) return undefined;
    const weights = new Float32Array(batch * steps);
    for (let row = 0; row < batch; row++) {
      const left = begin(row + 1) - begin(row) - index * advance;
      weights.fill(1, row * steps + seen, row * steps + Math.max(seen, Math.min(steps, left)));
    }
    return weights;
  }

  return {
    length,
    symbols,
    *[Symbol.iterator]() {
      for (let index = 0; index < length; index++) {
        const weights = weigh(index);
        yield {
          inputs: cut(read, index, 0),
          targets: cut(given, index, shift),
          continues: index > 0,
          ...(advance < steps && { advance }),
          ...(weights && { weights }),
        };
      }
    },
  };
}

interface Columns {
  readonly rows: number;
  readonly width: number;
  readonly flat: boolean;
  readonly numbers: Numbers;
}

function columnsOf(where: string, series: Series): Columns {
  const { rows, width, flat, copyTo } = readSeries(where, series);
  if (series instanceof Uint32Array) return { rows, width, flat, numbers: series };
  const numbers = flat ? new Uint32Array(rows) : new Float32Array(rows * width);
  copyTo(numbers, 0);
  return { rows, width, flat, numbers };
}
