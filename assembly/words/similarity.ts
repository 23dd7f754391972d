/** How alike the rows of a table [rows][stride] are to one vector [stride]; width: the numbers of a row that count. */
import { sum } from "../lane";

/**
 * scores[r] = scales[r] (query · table[r]) for rows [from, to): cosines, where `scales` are the inverse norms of the rows
 * and the query has norm 1. Lanes of a sum ascend through the row, and are added pairs first.
 */
export function similarities(
  query: usize, table: usize, scales: usize, scores: usize, width: u32, stride: u32, from: u32, to: u32,
): void {
  const bytes = <usize>stride << 2;
  const end = query + (<usize>((width + 3) & ~3) << 2);
  let row = table + <usize>from * bytes;
  let at = <usize>from << 2;
  const stop = <usize>to << 2;
  for (; at + 12 < stop; at += 16, row += bytes << 2) fourRows(query, end, row, bytes, scales + at, scores + at);
  for (; at < stop; at += 4, row += bytes) {
    store<f32>(scores + at, load<f32>(scales + at) * dot(query, end, row));
  }
}

/** Four rows at a time, so that their chains of additions overlap. */
function fourRows(query: usize, end: usize, row: usize, bytes: usize, scales: usize, scores: usize): void {
  let row1 = row + bytes;
  let row2 = row1 + bytes;
  let row3 = row2 + bytes;
  let a0 = f32x4.splat(0);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  while (query < end) {
    const q = v128.load(query);
    a0 = f32x4.add(a0, f32x4.mul(q, v128.load(row)));
    a1 = f32x4.add(a1, f32x4.mul(q, v128.load(row1)));
    a2 = f32x4.add(a2, f32x4.mul(q, v128.load(row2)));
    a3 = f32x4.add(a3, f32x4.mul(q, v128.load(row3)));
    query += 16;
    row += 16;
    row1 += 16;
    row2 += 16;
    row3 += 16;
  }
  store<f32>(scores, load<f32>(scales) * sum(a0));
  store<f32>(scores, load<f32>(scales, 4) * sum(a1), 4);
  store<f32>(scores, load<f32>(scales, 8) * sum(a2), 8);
  store<f32>(scores, load<f32>(scales, 12) * sum(a3), 12);
}

/** query · row, with the order of additions of `fourRows`. */
function dot(query: usize, end: usize, row: usize): f32 {
  let a = f32x4.splat(0);
  while (query < end) {
    a = f32x4.add(a, f32x4.mul(v128.load(query), v128.load(row)));
    query += 16;
    row += 16;
  }
  return sum(a);
}
