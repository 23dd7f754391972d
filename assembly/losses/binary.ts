/**
 * Binary cross-entropy of logits, every column a label of its own, over rows stored `stride` floats apart:
 *
 *   loss = sum of positive t s(-x) + negative (1 - t) s(x)      s(x) = ln(1 + eˣ) = max(x, 0) + ln(1 + e^-|x|)
 *
 * positive, negative: [stride]: how much a label counts where it is, and where it is not; 0 in the padding.
 */
import { sum } from "../lane";
import { exp, log } from "./elementary";

/** losses[r]: the loss of row r in nats; targets from 0 to 1. For rows [from, to). */
export function binaryForward(
  logits: usize, targets: usize, positive: usize, negative: usize, losses: usize, stride: u32, from: u32, to: u32,
): void {
  const bytes = <usize>stride << 2;
  const one = f32x4.splat(1);
  const zero = f32x4.splat(0);
  for (let row = <usize>from; row < <usize>to; row++) {
    let total = zero;
    for (let c: usize = 0; c < bytes; c += 16) {
      const x = v128.load(logits + row * bytes + c);
      const t = v128.load(targets + row * bytes + c);
      const size = f32x4.abs(x);
      const tail = log(f32x4.add(one, exp(f32x4.neg(size))));
      const there = f32x4.add(tail, f32x4.pmax(f32x4.neg(x), zero));
      const absent = f32x4.add(tail, f32x4.pmax(x, zero));
      const yes = f32x4.mul(f32x4.mul(v128.load(positive + c), t), there);
      const no = f32x4.mul(f32x4.mul(v128.load(negative + c), f32x4.sub(one, t)), absent);
      total = f32x4.add(total, f32x4.add(yes, no));
    }
    store<f32>(losses + (row << 2), sum(total));
  }
}

/** dLogits = weights[r] (negative (1 - t) sigmoid(x) - positive t sigmoid(-x)) in row r; in place if dLogits are logits. */
export function binaryBackward(
  logits: usize, targets: usize, positive: usize, negative: usize, dLogits: usize, weights: usize,
  stride: u32, from: u32, to: u32,
): void {
  const bytes = <usize>stride << 2;
  const one = f32x4.splat(1);
  for (let row = <usize>from; row < <usize>to; row++) {
    const weight = f32x4.splat(load<f32>(weights + (row << 2)));
    for (let c: usize = 0; c < bytes; c += 16) {
      const x = v128.load(logits + row * bytes + c);
      const t = v128.load(targets + row * bytes + c);
      const e = exp(f32x4.neg(f32x4.abs(x)));
      const high = f32x4.div(one, f32x4.add(one, e)); // the sigmoid of |x|
      const low = f32x4.mul(e, high); // and of -|x|
      const below = f32x4.lt(x, f32x4.splat(0));
      const yes = f32x4.mul(f32x4.mul(v128.load(positive + c), t), v128.bitselect(high, low, below));
      const no = f32x4.mul(f32x4.mul(v128.load(negative + c), f32x4.sub(one, t)), v128.bitselect(low, high, below));
      v128.store(dLogits + row * bytes + c, f32x4.mul(weight, f32x4.sub(no, yes)));
    }
  }
}
