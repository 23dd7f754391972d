/** Rows of a batch over all their steps: x [steps][batch][stride], y [batch][stride]; lengths: words [batch], or 0 if all count. */

// @ts-ignore: decorator
@inline
function lengthOf(lengths: usize, row: usize, steps: u32): usize {
  return <usize>(lengths ? min(load<u32>(lengths + (row << 2)), steps) : steps);
}

// @ts-ignore: decorator
@inline
function share(mean: u32, length: usize): v128 {
  return f32x4.splat(mean && length > 0 ? 1 / <f32>length : 1);
}

/** y[row] = the sum of x[t][row] over the steps that count, t ascending; their mean if `mean` is 1. Rows [from, to). */
export function sumSteps(
  x: usize, y: usize, lengths: usize, mean: u32, steps: u32, batch: u32, stride: u32, from: u32, to: u32,
): void {
  const bytes = <usize>stride << 2;
  const step = <usize>batch * bytes;
  for (let row = <usize>from; row < <usize>to; row++) {
    const length = lengthOf(lengths, row, steps);
    const part = share(mean, length);
    for (let c = row * bytes; c < (row + 1) * bytes; c += 16) {
      let sum = f32x4.splat(0);
      for (let t: usize = 0; t < length; t++) sum = f32x4.add(sum, v128.load(x + t * step + c));
      v128.store(y + c, f32x4.mul(sum, part));
    }
  }
}

/** x[t][row] = y[row] at every step that counts, a share of it if `mean` is 1; 0 past them. Rows [from, to). */
export function spreadSteps(
  y: usize, x: usize, lengths: usize, mean: u32, steps: u32, batch: u32, stride: u32, from: u32, to: u32,
): void {
  const bytes = <usize>stride << 2;
  const step = <usize>batch * bytes;
  for (let row = <usize>from; row < <usize>to; row++) {
    const length = lengthOf(lengths, row, steps);
    const part = share(mean, length);
    for (let c = row * bytes; c < (row + 1) * bytes; c += 16) {
      const value = f32x4.mul(v128.load(y + c), part);
      for (let t: usize = 0; t < <usize>steps; t++) {
        v128.store(x + t * step + c, t < length ? value : f32x4.splat(0));
      }
    }
  }
}

/** y[row] = the greatest x[t][row] of the steps that count; 0 where none does. Rows [from, to). */
export function greatestStep(x: usize, y: usize, lengths: usize, steps: u32, batch: u32, stride: u32, from: u32, to: u32): void {
  const bytes = <usize>stride << 2;
  const step = <usize>batch * bytes;
  for (let row = <usize>from; row < <usize>to; row++) {
    const length = lengthOf(lengths, row, steps);
    for (let c = row * bytes; c < (row + 1) * bytes; c += 16) {
      let most = length > 0 ? v128.load(x + c) : f32x4.splat(0);
      for (let t: usize = 1; t < length; t++) most = f32x4.max(most, v128.load(x + t * step + c));
      v128.store(y + c, most);
    }
  }
}

/** dx[t][row] = dy[row] at the first step at which x is y, 0 at all others. Rows [from, to). */
export function greatestStepBackward(
  x: usize, y: usize, dy: usize, dx: usize, lengths: usize, steps: u32, batch: u32, stride: u32, from: u32, to: u32,
): void {
  const bytes = <usize>stride << 2;
  const step = <usize>batch * bytes;
  for (let row = <usize>from; row < <usize>to; row++) {
    const length = lengthOf(lengths, row, steps);
    for (let c = row * bytes; c < (row + 1) * bytes; c += 16) {
      const d = v128.load(dy + c);
      const most = v128.load(y + c);
      let open = i32x4.splat(-1);
      for (let t: usize = 0; t < <usize>steps; t++) {
        let here = i32x4.splat(0);
        if (t < length) here = v128.and(open, f32x4.eq(v128.load(x + t * step + c), most));
        v128.store(dx + t * step + c, v128.and(d, here));
        open = v128.andnot(open, here);
      }
    }
  }
}

/** y[length - 1 - t][row] = x[t][row] for the steps that count; 0 past them. y is not x. Rows [from, to). */
export function reverseSteps(x: usize, y: usize, lengths: usize, steps: u32, batch: u32, stride: u32, from: u32, to: u32): void {
  const bytes = <usize>stride << 2;
  const step = <usize>batch * bytes;
  for (let row = <usize>from; row < <usize>to; row++) {
    const length = lengthOf(lengths, row, steps);
    for (let t: usize = 0; t < <usize>steps; t++) {
      const at = y + t * step + row * bytes;
      if (t < length) memory.copy(at, x + (length - 1 - t) * step + row * bytes, bytes);
      else memory.fill(at, 0, bytes);
    }
  }
}
