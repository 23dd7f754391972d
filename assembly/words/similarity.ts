/** How alike the rows of a table [rows][stride] are to one vector [stride]; width: the numbers of a row that count. */
import { dot } from "./dot";

/**
 * scores[r] = scales[r] (query · table[r]) for rows [from, to): cosines, where `scales` are the inverse norms of the rows
 * and the query has norm 1. Rows are read one after another, as memory gives them fastest.
 */
export function similarities(
  query: usize, table: usize, scales: usize, scores: usize, width: u32, stride: u32, from: u32, to: u32,
): void {
  const bytes = <usize>((width + 3) & ~3) << 2;
  const rowBytes = <usize>stride << 2;
  for (let row = <usize>from; row < <usize>to; row++) {
    store<f32>(scores + (row << 2), load<f32>(scales + (row << 2)) * dot(query, table + row * rowBytes, bytes));
  }
}
