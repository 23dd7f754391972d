/**
 * Softmax and its cross-entropy with a class index, over rows of `width` logits, stored `stride` floats apart:
 *
 *   p = exp(x - max x) / sum exp(x - max x)      loss = ln sum exp(x - max x) - (x[target] - max x)
 *
 * Sums take four lanes side by side, columns ascending, and add the lanes at the end. A logit that is NaN makes its row's loss NaN.
 */
import { exp, largest, log, sum } from "./lane";

/** Lanes of the last vector of a row that hold data: all ones there, zeros in the padding. */
// @ts-ignore: decorator
@inline
function dataLanes(width: usize): v128 {
  const used = <i32>(((width - 1) & 3) + 1);
  return i32x4.gt_s(i32x4.splat(used), i32x4(0, 1, 2, 3));
}

/** probabilities = softmax(logits), padding 0; losses[r]: the loss of row r in nats. For rows [from, to); in place if they are one. */
export function crossEntropyForward(
  logits: usize, targets: usize, probabilities: usize, losses: usize, width: u32, stride: u32, from: u32, to: u32,
): void {
  const mask = dataLanes(width);
  const floor = f32x4.splat(-Infinity);
  const lastOffset = ((<usize>width - 1) & ~3) << 2;
  const bytes = <usize>stride << 2;
  for (let row = <usize>from; row < <usize>to; row++) {
    const x = logits + row * bytes;
    const p = probabilities + row * bytes;
    const last = v128.bitselect(v128.load(x + lastOffset), floor, mask);
    let top = last;
    for (let c: usize = 0; c < lastOffset; c += 16) top = f32x4.pmax(top, v128.load(x + c));
    const peak = largest(top);
    const shift = f32x4.splat(peak);
    const target = load<f32>(x + (<usize>load<u32>(targets + (row << 2)) << 2)) - peak; // before p may overwrite it

    let total = f32x4.splat(0);
    for (let c: usize = 0; c < lastOffset; c += 16) {
      const e = exp(f32x4.sub(v128.load(x + c), shift));
      v128.store(p + c, e);
      total = f32x4.add(total, e);
    }
    const e = exp(f32x4.sub(last, shift));
    v128.store(p + lastOffset, e);
    const all = sum(f32x4.add(total, e));

    const scale = f32x4.splat(1 / all);
    for (let c: usize = 0; c <= lastOffset; c += 16) v128.store(p + c, f32x4.mul(v128.load(p + c), scale));
    for (let c = lastOffset + 16; c < bytes; c += 16) v128.store(p + c, f32x4.splat(0));
    store<f32>(losses + (row << 2), f32x4.extract_lane(log(f32x4.splat(all)), 0) - target);
  }
}

/** dLogits = weights[r] (p - onehot(target)) in row r; in place if dLogits is probabilities. */
export function crossEntropyBackward(
  probabilities: usize, targets: usize, dLogits: usize, weights: usize, stride: u32, from: u32, to: u32,
): void {
  const bytes = <usize>stride << 2;
  for (let row = <usize>from; row < <usize>to; row++) {
    const p = probabilities + row * bytes;
    const d = dLogits + row * bytes;
    const weight = load<f32>(weights + (row << 2));
    const lanes = f32x4.splat(weight);
    for (let c: usize = 0; c < bytes; c += 16) v128.store(d + c, f32x4.mul(v128.load(p + c), lanes));
    const target = d + (<usize>load<u32>(targets + (row << 2)) << 2);
    store<f32>(target, load<f32>(target) - weight);
  }
}
