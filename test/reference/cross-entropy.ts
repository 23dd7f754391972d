/** Softmax and its cross-entropy with a class index, row by row, in nats. */
import { type Matrix, matrix } from "./matrix.js";

/** Relative distance of probabilities and gradients that float32 may be off. */
export const tolerance = 2e-6;

/** How far the float32 loss of a row may be off: both of its terms, ln of the sum and the target's logit, are rounded. */
export function lossTolerance(logits: ArrayLike<number>): number {
  return (
    1e-6 +
    2 ** -23 * Math.max(...Array.from(logits, (logit) => (Number.isFinite(logit) ? Math.abs(logit) : 0)))
  );
}

/** Rows of logits, target, loss and probabilities, where mathematics leaves no doubt. */
export const specialRows: readonly {
  readonly logits: readonly number[];
  readonly target: number;
  readonly loss: number;
  readonly probabilities: readonly number[];
}[] = [
  { logits: [1000, 0, -1000], target: 0, loss: 0, probabilities: [1, 0, 0] },
  { logits: [1000, 0, -1000], target: 1, loss: 1000, probabilities: [1, 0, 0] },
  { logits: [1000, 0, -1000], target: 2, loss: 2000, probabilities: [1, 0, 0] },
  { logits: [1000, 1000], target: 1, loss: Math.LN2, probabilities: [0.5, 0.5] },
  {
    logits: [-1000, -1000, -1000, -1000, -1000],
    target: 4,
    loss: Math.log(5),
    probabilities: Array(5).fill(0.2),
  },
  { logits: [-7], target: 0, loss: 0, probabilities: [1] },
  { logits: [0, -Infinity, 0], target: 0, loss: Math.LN2, probabilities: [0.5, 0, 0.5] },
  { logits: [0, -Infinity, 0], target: 1, loss: Infinity, probabilities: [0.5, 0, 0.5] },
  { logits: [3e38, -3e38], target: 0, loss: 0, probabilities: [1, 0] },
];

/** Rows whose loss is not a number: infinity minus infinity, or a logit that is none. */
export const undefinedRows: readonly (readonly number[])[] = [
  [NaN, 0, 0],
  [0, 0, 0, 0, NaN],
  [0, 1, 2, 3, 4, NaN, 6, 7, 8],
  [NaN, NaN, NaN, NaN],
  [Infinity, 0, 0],
  [-Infinity, -Infinity],
];

export function crossEntropy(logits: Matrix, targets: ArrayLike<number>) {
  const { rows, columns, values } = logits;
  const probabilities = matrix(rows, columns);
  const losses = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const x = values.subarray(row * columns, (row + 1) * columns);
    const top = x.reduce((a, b) => Math.max(a, b));
    const total = x.reduce((sum, logit) => sum + Math.exp(logit - top), 0);
    for (let c = 0; c < columns; c++) probabilities.values[row * columns + c] = Math.exp(x[c] - top) / total;
    losses[row] = Math.log(total) - (x[targets[row]] - top);
  }
  return { probabilities, losses };
}

/** scale (p - 1 at the target). */
export function crossEntropyGradient(
  probabilities: Matrix,
  targets: ArrayLike<number>,
  scale: number,
): Matrix {
  const { rows, columns, values } = probabilities;
  const dLogits = matrix(rows, columns, values);
  for (let row = 0; row < rows; row++) dLogits.values[row * columns + targets[row]] -= 1;
  for (let i = 0; i < rows * columns; i++) dLogits.values[i] *= scale;
  return dLogits;
}
