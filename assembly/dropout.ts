/**
 * Dropout (Srivastava et al. 2014, inverted): y = x / (1 - rate) where a random word reaches rate 2^32, else 0.
 * The words are Threefry's of a counter, so backward makes the same mask again.
 */
import { threefry } from "./random";

/**
 * y = mask(x), or dx = mask(dy), for rows [from, to); in place if x is y.
 * x, y [rows][stride]; clock: two words, the seed and the step: the key. stream: a number of this use of dropout.
 * repeat: rows after which the mask comes again, 0 for never: the batch, for one mask in all steps (Gal & Ghahramani 2016).
 * Sixteen-byte vectors 2j and 2j+1 take the first and the second word of the counters (4j + lane, stream).
 */
export function dropout(
  x: usize, y: usize, clock: usize, stream: u32, rate: f32, stride: u32, repeat: u32, from: u32, to: u32,
): void {
  const threshold = i32x4.splat(<i32>(<u32>(<f64>rate * 4294967296.0)));
  const scale = f32x4.splat(1 / (1 - rate));
  const seed = load<u32>(clock);
  const step = load<u32>(clock, 4);
  const period = repeat ? (<usize>stride * repeat) >> 3 : usize.MAX_VALUE;
  const pairs = (<usize>stride * to) >> 3;
  for (let j = (<usize>stride * from) >> 3; j < pairs; j++) {
    const source = x + (j << 5);
    const target = y + (j << 5);
    const x0 = f32x4.mul(v128.load(source), scale);
    const x1 = f32x4.mul(v128.load(source, 16), scale);
    threefry(<u32>((j % period) << 2), stream, seed, step, target);
    v128.store(target, v128.and(x0, i32x4.ge_u(v128.load(target), threshold)));
    v128.store(target, v128.and(x1, i32x4.ge_u(v128.load(target, 16), threshold)), 16);
  }
}
