/**
 * Random words that are a pure function of key and counter: Threefry-2x32 with 20 rounds (Salmon, Moraes, Dror & Shaw,
 * "Parallel random numbers: as easy as 1, 2, 3", SC 2011), four counters at a time.
 */

/** x1 of one round, after x0 += x1: rotl(x1, by) ^ x0. */
// @ts-ignore: decorator
@inline
function mix(x0: v128, x1: v128, by: i32): v128 {
  return v128.xor(v128.or(i32x4.shl(x1, by), i32x4.shr_u(x1, 32 - by)), x0);
}

/** words [2][4] = the first and the second words of the counters (first, stream) to (first + 3, stream). */
export function threefry(first: u32, stream: u32, key0: u32, key1: u32, words: usize): void {
  let k0 = i32x4.splat(key0);
  let k1 = i32x4.splat(key1);
  let k2 = i32x4.splat(0x1bd11bda ^ key0 ^ key1);
  let a = i32x4.add(i32x4.add(i32x4.splat(first), i32x4(0, 1, 2, 3)), k0);
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
    const rest = k0;
    k0 = k1;
    k1 = k2;
    k2 = rest;
  }
  v128.store(words, a);
  v128.store(words, b, 16);
}

/** words [count]: both words of each counter (0, stream), (1, stream), ... in turn; count a multiple of 8. */
export function randomWords(words: usize, count: u32, stream: u32, key0: u32, key1: u32): void {
  for (let block: u32 = 0; block < count >> 1; block += 4) {
    threefry(block, stream, key0, key1, words);
    const a = v128.load(words);
    const b = v128.load(words, 16);
    v128.store(words, v128.shuffle<i32>(a, b, 0, 4, 1, 5));
    v128.store(words, v128.shuffle<i32>(a, b, 2, 6, 3, 7), 16);
    words += 32;
  }
}

/** Numbers in [-bound, bound) in the place of random words. */
export function uniform(words: usize, count: u32, bound: f64): void {
  for (const end = words + (<usize>count << 2); words < end; words += 4) {
    store<f32>(words, <f32>((<f64>load<u32>(words) / 2147483648 - 1) * bound));
  }
}
