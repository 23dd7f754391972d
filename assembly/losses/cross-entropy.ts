/**
 * Softmax with the cross-entropy of a class index, over rows of logits. Every class may count differently, and a part of the
 * target may be spread over all of them (label smoothing, Szegedy et al. 2016):
 *
 *   loss = sum q ln(1 / p)      q = shares[target] at the target + base everywhere
 *
 * shares, base: [stride], padding 0; 0 in place of their addresses: shares of 1 and no base.
 */
import { sum } from "../lane";
import { softmax, top } from "./softmax";

/** shares[target] */
// @ts-ignore: decorator
@inline
function shareOf(shares: usize, target: usize): f32 {
  return shares ? load<f32>(shares + (target << 2)) : 1;
}

/** sum base (x - peak); classes whose base is 0 add nothing, whatever their logits. */
function spread(base: usize, x: usize, peak: f32, bytes: usize): f32 {
  const shift = f32x4.splat(peak);
  let total = f32x4.splat(0);
  for (let c: usize = 0; c < bytes; c += 16) {
    const q = v128.load(base + c);
    const term = f32x4.mul(q, f32x4.sub(v128.load(x + c), shift));
    total = f32x4.add(total, v128.and(term, f32x4.ne(q, f32x4.splat(0))));
  }
  return sum(total);
}

/**
 * probabilities = softmax(logits), padding 0; losses[r]: the loss of row r in nats. `baseTotal`: the sum of base. For rows
 * [from, to) stored `stride` floats apart; in place if probabilities are logits.
 */
export function crossEntropyForward(
  logits: usize, targets: usize, shares: usize, base: usize, baseTotal: f32, probabilities: usize, losses: usize,
  width: u32, stride: u32, from: u32, to: u32,
): void {
  const bytes = <usize>stride << 2;
  for (let row = <usize>from; row < <usize>to; row++) {
    const x = logits + row * bytes;
    const target = <usize>load<u32>(targets + (row << 2));
    const peak = top(x, width);
    const share = shareOf(shares, target);
    let own = share * (load<f32>(x + (target << 2)) - peak); // before the probabilities may overwrite it
    if (base) own += spread(base, x, peak, bytes);
    const norm = softmax(x, probabilities + row * bytes, peak, width, bytes);
    store<f32>(losses + (row << 2), (share + baseTotal) * norm - own);
  }
}

/** dLogits = weights[r] ((sum q) p - q) in row r; in place if dLogits are probabilities. */
export function crossEntropyBackward(
  probabilities: usize, targets: usize, shares: usize, base: usize, baseTotal: f32, dLogits: usize, weights: usize,
  stride: u32, from: u32, to: u32,
): void {
  const bytes = <usize>stride << 2;
  for (let row = <usize>from; row < <usize>to; row++) {
    const p = probabilities + row * bytes;
    const d = dLogits + row * bytes;
    const target = <usize>load<u32>(targets + (row << 2));
    const weight = load<f32>(weights + (row << 2));
    const share = shareOf(shares, target);
    const scale = f32x4.splat(weight * (share + baseTotal));
    for (let c: usize = 0; c < bytes; c += 16) v128.store(d + c, f32x4.mul(v128.load(p + c), scale));
    if (base) {
      const lanes = f32x4.splat(weight);
      for (let c: usize = 0; c < bytes; c += 16) {
        v128.store(d + c, f32x4.sub(v128.load(d + c), f32x4.mul(v128.load(base + c), lanes)));
      }
    }
    const own = d + (target << 2);
    store<f32>(own, load<f32>(own) - weight * share);
  }
}
