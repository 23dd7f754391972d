/**
 * The squared error of rows of `width` numbers, stored `stride` floats apart, padding zero:
 *
 *   loss = sum (y - target)² / width
 */
import { sum } from "./lane";

/** losses[r]: the loss of row r. For rows [from, to). */
export function squaredErrorForward(
  outputs: usize, targets: usize, losses: usize, width: u32, stride: u32, from: u32, to: u32,
): void {
  const bytes = <usize>stride << 2;
  for (let row = <usize>from; row < <usize>to; row++) {
    let total = f32x4.splat(0);
    for (let c = row * bytes; c < (row + 1) * bytes; c += 16) {
      const d = f32x4.sub(v128.load(outputs + c), v128.load(targets + c));
      total = f32x4.add(total, f32x4.mul(d, d));
    }
    store<f32>(losses + (row << 2), sum(total) / <f32>width);
  }
}

/** dOutputs = 2 weights[r] (y - target) / width in row r; in place if dOutputs is outputs. */
export function squaredErrorBackward(
  outputs: usize, targets: usize, dOutputs: usize, weights: usize, width: u32, stride: u32, from: u32, to: u32,
): void {
  const bytes = <usize>stride << 2;
  for (let row = <usize>from; row < <usize>to; row++) {
    const factor = f32x4.splat((2 * load<f32>(weights + (row << 2))) / <f32>width);
    for (let c = row * bytes; c < (row + 1) * bytes; c += 16) {
      v128.store(dOutputs + c, f32x4.mul(factor, f32x4.sub(v128.load(outputs + c), v128.load(targets + c))));
    }
  }
}
