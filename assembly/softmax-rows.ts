/**
 * Softmax or its logarithm, over rows of `width` numbers, stored `stride` floats apart:
 *
 *   p = exp(x - max x) / sum exp(x - max x)      dx = p (dp - sum p dp)
 *   l = x - max x - ln sum exp(x - max x)        dx = dl - exp(l) sum dl
 *
 * `logarithm`: 0 for p, 1 for l. Both for rows [from, to), padding 0. Sums take four lanes side by side, columns ascending, and
 * add the lanes at the end.
 */
import { sum } from "./lane";
import { decay, exp, log } from "./losses/elementary";
import { lastLogits, lastVector, softmax, top } from "./losses/softmax";

/** Lanes of the vector from column c on that hold data. */
// @ts-ignore: decorator
@inline
function lanesFrom(c: usize, width: usize): v128 {
  return i32x4.gt_s(i32x4.splat(<i32>(width - c)), i32x4(0, 1, 2, 3));
}

/** exp of a row from column c on, 0 in the padding. */
function exponential(row: usize, c: usize, width: usize): v128 {
  return v128.and(exp(v128.load(row + (c << 2))), lanesFrom(c, width));
}

/** One row of l. The sum is at least 1, so that what `decay` leaves out of it is none of its digits. */
function logarithms(x: usize, y: usize, width: usize, bytes: usize): void {
  const shift = f32x4.splat(top(x, width));
  const end = lastVector(width);
  const last = lastLogits(x, width);
  let total = f32x4.splat(0);
  for (let c: usize = 0; c <= end; c += 16) {
    total = f32x4.add(total, decay(f32x4.sub(c < end ? v128.load(x + c) : last, shift)));
  }
  const norm = log(f32x4.splat(sum(total)));
  for (let c: usize = 0; c < bytes; c += 16) {
    const own = f32x4.sub(f32x4.sub(v128.load(x + c), shift), norm);
    v128.store(y + c, c < end ? own : v128.and(own, lanesFrom(c >> 2, width)));
  }
}

/** y = p or l of x, which it may be. */
export function softmaxForward(
  x: usize, y: usize, logarithm: u32, width: u32, stride: u32, from: u32, to: u32,
): void {
  const bytes = <usize>stride << 2;
  for (let row = <usize>from * bytes; row < <usize>to * bytes; row += bytes) {
    if (logarithm) logarithms(x + row, y + row, width, bytes);
    else softmax(x + row, y + row, top(x + row, width), width, bytes);
  }
}

/** dx, which may be dy, from y = p or l. */
export function softmaxBackward(
  y: usize, dy: usize, dx: usize, logarithm: u32, width: u32, stride: u32, from: u32, to: u32,
): void {
  const bytes = <usize>stride << 2;
  for (let row = <usize>from * bytes; row < <usize>to * bytes; row += bytes) {
    let total = f32x4.splat(0);
    for (let at = row; at < row + bytes; at += 16) {
      const d = v128.load(dy + at);
      total = f32x4.add(total, logarithm ? d : f32x4.mul(d, v128.load(y + at)));
    }
    const all = f32x4.splat(sum(total));
    for (let at = row, c: usize = 0; at < row + bytes; at += 16, c += 4) {
      const d = v128.load(dy + at);
      const result = logarithm
        ? f32x4.sub(d, f32x4.mul(exponential(y + row, c, width), all))
        : f32x4.mul(v128.load(y + at), f32x4.sub(d, all));
      v128.store(dx + at, result);
    }
  }
}
