/** Dropout's factors: 0 or 1 / (1 - rate) for each element, from the counter-based generator. */
import { threefry } from "../../ts/random.js";
import { type Matrix, matrix } from "./matrix.js";

/** What selects a mask: the key (seed, step) and the number of this use of dropout. */
export interface Clock {
  readonly seed: number;
  readonly step: number;
  readonly stream: number;
}

/**
 * Rows lie `stride` floats apart and are taken as vectors of four; vectors 2j and 2j + 1 take the first and the second
 * word of the counters (4j + lane, stream). An element stays if its word reaches rate 2^32.
 */
export function dropoutFactors(
  rows: number,
  columns: number,
  stride: number,
  rate: number,
  { seed, step, stream }: Clock,
): Matrix {
  const rounded = Math.fround(rate);
  const factors = matrix(rows, columns);
  const words = new Uint32Array(2);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const element = row * stride + column;
      const vector = Math.floor(element / 4);
      threefry(4 * Math.floor(vector / 2) + (element % 4), stream, seed, step, words);
      const kept = words[vector % 2] >= Math.floor(rounded * 2 ** 32);
      factors.values[row * columns + column] = kept ? 1 / (1 - rounded) : 0;
    }
  }
  return factors;
}

/** x with each element times its factor; the gradient of x is that of y times the same. */
export function dropout(x: Matrix, factors: Matrix): Matrix {
  return matrix(
    x.rows,
    x.columns,
    x.values.map((value, i) => value * factors.values[i]),
  );
}
