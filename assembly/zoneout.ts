/**
 * Zoneout (Krueger et al. 2017): a random share `rate` of the numbers of a state keep their old value in a step,
 *
 *   y = z previous + (1 - z) next     z = 1 where a random word is below rate 2^32, else 0; without a clock z = rate
 *
 * where rows that have ended keep all. The words are Threefry's of a counter, so backward finds the same z again.
 *
 * clock  two words, the seed and the step: the key; 0 for the expectation, for use after training
 * stream a number of this use; element i of step t takes its word as element i of step t of [steps][batch][stride]
 * lengths words [batch], or 0 if no row ends
 * All others are [batch][stride], stride a multiple of 8; for rows [from, to).
 */
import { ended } from "./cells/rows";
import { threefry } from "./random";

/** The z of sixteen bytes, from the random words there. */
// @ts-ignore: decorator
@inline
function share(words: usize, clock: usize, rate: f32): v128 {
  if (!clock) return f32x4.splat(rate);
  const threshold = i32x4.splat(<i32>(<u32>(<f64>rate * 4294967296.0)));
  return v128.andnot(f32x4.splat(1), i32x4.ge_u(v128.load(words), threshold));
}

export function zoneout(
  previous: usize, next: usize, y: usize, lengths: usize, t: u32, batch: u32,
  clock: usize, stream: u32, rate: f32, stride: u32, from: u32, to: u32,
): void {
  const bytes = <usize>stride << 2;
  const first = (<usize>t * batch * bytes) >> 3;
  const one = f32x4.splat(1);
  for (let row = <usize>from; row < <usize>to; row++) {
    const start = row * bytes;
    if (ended(lengths, row, t)) {
      memory.copy(y + start, previous + start, bytes);
      continue;
    }
    for (let i = start; i < start + bytes; i += 32) {
      if (clock) threefry(<u32>(first + (i >> 3)), stream, load<u32>(clock), load<u32>(clock, 4), y + i);
      for (let half = i; half < i + 32; half += 16) {
        const z = share(y + half, clock, rate);
        const old = f32x4.mul(z, v128.load(previous + half));
        v128.store(y + half, f32x4.add(old, f32x4.mul(f32x4.sub(one, z), v128.load(next + half))));
      }
    }
  }
}

/** kept = z d, what goes to the state before, or 0 in rows that have ended; d = (1 - z) d, what goes through the step. */
export function zoneoutBackward(
  d: usize, kept: usize, lengths: usize, t: u32, batch: u32,
  clock: usize, stream: u32, rate: f32, stride: u32, from: u32, to: u32,
): void {
  const bytes = <usize>stride << 2;
  const first = (<usize>t * batch * bytes) >> 3;
  for (let row = <usize>from; row < <usize>to; row++) {
    const start = row * bytes;
    if (ended(lengths, row, t)) {
      memory.fill(kept + start, 0, bytes);
      continue;
    }
    for (let i = start; i < start + bytes; i += 32) {
      if (clock) threefry(<u32>(first + (i >> 3)), stream, load<u32>(clock), load<u32>(clock, 4), kept + i);
      for (let half = i; half < i + 32; half += 16) {
        const total = v128.load(d + half);
        const own = f32x4.mul(share(kept + half, clock, rate), total);
        v128.store(kept + half, own);
        v128.store(d + half, f32x4.sub(total, own));
      }
    }
  }
}
