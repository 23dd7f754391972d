/**
 * Softmax or its logarithm, over rows of `width` numbers, stored `stride` floats apart:
 *
 *   p = exp(x - max x) / sum exp(x - max x)      dx = p (dp - sum p dp)
 *   l = x - max x - ln sum exp(x - max x)        dx = dl - exp(l) sum dl
 *
 * `logarithm`: 0 for p, 1 for l. Both for rows [from, to), padding 0. Sums take four lanes side by side, columns ascending, and
 * add the lanes at the end.
 */
import { decay, exp, largest, log, sum } from "./lane";

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

/** The largest number of a row, in all lanes. */
function peak(x: usize, width: usize): v128 {
  const floor = f32x4.splat(-Infinity);
  const last = width & ~15;
  let a = floor, b = floor, c = floor, d = floor;
  for (let at = x; at < x + (last << 2); at += 64) {
    a = f32x4.pmax(a, v128.load(at));
    b = f32x4.pmax(b, v128.load(at, 16));
    c = f32x4.pmax(c, v128.load(at, 32));
    d = f32x4.pmax(d, v128.load(at, 48));
  }
  a = f32x4.pmax(f32x4.pmax(a, b), f32x4.pmax(c, d));
  for (let c = last; c < width; c += 4) {
    a = f32x4.pmax(a, v128.bitselect(v128.load(x + (c << 2)), floor, lanesFrom(c, width)));
  }
  return f32x4.splat(largest(a));
}

/** One row of p. */
function shares(x: usize, y: usize, width: usize): void {
  const shift = peak(x, width);
  let total = f32x4.splat(0);
  for (let c: usize = 0; c < width; c += 4) {
    const own = y + (c << 2);
    v128.store(own, f32x4.sub(v128.load(x + (c << 2)), shift));
    const e = exponential(y, c, width);
    total = f32x4.add(total, e);
    v128.store(own, e);
  }
  const scale = f32x4.div(f32x4.splat(1), f32x4.splat(sum(total)));
  for (let own = y; own < y + (width << 2); own += 16) v128.store(own, f32x4.mul(v128.load(own), scale));
}

/** One row of l. The sum is at least 1, so that what `decay` leaves out of it is none of its digits. */
function logarithms(x: usize, y: usize, width: usize): void {
  const shift = peak(x, width);
  const whole = width & ~3;
  let total = f32x4.splat(0);
  for (let at = x; at < x + (whole << 2); at += 16) {
    total = f32x4.add(total, decay(f32x4.sub(v128.load(at), shift)));
  }
  const rest = whole << 2;
  const lanes = lanesFrom(whole, width);
  if (whole < width) {
    total = f32x4.add(total, v128.and(decay(f32x4.sub(v128.load(x + rest), shift)), lanes));
  }
  const norm = log(f32x4.splat(sum(total)));
  for (let at: usize = 0; at < rest; at += 16) {
    v128.store(y + at, f32x4.sub(f32x4.sub(v128.load(x + at), shift), norm));
  }
  if (whole == width) return;
  v128.store(y + rest, v128.and(f32x4.sub(f32x4.sub(v128.load(x + rest), shift), norm), lanes));
}

/** y = p or l of x, which it may be. */
export function softmaxForward(
  x: usize, y: usize, logarithm: u32, width: u32, stride: u32, from: u32, to: u32,
): void {
  const bytes = <usize>stride << 2;
  const used = ((<usize>width + 3) & ~3) << 2;
  for (let row = <usize>from * bytes; row < <usize>to * bytes; row += bytes) {
    if (logarithm) logarithms(x + row, y + row, width);
    else shares(x + row, y + row, width);
    memory.fill(y + row + used, 0, bytes - used);
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
