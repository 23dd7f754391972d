/** What is computed number by number, and moves of columns between rows of different strides. Strides in floats. */
import { activate, derivative } from "./activation";

/** y = f(x), padding 0 whatever f makes of 0, for rows [from, to); x and y [rows][stride], y may be x. */
export function activationForward(
  x: usize, y: usize, activation: u32, alpha: f32, beta: f32, width: u32, stride: u32, from: u32, to: u32,
): void {
  const bytes = <usize>stride << 2;
  const whole = <usize>(width & ~3) << 2;
  const lanes = i32x4.gt_s(i32x4.splat(width & 3), i32x4(0, 1, 2, 3));
  for (let row = <usize>from * bytes; row < <usize>to * bytes; row += bytes) {
    let c: usize = 0;
    for (; c < whole; c += 16) {
      v128.store(y + row + c, activate(activation, v128.load(x + row + c), alpha, beta));
    }
    if (width & 3) {
      v128.store(y + row + c, v128.and(activate(activation, v128.load(x + row + c), alpha, beta), lanes));
      c += 16;
    }
    for (; c < bytes; c += 16) v128.store(y + row + c, f32x4.splat(0));
  }
}

/** dx = dy f'(x). `kept`: y = f(x), or x itself, as the function asks; count in floats, a multiple of 4; dx may be dy or kept. */
export function activationBackward(
  kept: usize, dy: usize, dx: usize, activation: u32, alpha: f32, beta: f32, count: u32,
): void {
  const bytes = <usize>count << 2;
  for (let i: usize = 0; i < bytes; i += 16) {
    const slope = derivative(activation, v128.load(kept + i), alpha, beta);
    v128.store(dx + i, f32x4.mul(v128.load(dy + i), slope));
  }
}

/** y = a b; count in floats, a multiple of 4; y may be a or b. */
export function multiply(a: usize, b: usize, y: usize, count: u32): void {
  const end = y + (<usize>count << 2);
  while (y < end) {
    v128.store(y, f32x4.mul(v128.load(a), v128.load(b)));
    a += 16;
    b += 16;
    y += 16;
  }
}

/** The first `width` columns of x to y, for `rows` rows; a stride of 0 takes the same row of x every time. */
export function copyColumns(x: usize, y: usize, width: u32, xStride: u32, yStride: u32, rows: u32): void {
  const bytes = <usize>width << 2;
  for (let row: u32 = 0; row < rows; row++) {
    memory.copy(y, x, bytes);
    x += <usize>xStride << 2;
    y += <usize>yStride << 2;
  }
}

/** The first `width` columns of x, added to y, rows ascending; a stride of 0 adds all rows to the same row of y. */
export function addColumns(x: usize, y: usize, width: u32, xStride: u32, yStride: u32, rows: u32): void {
  const whole = <usize>(width & ~3) << 2;
  const bytes = <usize>width << 2;
  for (let row: u32 = 0; row < rows; row++) {
    let c: usize = 0;
    for (; c < whole; c += 16) v128.store(y + c, f32x4.add(v128.load(y + c), v128.load(x + c)));
    for (; c < bytes; c += 4) store<f32>(y + c, load<f32>(y + c) + load<f32>(x + c));
    x += <usize>xStride << 2;
    y += <usize>yStride << 2;
  }
}
