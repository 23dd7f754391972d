/**
 * Minimal long short-term memory (Feng et al. 2024), whose gates and candidate see the input only: its recurrence is a scan
 * without a product. Dividing the gates by their sum keeps the state's scale whatever the length.
 *
 *   [i f c] = x Wx + b     i, f = sigmoid(.)     c = c, or g(c) in the positive form
 *   i' = i / (i + f)       f' = f / (i + f)      h(t) = f' h(t-1) + i' c
 *
 * gates   [steps][batch][3 units, rounded up to 16], four units of each side by side: i0..3 f0..3 c0..3 i4..7 ...
 * states  h, [steps + 1][batch][units rounded up to 16]; row 0 is the initial state, or row `steps` if reversed
 * lengths [batch], or 0: a row keeps its state from the step of its length on
 * positiveForm  1 for the positive form, else 0
 */
import { sigmoid } from "../lane";
import { positive, positiveDerivative } from "./positive";
import { ended } from "./rows";

/** Gates whose sum is smaller are scaled up to it: no quotient is 0 / 0, and 1 - i and 1 - f stay what they are. */
const LEAST: f32 = 1e-30;

// @ts-ignore: decorator
@inline
function columnBytes(units: usize): usize {
  return ((((units + 3) & ~3) * 3 + 15) & ~15) << 2;
}

/** gates: from pre-activations to activations. Lanes of the state past the last unit come out as 0. */
function forwardRow(gates: usize, previous: usize, hidden: usize, units: usize, positiveForm: u32): void {
  const least = f32x4.splat(LEAST);
  for (let u: usize = 0; u < units; u += 4) {
    const lanes = i32x4.gt_s(i32x4.splat(<i32>(units - u)), i32x4(0, 1, 2, 3));
    const input = v128.load(gates);
    const forget = v128.load(gates, 16);
    let c = v128.load(gates, 32);
    if (positiveForm) c = positive(c);
    let i = sigmoid(input);
    let f = sigmoid(forget);
    const small = f32x4.lt(f32x4.add(i, f), least);
    if (v128.any_true(small)) {
      const logRatio = f32x4.sub(input, forget); // of i to f, since sigmoid(x) is eˣ down there
      i = v128.bitselect(f32x4.mul(least, sigmoid(logRatio)), i, small);
      f = v128.bitselect(f32x4.mul(least, sigmoid(f32x4.neg(logRatio))), f, small);
    }
    const sum = f32x4.add(i, f);
    const kept = f32x4.mul(f32x4.div(f, sum), v128.load(previous));
    const h = f32x4.add(kept, f32x4.mul(f32x4.div(i, sum), c));
    v128.store(gates, i);
    v128.store(gates, f, 16);
    v128.store(gates, c, 32);
    v128.store(hidden, v128.and(h, lanes));
    gates += 48;
    previous += 16;
    hidden += 16;
  }
}

/** gates holds x Wx + b on entry and the activations on return. */
export function minLstmForward(
  gates: usize, states: usize, results: usize, lengths: usize, positiveForm: u32,
  steps: u32, batch: u32, units: u32, reverse: u32, start: u32, stop: u32, from: u32, to: u32,
): void {
  const rowBytes = ((<usize>units + 15) & ~15) << 2;
  const usedBytes = ((<usize>units + 3) & ~3) << 2;
  const gateBytes = columnBytes(units);
  const stepBytes = rowBytes * batch;
  for (let k = start; k < stop; k++) {
    const t = <usize>(reverse ? steps - 1 - k : k);
    const x = gates + t * gateBytes * batch;
    const previous = states + (reverse ? t + 1 : t) * stepBytes;
    const next = results + (reverse ? t : t + 1) * stepBytes;
    for (let row = <usize>from; row < <usize>to; row++) {
      const own = x + row * gateBytes;
      const before = previous + row * rowBytes;
      const after = next + row * rowBytes;
      if (ended(lengths, row, t)) {
        memory.fill(own, 0, gateBytes);
        memory.copy(after, before, rowBytes);
        continue;
      }
      forwardRow(own, before, after, units, positiveForm);
      memory.fill(after + usedBytes, 0, rowBytes - usedBytes);
    }
  }
}

/**
 *   d = dh (c - h(t-1)) i' f'     di = d (1 - i)     df = -d (1 - f)
 *   dc = dh i', times g'(c) in the positive form     dh(t-1) = dh f'
 */
function backwardRow(
  gates: usize, previous: usize, dHidden: usize, dStates: usize, units: usize, positiveForm: u32,
): void {
  const one = f32x4.splat(1);
  for (let u: usize = 0; u < units; u += 4) {
    const i = v128.load(gates);
    const f = v128.load(gates, 16);
    const c = v128.load(gates, 32);
    const sum = f32x4.add(i, f);
    const write = f32x4.div(i, sum);
    const keep = f32x4.div(f, sum);
    const dh = f32x4.add(v128.load(dHidden), v128.load(dStates));
    v128.store(dHidden, dh);
    const d = f32x4.mul(f32x4.mul(dh, f32x4.sub(c, v128.load(previous))), f32x4.mul(write, keep));
    let dc = f32x4.mul(dh, write);
    if (positiveForm) dc = f32x4.mul(dc, positiveDerivative(c));
    v128.store(gates, f32x4.mul(d, f32x4.sub(one, i)));
    v128.store(gates, f32x4.mul(d, f32x4.sub(f, one)), 16);
    v128.store(gates, dc, 32);
    v128.store(dStates, f32x4.mul(dh, keep));
    gates += 48;
    previous += 16;
    dHidden += 16;
    dStates += 16;
  }
}

/** gates: the activations on entry, the gradient of the pre-activations on return. */
export function minLstmBackward(
  gates: usize, states: usize, dHidden: usize, dStates: usize, lengths: usize, positiveForm: u32,
  steps: u32, batch: u32, units: u32, reverse: u32, start: u32, stop: u32, from: u32, to: u32,
): void {
  const rowBytes = ((<usize>units + 15) & ~15) << 2;
  const gateBytes = columnBytes(units);
  const stepBytes = rowBytes * batch;
  for (let k = stop; k-- > start; ) {
    const t = <usize>(reverse ? steps - 1 - k : k);
    const dGates = gates + t * gateBytes * batch;
    const previous = states + (reverse ? t + 1 : t) * stepBytes;
    for (let row = <usize>from; row < <usize>to; row++) {
      if (ended(lengths, row, t)) continue;
      const offset = row * rowBytes;
      backwardRow(
        dGates + row * gateBytes, previous + offset, dHidden + t * stepBytes + offset, dStates + offset, units, positiveForm,
      );
    }
  }
}
