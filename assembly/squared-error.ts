/**
 * The squared error of rows of `width` numbers, stored `stride` floats apart; row r is step r / batch of row r % batch of the
 * batch, and counts unless that has ended: lengths words [batch], or 0.
 *
 *   loss = sum (y - target)² / width
 */
import { ended } from "./cells/rows";
import { sum } from "./lane";

/** losses[r]: the loss of row r, 0 where it does not count. For rows [from, to). Padding is zero in both. */
export function squaredErrorForward(
  outputs: usize, targets: usize, losses: usize, lengths: usize, batch: u32, width: u32, stride: u32, from: u32, to: u32,
): void {
  const bytes = <usize>stride << 2;
  for (let row = <usize>from; row < <usize>to; row++) {
    let total = f32x4.splat(0);
    if (!ended(lengths, row % <usize>batch, row / <usize>batch)) {
      const y = outputs + row * bytes;
      const target = targets + row * bytes;
      for (let c: usize = 0; c < bytes; c += 16) {
        const d = f32x4.sub(v128.load(y + c), v128.load(target + c));
        total = f32x4.add(total, f32x4.mul(d, d));
      }
    }
    store<f32>(losses + (row << 2), sum(total) / <f32>width);
  }
}

/** dOutputs = 2 scale (y - target) / width, 0 where a row does not count; in place if dOutputs is outputs. scale: one float. */
export function squaredErrorBackward(
  outputs: usize, targets: usize, dOutputs: usize, scale: usize, lengths: usize,
  batch: u32, width: u32, stride: u32, from: u32, to: u32,
): void {
  const factor = f32x4.splat(2 * load<f32>(scale) / <f32>width);
  const bytes = <usize>stride << 2;
  for (let row = <usize>from; row < <usize>to; row++) {
    const offset = row * bytes;
    if (ended(lengths, row % <usize>batch, row / <usize>batch)) {
      memory.fill(dOutputs + offset, 0, bytes);
      continue;
    }
    for (let c = offset; c < offset + bytes; c += 16) {
      v128.store(dOutputs + c, f32x4.mul(factor, f32x4.sub(v128.load(outputs + c), v128.load(targets + c))));
    }
  }
}
