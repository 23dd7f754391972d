/** Plain moves and sums over flat ranges; counts in floats, multiples of 4. */

/** to = from. */
export function copy(from: usize, to: usize, count: u32): void {
  memory.copy(to, from, <usize>count << 2);
}

/** to = 0. */
export function zero(to: usize, count: u32): void {
  memory.fill(to, 0, <usize>count << 2);
}

/** y = a + b; y may be a or b. */
export function add(a: usize, b: usize, y: usize, count: u32): void {
  const end = y + (<usize>count << 2);
  while (y < end) {
    v128.store(y, f32x4.add(v128.load(a), v128.load(b)));
    a += 16;
    b += 16;
    y += 16;
  }
}

/** The sum of x y in float64, index ascending. */
export function dot(x: usize, y: usize, count: u32): f64 {
  const end = x + (<usize>count << 2);
  let total: f64 = 0;
  for (; x < end; x += 4, y += 4) total += <f64>load<f32>(x) * <f64>load<f32>(y);
  return total;
}

/** The sum of x² in float64: four sums side by side, index ascending, added at the end. Not finite if an element is not. */
export function squaredNorm(x: usize, count: u32): f64 {
  const end = x + (<usize>count << 2);
  let even = f64x2.splat(0);
  let odd = f64x2.splat(0);
  for (; x < end; x += 16) {
    const v = v128.load(x);
    const low = f64x2.promote_low_f32x4(v);
    const high = f64x2.promote_low_f32x4(v128.shuffle<f32>(v, v, 2, 3, 0, 1));
    even = f64x2.add(even, f64x2.mul(low, low));
    odd = f64x2.add(odd, f64x2.mul(high, high));
  }
  const total = f64x2.add(even, odd);
  return f64x2.extract_lane(total, 0) + f64x2.extract_lane(total, 1);
}

/** x = factor x. */
export function scale(x: usize, count: u32, factor: f32): void {
  const end = x + (<usize>count << 2);
  for (; x < end; x += 16) v128.store(x, f32x4.mul(v128.load(x), f32x4.splat(factor)));
}

/** x = x, but `most` or -`most` where |x| is greater. */
export function bound(x: usize, count: u32, most: f32): void {
  const end = x + (<usize>count << 2);
  for (; x < end; x += 16) {
    v128.store(x, f32x4.max(f32x4.min(v128.load(x), f32x4.splat(most)), f32x4.splat(-most)));
  }
}

/** gradient += amount sign(x), where the sign of 0 is 0. */
export function lasso(x: usize, gradient: usize, count: u32, amount: f32): void {
  const end = x + (<usize>count << 2);
  const zero = f32x4.splat(0);
  for (; x < end; x += 16, gradient += 16) {
    const p = v128.load(x);
    const pull = v128.bitselect(f32x4.splat(amount), f32x4.splat(-amount), f32x4.gt(p, zero));
    v128.store(gradient, f32x4.add(v128.load(gradient), v128.and(pull, f32x4.ne(p, zero))));
  }
}

/** average = keep average + (1 - keep) x. */
export function follow(x: usize, average: usize, count: u32, keep: f64): void {
  const end = x + (<usize>count << 2);
  for (; x < end; x += 16, average += 16) {
    v128.store(
      average,
      f32x4.add(
        f32x4.mul(v128.load(average), f32x4.splat(<f32>keep)),
        f32x4.mul(v128.load(x), f32x4.splat(<f32>(1 - keep))),
      ),
    );
  }
}
