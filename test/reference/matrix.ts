/** Matrices of float64: what the reference computes with, in plain loops. */

/** [rows][columns], row-major and without padding. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float64Array;
}

/** A matrix of these values, or of zeros. */
export function matrix(rows: number, columns: number, values?: ArrayLike<number>): Matrix {
  if (values && values.length !== rows * columns) {
    throw new RangeError(`${values.length} values for [${rows}, ${columns}]`);
  }
  return { rows, columns, values: values ? Float64Array.from(values) : new Float64Array(rows * columns) };
}

/** Rows [from, to) of a matrix, as a view. */
export function rowsOf({ columns, values }: Matrix, from: number, to: number): Matrix {
  return { rows: to - from, columns, values: values.subarray(from * columns, to * columns) };
}

/** The sum of matrices of one shape. */
export function add(first: Matrix, ...others: readonly Matrix[]): Matrix {
  const { rows, columns, values } = first;
  return matrix(
    rows,
    columns,
    values.map((value, i) => others.reduce((sum, other) => sum + other.values[i], value)),
  );
}
