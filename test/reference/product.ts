/** y = x W + b, and its gradients. */
import { type Matrix, matrix } from "./matrix.js";

/** Relative distance in the Euclidean norm that float32 may be off. */
export const tolerance = 2e-6;

export function product(x: Matrix, weight: Matrix, bias?: ArrayLike<number>): Matrix {
  const y = matrix(x.rows, weight.columns);
  for (let row = 0; row < x.rows; row++) {
    for (let column = 0; column < weight.columns; column++) {
      let sum = bias?.[column] ?? 0;
      for (let k = 0; k < x.columns; k++) {
        sum += x.values[row * x.columns + k] * weight.values[k * weight.columns + column];
      }
      y.values[row * weight.columns + column] = sum;
    }
  }
  return y;
}

/** dx = dy Wᵀ, dW = xᵀ dy, and db = the sum of dy's rows. */
export function productGradients(x: Matrix, weight: Matrix, dy: Matrix) {
  return {
    x: product(dy, transpose(weight)),
    weight: product(transpose(x), dy),
    bias: product(matrix(1, dy.rows, new Float64Array(dy.rows).fill(1)), dy).values,
  };
}

export function transpose({ rows, columns, values }: Matrix): Matrix {
  const transposed = matrix(columns, rows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      transposed.values[column * rows + row] = values[row * columns + column];
    }
  }
  return transposed;
}

/** What one float32 accumulator makes of seed + x W, inner indices ascending. */
export function accumulated(
  seed: (row: number, column: number) => number,
  x: Matrix,
  weight: Matrix,
): Float32Array {
  const y = new Float32Array(x.rows * weight.columns);
  for (let row = 0, at = 0; row < x.rows; row++) {
    for (let column = 0; column < weight.columns; column++, at++) {
      let sum = seed(row, column);
      for (let k = 0; k < x.columns; k++) {
        const term = Math.fround(x.values[row * x.columns + k] * weight.values[k * weight.columns + column]);
        sum = Math.fround(sum + term);
      }
      y[at] = sum;
    }
  }
  return y;
}
