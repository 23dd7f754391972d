/**
 * Softmax with the cross-entropy of a distribution, over rows of logits stored `stride` floats apart, padding of targets 0:
 *
 *   loss = sum q ln(1 / p)      q = shares t + base
 *
 * relative to the entropy of q by choice, which is then the divergence of Kullback and Leibler (1951): sum q ln(q / p).
 * shares, base: [stride], padding 0. A class that q gives nothing adds nothing, whatever its logit.
 */
import { sum } from "../lane";
import { log } from "./elementary";
import { softmax, top } from "./softmax";

/** Four numbers of q. */
// @ts-ignore: decorator
@inline
function wanted(t: usize, shares: usize, base: usize, c: usize): v128 {
  return f32x4.add(f32x4.mul(v128.load(shares + c), v128.load(t + c)), v128.load(base + c));
}

/** probabilities = softmax(logits), padding 0; losses[r]: the loss of row r in nats. In place if probabilities are logits. */
export function distributionForward(
  logits: usize, targets: usize, shares: usize, base: usize, probabilities: usize, losses: usize, relative: u32,
  width: u32, stride: u32, from: u32, to: u32,
): void {
  const bytes = <usize>stride << 2;
  for (let row = <usize>from; row < <usize>to; row++) {
    const x = logits + row * bytes;
    const t = targets + row * bytes;
    const peak = top(x, width);
    const shift = f32x4.splat(peak);
    let mass = f32x4.splat(0);
    let own = f32x4.splat(0);
    for (let c: usize = 0; c < bytes; c += 16) {
      const q = wanted(t, shares, base, c);
      let gain = f32x4.sub(v128.load(x + c), shift);
      if (relative) gain = f32x4.sub(gain, log(q));
      mass = f32x4.add(mass, q);
      own = f32x4.add(own, v128.and(f32x4.mul(q, gain), f32x4.ne(q, f32x4.splat(0))));
    }
    const norm = softmax(x, probabilities + row * bytes, peak, width, bytes);
    store<f32>(losses + (row << 2), sum(mass) * norm - sum(own));
  }
}

/** dLogits = weights[r] ((sum q) p - q) in row r; in place if dLogits are probabilities. */
export function distributionBackward(
  probabilities: usize, targets: usize, shares: usize, base: usize, dLogits: usize, weights: usize,
  stride: u32, from: u32, to: u32,
): void {
  const bytes = <usize>stride << 2;
  for (let row = <usize>from; row < <usize>to; row++) {
    const p = probabilities + row * bytes;
    const t = targets + row * bytes;
    const d = dLogits + row * bytes;
    const weight = f32x4.splat(load<f32>(weights + (row << 2)));
    let mass = f32x4.splat(0);
    for (let c: usize = 0; c < bytes; c += 16) mass = f32x4.add(mass, wanted(t, shares, base, c));
    const total = f32x4.splat(sum(mass));
    for (let c: usize = 0; c < bytes; c += 16) {
      const slope = f32x4.sub(f32x4.mul(total, v128.load(p + c)), wanted(t, shares, base, c));
      v128.store(d + c, f32x4.mul(weight, slope));
    }
  }
}
