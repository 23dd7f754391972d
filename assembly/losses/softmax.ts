/**
 * Softmax of a row of `width` logits, stored in `bytes` bytes:
 *
 *   p = exp(x - top) / sum exp(x - top)      top = max x
 *
 * Probabilities below e^-87.7 are 0. Sums take four lanes side by side, columns ascending, and add the lanes at the end. A NaN
 * among the logits makes the sum NaN.
 */
import { largest, sum } from "../lane";
import { decay, log } from "./elementary";

/** Offset of the last vector of a row that holds data. */
// @ts-ignore: decorator
@inline
export function lastVector(width: usize): usize {
  return ((width - 1) & ~3) << 2;
}

/** The last vector of a row, with -infinity in the lanes of the padding. */
// @ts-ignore: decorator
@inline
export function lastLogits(x: usize, width: usize): v128 {
  const used = <i32>(((width - 1) & 3) + 1);
  const data = i32x4.gt_s(i32x4.splat(used), i32x4(0, 1, 2, 3));
  return v128.bitselect(v128.load(x + lastVector(width)), f32x4.splat(-Infinity), data);
}

/** The largest logit. */
export function top(x: usize, width: usize): f32 {
  let lanes = lastLogits(x, width);
  for (let c: usize = 0; c < lastVector(width); c += 16) lanes = f32x4.pmax(lanes, v128.load(x + c));
  return largest(lanes);
}

/** Writes the probabilities, padding 0, in place if p = x; gives ln sum exp(x - top). */
export function softmax(x: usize, p: usize, top: f32, width: usize, bytes: usize): f32 {
  const end = lastVector(width);
  const shift = f32x4.splat(top);
  let total = f32x4.splat(0);
  const last = lastLogits(x, width);
  for (let c: usize = 0; c <= end; c += 16) {
    const e = decay(f32x4.sub(c < end ? v128.load(x + c) : last, shift));
    v128.store(p + c, e);
    total = f32x4.add(total, e);
  }
  const all = sum(total);

  const scale = f32x4.splat(1 / all);
  for (let c: usize = 0; c <= end; c += 16) v128.store(p + c, f32x4.mul(v128.load(p + c), scale));
  for (let c = end + 16; c < bytes; c += 16) v128.store(p + c, f32x4.splat(0));
  return f32x4.extract_lane(log(f32x4.splat(all)), 0);
}
