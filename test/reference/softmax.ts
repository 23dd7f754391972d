/** The softmax of rows and its logarithm, in float64, and the gradients of what they are made of. */
import { type Matrix, matrix } from "./matrix.js";

/** A function of rows, and the gradient of its x from its result y and that of y. */
export interface RowFunction {
  forward(x: Matrix): Matrix;
  backward(y: Matrix, dy: Matrix): Matrix;
}

const sum = (numbers: Float64Array) => numbers.reduce((total, number) => total + number, 0);

function byRow(
  matrices: readonly Matrix[],
  f: (...rows: readonly Float64Array[]) => ArrayLike<number>,
): Matrix {
  const [{ rows, columns }] = matrices;
  const result = matrix(rows, columns);
  for (let at = 0; at < rows * columns; at += columns) {
    result.values.set(f(...matrices.map(({ values }) => values.subarray(at, at + columns))), at);
  }
  return result;
}

function logarithms(x: Float64Array): Float64Array {
  const top = x.reduce((a, b) => Math.max(a, b));
  const norm = Math.log(sum(x.map((number) => Math.exp(number - top))));
  return x.map((number) => number - top - norm);
}

export const softmax: RowFunction = {
  forward: (x) => byRow([x], (row) => logarithms(row).map(Math.exp)),
  backward: (y, dy) =>
    byRow([y, dy], (p, dp) => {
      const mean = sum(p.map((share, i) => share * dp[i]));
      return p.map((share, i) => share * (dp[i] - mean));
    }),
};

export const logSoftmax: RowFunction = {
  forward: (x) => byRow([x], logarithms),
  backward: (y, dy) =>
    byRow([y, dy], (l, dl) => {
      const all = sum(dl);
      return l.map((logarithm, i) => dl[i] - Math.exp(logarithm) * all);
    }),
};
