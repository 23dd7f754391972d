/** Rows of numbers most of which are zero. */
import { type Tensor, tensor } from "../data/tensor.js";

/** Row r has `values[i]` in column `columns[i]` for i from `starts[r]` to `starts[r + 1]`, columns ascending; else zeros. */
export interface SparseRows {
  readonly shape: readonly [rows: number, width: number];
  readonly starts: Uint32Array;
  readonly columns: Uint32Array;
  readonly values: Float64Array;
}

/** Rows given as pairs of column and value. */
export function sparseRows(
  rows: readonly (readonly (readonly [number, number])[])[],
  width: number,
): SparseRows {
  const starts = new Uint32Array(rows.length + 1);
  for (const [r, row] of rows.entries()) starts[r + 1] = starts[r]! + row.length;
  const all = rows.flatMap((row) => row.toSorted(([a], [b]) => a - b));
  return {
    shape: [rows.length, width],
    starts,
    columns: Uint32Array.from(all, ([column]) => column),
    values: Float64Array.from(all, ([, value]) => value),
  };
}

/** Rows [from, to) of sparse rows with all their zeros, [rows, width]: what a model reads. */
export function denseRows(
  { shape: [rows, width], starts, columns, values }: SparseRows,
  from = 0,
  to: number = rows,
): Tensor {
  const data = new Float32Array((to - from) * width);
  for (let row = from; row < to; row++) {
    for (let i = starts[row]!; i < starts[row + 1]!; i++)
      data[(row - from) * width + columns[i]!] = values[i]!;
  }
  return tensor(data, [to - from, width]);
}
