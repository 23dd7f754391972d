/** What is computed from two numbers at a time, beside sums and products. */

/** y = a / b, padding 0, for rows [from, to); all [rows][stride]; y may be a or b. */
export function divideForward(a: usize, b: usize, y: usize, width: u32, stride: u32, from: u32, to: u32): void {
  const bytes = <usize>stride << 2;
  const whole = <usize>(width & ~3) << 2;
  const lanes = i32x4.gt_s(i32x4.splat(width & 3), i32x4(0, 1, 2, 3));
  for (let row = <usize>from * bytes; row < <usize>to * bytes; row += bytes) {
    let c: usize = 0;
    for (; c < whole; c += 16) {
      v128.store(y + row + c, f32x4.div(v128.load(a + row + c), v128.load(b + row + c)));
    }
    if (width & 3) {
      v128.store(y + row + c, v128.and(f32x4.div(v128.load(a + row + c), v128.load(b + row + c)), lanes));
      c += 16;
    }
    for (; c < bytes; c += 16) v128.store(y + row + c, f32x4.splat(0));
  }
}

/** d = -dy y / b, the gradient of b in y = a / b, padding 0, for rows [from, to); all [rows][stride]. */
export function divideBackward(dy: usize, y: usize, b: usize, d: usize, width: u32, stride: u32, from: u32, to: u32): void {
  const bytes = <usize>stride << 2;
  const whole = <usize>(width & ~3) << 2;
  const lanes = i32x4.gt_s(i32x4.splat(width & 3), i32x4(0, 1, 2, 3));
  for (let row = <usize>from * bytes; row < <usize>to * bytes; row += bytes) {
    let c: usize = 0;
    for (; c < bytes; c += 16) {
      const at = row + c;
      let slope = f32x4.neg(f32x4.div(f32x4.mul(v128.load(dy + at), v128.load(y + at)), v128.load(b + at)));
      if (c >= whole) slope = c == whole ? v128.and(slope, lanes) : f32x4.splat(0);
      v128.store(d + at, slope);
    }
  }
}

/** y = the greater of a and b, or the lesser if `sign` is -1; count in floats, a multiple of 4; y may be a or b. */
export function extremeForward(a: usize, b: usize, y: usize, sign: f32, count: u32): void {
  const bytes = <usize>count << 2;
  for (let i: usize = 0; i < bytes; i += 16) {
    const p = v128.load(a + i);
    const q = v128.load(b + i);
    v128.store(y + i, sign > 0 ? f32x4.max(p, q) : f32x4.min(p, q));
  }
}

/** da = dy where y is a, else 0; db = dy - da: of equal numbers the first has the gradient. da and db may be 0: not wanted. */
export function extremeBackward(a: usize, b: usize, dy: usize, da: usize, db: usize, sign: f32, count: u32): void {
  const bytes = <usize>count << 2;
  for (let i: usize = 0; i < bytes; i += 16) {
    const p = f32x4.mul(v128.load(a + i), f32x4.splat(sign));
    const first = f32x4.ge(p, f32x4.mul(v128.load(b + i), f32x4.splat(sign)));
    const d = v128.load(dy + i);
    if (da) v128.store(da + i, v128.and(d, first));
    if (db) v128.store(db + i, v128.andnot(d, first));
  }
}
