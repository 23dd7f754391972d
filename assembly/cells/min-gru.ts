/**
 * The minimal gated recurrent unit (Feng et al. 2024), whose gate and candidate see the input only: its recurrence is a
 * scan without a product.
 *
 *   [z c] = x Wx + b     z = sigmoid(z)     c = c, or g(c) in the positive form
 *   h(t) = (1 - z) h(t-1) + z c
 *
 * gates   [steps][batch][2 units, rounded up to 16], four units of each side by side: z0..3 c0..3 z4..7 ...
 * states  h, [steps + 1][batch][units rounded up to 16]; row 0 is the initial state, or row `steps` if reversed
 * lengths [batch], or 0: a row keeps its state from the step of its length on
 * positiveForm  1 for the positive form, else 0
 */
import { sigmoid } from "../lane";
import { positive, positiveDerivative } from "./positive";
import { ended } from "./rows";

// @ts-ignore: decorator
@inline
function columnBytes(units: usize): usize {
  return ((((units + 3) & ~3) * 2 + 15) & ~15) << 2;
}

/** gates: from pre-activations to activations. Lanes of the state past the last unit come out as 0. */
function forwardRow(gates: usize, previous: usize, hidden: usize, units: usize, positiveForm: u32): void {
  const one = f32x4.splat(1);
  for (let u: usize = 0; u < units; u += 4) {
    const lanes = i32x4.gt_s(i32x4.splat(<i32>(units - u)), i32x4(0, 1, 2, 3));
    const z = sigmoid(v128.load(gates));
    let c = v128.load(gates, 16);
    if (positiveForm) c = positive(c);
    const h = f32x4.add(f32x4.mul(f32x4.sub(one, z), v128.load(previous)), f32x4.mul(z, c));
    v128.store(gates, z);
    v128.store(gates, c, 16);
    v128.store(hidden, v128.and(h, lanes));
    gates += 32;
    previous += 16;
    hidden += 16;
  }
}

/** gates holds x Wx + b on entry and the activations on return. */
export function minGruForward(
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

/** dz = dh (c - h(t-1)) z (1 - z)     dc = dh z, times g'(c) in the positive form     dh(t-1) = dh (1 - z) */
function backwardRow(
  gates: usize, previous: usize, dHidden: usize, dStates: usize, units: usize, positiveForm: u32,
): void {
  const one = f32x4.splat(1);
  for (let u: usize = 0; u < units; u += 4) {
    const z = v128.load(gates);
    const c = v128.load(gates, 16);
    const dh = f32x4.add(v128.load(dHidden), v128.load(dStates));
    v128.store(dHidden, dh);
    const keep = f32x4.sub(one, z);
    const difference = f32x4.sub(c, v128.load(previous));
    let dc = f32x4.mul(dh, z);
    if (positiveForm) dc = f32x4.mul(dc, positiveDerivative(c));
    v128.store(gates, f32x4.mul(f32x4.mul(dh, difference), f32x4.mul(z, keep)));
    v128.store(gates, dc, 16);
    v128.store(dStates, f32x4.mul(dh, keep));
    gates += 32;
    previous += 16;
    dHidden += 16;
    dStates += 16;
  }
}

/** gates: the activations on entry, the gradient of the pre-activations on return. */
export function minGruBackward(
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
