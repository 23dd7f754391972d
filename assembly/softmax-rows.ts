/**
 * Softmax or its logarithm, over rows of `width` numbers, stored `stride` floats apart:
 *
 *   p = exp(x - max x) / sum exp(x - max x)      dx = p (dp - sum p dp)
 *   l = x - max x - ln sum exp(x - max x)        dx = dl - exp(l) sum dl
 *
 * `logarithm`: 0 for p, 1 for l. Both for rows [from, to), padding 0. Sums take four lanes side by side, columns ascending, and
 * add the lanes at the end.
 */
import { exp, largest, log, sum } from "./lane";

/** Lanes of the vector from column c on that hold data. */
// @ts-ignore: decorator
@inline
function lanesFrom(c: usize, width: usize): v128 {
  return i32x4.gt_s(i32x4.splat(<i32>(width - c)), i32x4(0, 1, 2, 3));
}

/** exp of a row from column c on, 0 in the padding. Not inlined: both passes share it. */
function exponential(row: usize, c: usize, width: usize): v128 {
  return v128.and(exp(v128.load(row + (c << 2))), lanesFrom(c, width));
}

/** y = p or l of x, which it may be. */
export function softmaxForward(
  x: usize, y: usize, logarithm: u32, width: u32, stride: u32, from: u32, to: u32,
): void {
  const floor = f32x4.splat(-Infinity);
  const bytes = <usize>stride << 2;
  for (let row = <usize>from * bytes; row < <usize>to * bytes; row += bytes) {
    const source = x + row;
    const target = y + row;
    let top = floor;
    for (let c: usize = 0; c < <usize>width; c += 4) {
      top = f32x4.pmax(top, v128.bitselect(v128.load(source + (c << 2)), floor, lanesFrom(c, width)));
    }
    const shift = f32x4.splat(largest(top));
    let total = f32x4.splat(0);
    for (let c: usize = 0; c < <usize>stride; c += 4) {
      const own = target + (c << 2);
      v128.store(own, v128.and(f32x4.sub(v128.load(source + (c << 2)), shift), lanesFrom(c, width)));
      const e = exponential(target, c, width);
      total = f32x4.add(total, e);
      if (!logarithm) v128.store(own, e);
    }
    const all = f32x4.splat(sum(total));
    const scale = f32x4.div(f32x4.splat(1), all);
    const norm = log(all);
    for (let c: usize = 0; c < <usize>width; c += 4) {
      const own = v128.load(target + (c << 2));
      const result = logarithm ? v128.and(f32x4.sub(own, norm), lanesFrom(c, width)) : f32x4.mul(own, scale);
      v128.store(target + (c << 2), result);
    }
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
