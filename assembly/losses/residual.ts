/**
 * Losses of the residual d = y - target, over rows of numbers stored `stride` floats apart, padding zero:
 *
 *   loss = sum of square d² where |d| <= knee, of slope (|d| - knee / 2) beyond
 *
 * A knee at infinity is the squared error, one at 0 the absolute error, one between is Huber's loss (1964).
 */
import { sum } from "../lane";

/** losses[r]: the loss of row r. For rows [from, to). */
export function residualForward(
  outputs: usize, targets: usize, losses: usize, square: f32, slope: f32, knee: f32, stride: u32, from: u32, to: u32,
): void {
  const bytes = <usize>stride << 2;
  const bend = f32x4.splat(knee);
  for (let row = <usize>from; row < <usize>to; row++) {
    let total = f32x4.splat(0);
    for (let c = row * bytes; c < (row + 1) * bytes; c += 16) {
      const d = f32x4.sub(v128.load(outputs + c), v128.load(targets + c));
      const size = f32x4.abs(d);
      const inner = f32x4.mul(f32x4.splat(square), f32x4.mul(d, d));
      const outer = f32x4.mul(f32x4.splat(slope), f32x4.sub(size, f32x4.splat(knee / 2)));
      total = f32x4.add(total, v128.bitselect(inner, outer, f32x4.le(size, bend)));
    }
    store<f32>(losses + (row << 2), sum(total));
  }
}

/** dOutputs = weights[r] times 2 square d, or slope sign(d) beyond the knee, in row r; in place if dOutputs are outputs. */
export function residualBackward(
  outputs: usize, targets: usize, dOutputs: usize, weights: usize, square: f32, slope: f32, knee: f32, stride: u32,
  from: u32, to: u32,
): void {
  const bytes = <usize>stride << 2;
  const bend = f32x4.splat(knee);
  for (let row = <usize>from; row < <usize>to; row++) {
    const weight = load<f32>(weights + (row << 2));
    const inner = f32x4.splat(2 * square * weight);
    const outer = f32x4.splat(slope * weight);
    for (let c = row * bytes; c < (row + 1) * bytes; c += 16) {
      const d = f32x4.sub(v128.load(outputs + c), v128.load(targets + c));
      const signed = v128.xor(outer, v128.and(d, f32x4.splat(-0.0)));
      const near = f32x4.le(f32x4.abs(d), bend);
      v128.store(dOutputs + c, v128.bitselect(f32x4.mul(inner, d), signed, near));
    }
  }
}
