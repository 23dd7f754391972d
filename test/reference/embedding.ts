/** Rows of a table chosen by index, and the gradient of the table. */
import { type Matrix, matrix } from "./matrix.js";

export function gather(table: Matrix, ids: ArrayLike<number>): Matrix {
  const y = matrix(ids.length, table.columns);
  for (let row = 0; row < ids.length; row++) {
    for (let column = 0; column < table.columns; column++) {
      y.values[row * table.columns + column] = table.values[ids[row] * table.columns + column];
    }
  }
  return y;
}

/** Each row of dy added to the row of the table that it came from. */
export function scatter(entries: number, ids: ArrayLike<number>, dy: Matrix): Matrix {
  const table = matrix(entries, dy.columns);
  for (let row = 0; row < ids.length; row++) {
    for (let column = 0; column < dy.columns; column++) {
      table.values[ids[row] * dy.columns + column] += dy.values[row * dy.columns + column];
    }
  }
  return table;
}
