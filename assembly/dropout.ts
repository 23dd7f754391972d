/**
 * Dropout (Srivastava et al. 2014, inverted): y = x / (1 - rate) where a random word reaches rate 2^32, else 0.
 * The words are Threefry-2x32-20 (Salmon, Moraes, Dror & Shaw 2011) of a counter, so backward makes the same mask again.
 */

/** x1 of one round, after x0 += x1: rotl(x1, by) ^ x0. */
// @ts-ignore: decorator
@inline
function mix(x0: v128, x1: v128, by: i32): v128 {
  return v128.xor(v128.or(i32x4.shl(x1, by), i32x4.shr_u(x1, 32 - by)), x0);
}

/**
 * y = mask(x), or dx = mask(dy), for rows [from, to); in place if x is y.
 * x, y [rows][stride]; clock: two words, the seed and the step: the key. stream: a number of this use of dropout.
 * Sixteen-byte vectors 2j and 2j+1 take the first and the second word of the counters (4j + lane, stream).
 */
export function dropout(
  x: usize, y: usize, clock: usize, stream: u32, rate: f32, stride: u32, from: u32, to: u32,
): void {
  const threshold = i32x4.splat(<i32>(<u32>(<f64>rate * 4294967296.0)));
  const scale = f32x4.splat(1 / (1 - rate));
  const seed = load<i32>(clock);
  const step = load<i32>(clock, 4);
  const pairs = (<usize>stride * to) >> 3;
  for (let j = (<usize>stride * from) >> 3; j < pairs; j++) {
    let k0 = i32x4.splat(seed);
    let k1 = i32x4.splat(step);
    let k2 = i32x4.splat(0x1bd11bda ^ seed ^ step);
    let a = i32x4.add(i32x4.add(i32x4.splat(<i32>(j << 2)), i32x4(0, 1, 2, 3)), k0);
    let b = i32x4.add(i32x4.splat(stream), k1);
    for (let group = 0; group < 5; group++) {
      const odd = group & 1;
      a = i32x4.add(a, b);
      b = mix(a, b, odd ? 17 : 13);
      a = i32x4.add(a, b);
      b = mix(a, b, odd ? 29 : 15);
      a = i32x4.add(a, b);
      b = mix(a, b, odd ? 16 : 26);
      a = i32x4.add(a, b);
      b = mix(a, b, odd ? 24 : 6);
      a = i32x4.add(a, k1);
      b = i32x4.add(i32x4.add(b, k2), i32x4.splat(group + 1));
      const first = k0;
      k0 = k1;
      k1 = k2;
      k2 = first;
    }
    const offset = j << 5;
    const kept0 = i32x4.ge_u(a, threshold);
    const kept1 = i32x4.ge_u(b, threshold);
    v128.store(y + offset, v128.and(f32x4.mul(v128.load(x + offset), scale), kept0));
    v128.store(y + offset, v128.and(f32x4.mul(v128.load(x + offset, 16), scale), kept1), 16);
  }
}
