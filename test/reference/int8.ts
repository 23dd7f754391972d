/** Products of rounded rows with weights in int8, again in whole numbers of float64, which are exact. */
import type { Int8Values } from "../../ts/graph/int8.js";
import { type Matrix, matrix } from "./matrix.js";

/** What rows are rounded to at most, by the kernels in use. */
export type Bound = 127 | 63;

/** A row of float32 as whole numbers times a scale, both as the kernels round them. */
export function rounded(row: ArrayLike<number>, bound: Bound): { numbers: number[]; scale: number } {
  const values = Array.from(row);
  const most = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (most < 2 ** -100) return { numbers: values.map(() => 0), scale: 0 };
  if (!(most < Infinity)) return { numbers: values.map(() => 0), scale: NaN };
  const factor = Math.fround(bound / most);
  return {
    numbers: values.map((value) => nearest(Math.fround(value * factor))),
    scale: Math.fround(most / bound),
  };
}

/** Ties to even. */
function nearest(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 !== 0) ? below + 1 : below;
}

/** x W for numbers of float32, with the roundings of the kernels but for the last, the addition to a seed. */
export function int8Product(x: Matrix, weight: Int8Values, bound: Bound): Matrix {
  const columns = weight.scales.length;
  const product = matrix(x.rows, columns);
  for (let row = 0; row < x.rows; row++) {
    const { numbers, scale } = rounded(x.values.subarray(row * x.columns, (row + 1) * x.columns), bound);
    for (let column = 0; column < columns; column++) {
      let sum = 0;
      for (let k = 0; k < x.columns; k++) sum += numbers[k]! * weight.numbers[k * columns + column]!;
      product.values[row * columns + column] = Math.fround(
        Math.fround(Math.fround(sum) * scale) * weight.scales[column]!,
      );
    }
  }
  return product;
}
