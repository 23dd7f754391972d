/**
 * One head of one row of the batch: its numbers lie at the same columns of every step. Where they do not fill whole lines, or
 * are read many times, the kernels work on a copy: [rows] of whole lines, zero past the last number. Steps in bytes.
 */

/** Bytes of `units` floats in whole lines. */
// @ts-ignore: decorator
@inline
export function lineBytes(units: usize): usize {
  return ((units + 15) & ~15) << 2;
}

/** Whether numbers fill whole lines, so that they can be worked on where they are. */
// @ts-ignore: decorator
@inline
export function fills(units: usize): bool {
  return (units & 15) == 0;
}

/** to = a copy of the rows. */
export function copyRows(from: usize, step: usize, rows: usize, units: usize, to: usize): void {
  const whole = (units & ~3) << 2;
  const bytes = units << 2;
  const padded = lineBytes(units);
  for (let end = to + rows * padded; to < end; to += padded, from += step) {
    let c: usize = 0;
    for (; c < whole; c += 16) v128.store(to + c, v128.load(from + c));
    for (; c < bytes; c += 4) store<f32>(to + c, load<f32>(from + c));
    for (; c < padded; c += 4) store<f32>(to + c, 0);
  }
}

/** The numbers of a copy, written back to the rows and nowhere between. */
export function restoreRows(from: usize, rows: usize, units: usize, to: usize, step: usize): void {
  const whole = (units & ~3) << 2;
  const bytes = units << 2;
  const padded = lineBytes(units);
  for (let end = from + rows * padded; from < end; from += padded, to += step) {
    let c: usize = 0;
    for (; c < whole; c += 16) v128.store(to + c, v128.load(from + c));
    for (; c < bytes; c += 4) store<f32>(to + c, load<f32>(from + c));
  }
}
