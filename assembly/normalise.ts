/**
 * Layer normalisation (Ba, Kiros & Hinton 2016):
 *
 *   n = s (x - mean x)     s = 1 / sqrt(mean (x - mean x)² + epsilon)     y = gain n + shift
 *   dx = s (d - mean d - n mean (d n))     d = dy gain
 *
 * Rows are plain (gates 1), or those of a cell: [units / 4][gates][4], `units` numbers of each of `gates`, normalised all
 * together. Lanes past the last unit come out as 0.
 *
 * x, y, n, dy, dx [rows][stride]; s [rows]; gain, shift, dGain, dShift one row, or 0 if there is none
 */
import { sum } from "./lane";

/** Lanes of the vector from unit u on that hold data. */
// @ts-ignore: decorator
@inline
function lanesFrom(u: usize, units: usize): v128 {
  return i32x4.gt_s(i32x4.splat(<i32>(units - u)), i32x4(0, 1, 2, 3));
}

/** n of a row, which may be x; gives s. */
export function normaliseRow(x: usize, n: usize, units: usize, gates: usize, epsilon: f32): f32 {
  const count = <f32>(units * gates);
  const bytes = gates << 4;
  let total = f32x4.splat(0);
  for (let u: usize = 0, at = x; u < units; u += 4) {
    const lanes = lanesFrom(u, units);
    for (let end = at + bytes; at < end; at += 16) total = f32x4.add(total, v128.and(v128.load(at), lanes));
  }
  const mean = f32x4.splat(sum(total) / count);
  total = f32x4.splat(0);
  for (let u: usize = 0, at = x; u < units; u += 4) {
    const lanes = lanesFrom(u, units);
    for (let end = at + bytes; at < end; at += 16) {
      const d = v128.and(f32x4.sub(v128.load(at), mean), lanes);
      total = f32x4.add(total, f32x4.mul(d, d));
    }
  }
  const s: f32 = 1 / sqrt<f32>(sum(total) / count + epsilon);
  const scale = f32x4.splat(s);
  for (let u: usize = 0, at: usize = 0; u < units; u += 4) {
    const lanes = lanesFrom(u, units);
    for (let end = at + bytes; at < end; at += 16) {
      v128.store(n + at, v128.and(f32x4.mul(f32x4.sub(v128.load(x + at), mean), scale), lanes));
    }
  }
  return s;
}

/** dx of a row from d, which it may be, and n. */
export function normaliseRowBackward(d: usize, n: usize, dx: usize, s: f32, units: usize, gates: usize): void {
  const count = <f32>(units * gates);
  const bytes = ((units + 3) >> 2) * (gates << 4);
  let total = f32x4.splat(0);
  let along = f32x4.splat(0);
  for (let at: usize = 0; at < bytes; at += 16) {
    const slope = v128.load(d + at);
    total = f32x4.add(total, slope);
    along = f32x4.add(along, f32x4.mul(slope, v128.load(n + at)));
  }
  const mean = f32x4.splat(sum(total) / count);
  const share = f32x4.splat(sum(along) / count);
  const scale = f32x4.splat(s);
  for (let u: usize = 0, at: usize = 0; u < units; u += 4) {
    const lanes = lanesFrom(u, units);
    for (let end = at + (gates << 4); at < end; at += 16) {
      const rest = f32x4.sub(f32x4.sub(v128.load(d + at), mean), f32x4.mul(v128.load(n + at), share));
      v128.store(dx + at, v128.and(f32x4.mul(rest, scale), lanes));
    }
  }
}

/** For rows [from, to); y may be x, n may not. */
export function layerNormForward(
  x: usize, y: usize, n: usize, s: usize, gain: usize, shift: usize,
  units: u32, gates: u32, epsilon: f32, stride: u32, from: u32, to: u32,
): void {
  const bytes = <usize>stride << 2;
  for (let row = <usize>from; row < <usize>to; row++) {
    const own = n + row * bytes;
    memory.fill(own, 0, bytes);
    store<f32>(s + (row << 2), normaliseRow(x + row * bytes, own, units, gates, epsilon));
    for (let at: usize = 0; at < bytes; at += 16) {
      let result = v128.load(own + at);
      if (gain) result = f32x4.mul(result, v128.load(gain + at));
      if (shift) result = f32x4.add(result, v128.load(shift + at));
      v128.store(y + row * bytes + at, result);
    }
  }
}

/** For rows [from, to); dx may be dy. */
export function layerNormBackward(
  dy: usize, n: usize, s: usize, gain: usize, dx: usize,
  units: u32, gates: u32, stride: u32, from: u32, to: u32,
): void {
  const bytes = <usize>stride << 2;
  for (let row = <usize>from; row < <usize>to; row++) {
    const d = dx + row * bytes;
    for (let at: usize = 0; at < bytes; at += 16) {
      const slope = v128.load(dy + row * bytes + at);
      v128.store(d + at, gain ? f32x4.mul(slope, v128.load(gain + at)) : slope);
    }
    normaliseRowBackward(d, n + row * bytes, d, load<f32>(s + (row << 2)), units, gates);
  }
}

/** dGain += the sum of dy n, dShift += that of dy, rows ascending. For vectors [from, to) of four columns. */
export function layerNormGradient(
  dy: usize, n: usize, dGain: usize, dShift: usize, rows: u32, stride: u32, from: u32, to: u32,
): void {
  const bytes = <usize>stride << 2;
  for (let at = <usize>from << 4; at < <usize>to << 4; at += 16) {
    let gain = v128.load(dGain + at);
    let shift = f32x4.splat(0);
    for (let row: usize = 0, here = at; row < <usize>rows; row++, here += bytes) {
      const slope = v128.load(dy + here);
      gain = f32x4.add(gain, f32x4.mul(slope, v128.load(n + here)));
      shift = f32x4.add(shift, slope);
    }
    v128.store(dGain + at, gain);
    if (dShift) v128.store(dShift + at, f32x4.add(v128.load(dShift + at), shift));
  }
}
