/**
 * The gated recurrent unit with the reset gate applied before the product (Cho et al. 2014; ONNX linear_before_reset = 0):
 *
 *   [r z n'] = x Wx + b     r = f(r + h(t-1) Wr)     z = f(z + h(t-1) Wz)     n = g(n' + (r h(t-1)) Wn)
 *   h(t) = k h(t-1) + (1 - k) n     k = z, or 1 - z where the update gate weights the candidate
 *
 * gates     [steps][batch][3 units, rounded up to 16], four units of each gate side by side: r0..3 z0..3 n0..3 r4..7 ...
 * pair      [batch][2 units, rounded up to 16]: h(t-1) [Wr Wz]; candidate [batch][units rounded up to 16]: (r h(t-1)) Wn
 * resets    r h(t-1), [steps][batch][units rounded up to 16]
 * states    h, [steps + 1][batch][the same]; row 0 is the initial state, or row `steps` if reversed
 * weight    [panels][units][16]: [Wr Wz]; candidateWeight: Wn; transposed, candidateTransposed: the panels of their transposes
 * quantised  room for either factor as whole numbers where weights are int8, [batch]: see int8.ts; or 0
 * lengths   [batch], or 0: a row keeps its state from the step of its length on
 */
import { sigmoid, tanh } from "../lane";
import { accumulate, accumulateWithBias } from "../matmul";
import { gate, gateDerivative } from "./gate";
import { lanesOf, mixed } from "./gru";
import { ended } from "./rows";

// @ts-ignore: decorator
@inline
function columnBytes(units: usize, gates: usize): usize {
  return ((((units + 3) & ~3) * gates + 15) & ~15) << 2;
}

function resetRow(
  gates: usize, pair: usize, source: usize, reset: usize, units: usize,
  variant: u32, f: u32, fAlpha: f32, fBeta: f32, clip: f32,
): void {
  for (let u: usize = 0; u < units; u += 4) {
    const lanes = lanesOf(units, u);
    let r = f32x4.add(v128.load(gates), v128.load(pair));
    let z = f32x4.add(v128.load(gates, 16), v128.load(pair, 16));
    r = v128.and(variant ? gate(r, f, fAlpha, fBeta, clip) : sigmoid(r), lanes);
    z = v128.and(variant ? gate(z, f, fAlpha, fBeta, clip) : sigmoid(z), lanes);
    v128.store(gates, r);
    v128.store(gates, z, 16);
    v128.store(reset, f32x4.mul(r, v128.load(source)));
    gates += 48;
    pair += 32;
    source += 16;
    reset += 16;
  }
}

function stateRow(
  gates: usize, candidate: usize, previous: usize, hidden: usize, units: usize, candidateUpdate: u32,
  variant: u32, g: u32, gAlpha: f32, gBeta: f32, clip: f32,
): void {
  for (let u: usize = 0; u < units; u += 4) {
    let n = f32x4.add(v128.load(gates, 32), v128.load(candidate));
    n = v128.and(variant ? gate(n, g, gAlpha, gBeta, clip) : tanh(n), lanesOf(units, u));
    v128.store(gates, n, 32);
    v128.store(hidden, mixed(v128.load(gates, 16), v128.load(previous), n, candidateUpdate));
    gates += 48;
    candidate += 16;
    previous += 16;
    hidden += 16;
  }
}

/** gates holds x Wx + b on entry and the activations on return. */
export function gruResetFirstForward(
  gates: usize, pair: usize, candidate: usize, resets: usize, source: usize, states: usize, results: usize,
  weight: usize, candidateWeight: usize, quantised: usize, lengths: usize, candidateUpdate: u32,
  variant: u32, f: u32, fAlpha: f32, fBeta: f32, g: u32, gAlpha: f32, gBeta: f32, clip: f32,
  steps: u32, batch: u32, units: u32, reverse: u32, start: u32, stop: u32, from: u32, to: u32,
): void {
  const rowBytes = ((<usize>units + 15) & ~15) << 2;
  const usedBytes = ((<usize>units + 3) & ~3) << 2;
  const gateBytes = columnBytes(units, 3);
  const pairBytes = columnBytes(units, 2);
  const stepBytes = rowBytes * batch;
  for (let k = start; k < stop; k++) {
    const t = <usize>(reverse ? steps - 1 - k : k);
    const x = gates + t * gateBytes * batch;
    const reset = resets + t * stepBytes;
    const previous = states + (reverse ? t + 1 : t) * stepBytes;
    const read = source + (reverse ? t + 1 : t) * stepBytes;
    const next = results + (reverse ? t : t + 1) * stepBytes;
    accumulateWithBias(read, rowBytes, weight, quantised, 0, pair, pairBytes, units, pairBytes >> 6, from, to);
    for (let row = <usize>from; row < <usize>to; row++) {
      const offset = row * rowBytes;
      if (ended(lengths, row, t)) {
        memory.fill(x + row * gateBytes, 0, gateBytes);
        memory.fill(reset + offset, 0, rowBytes);
      } else {
        resetRow(
          x + row * gateBytes, pair + row * pairBytes, read + offset, reset + offset, units,
          variant, f, fAlpha, fBeta, clip,
        );
        memory.fill(reset + offset + usedBytes, 0, rowBytes - usedBytes);
      }
    }
    accumulateWithBias(
      reset, rowBytes, candidateWeight, quantised, 0, candidate, rowBytes, units, rowBytes >> 6, from, to,
    );
    for (let row = <usize>from; row < <usize>to; row++) {
      const offset = row * rowBytes;
      if (ended(lengths, row, t)) {
        memory.copy(next + offset, previous + offset, rowBytes);
      } else {
        stateRow(
          x + row * gateBytes, candidate + offset, previous + offset, next + offset, units, candidateUpdate,
          variant, g, gAlpha, gBeta, clip,
        );
        memory.fill(next + offset + usedBytes, 0, rowBytes - usedBytes);
      }
    }
  }
}

/** dn = dh (1 - k) g'(n)     dz = dh (h(t-1) - n) f'(z), or its negative     dh(t-1) = dh k */
function backwardStateRow(
  gates: usize, dPair: usize, dCandidate: usize, previous: usize, dHidden: usize, dStates: usize, units: usize,
  candidateUpdate: u32, variant: u32, f: u32, fAlpha: f32, fBeta: f32, g: u32, gAlpha: f32, gBeta: f32, clip: f32,
): void {
  const one = f32x4.splat(1);
  for (let u: usize = 0; u < units; u += 4) {
    const z = v128.load(gates, 16);
    const n = v128.load(gates, 32);
    const dh = f32x4.add(v128.load(dHidden), v128.load(dStates));
    v128.store(dHidden, dh);
    const keep = candidateUpdate ? f32x4.sub(one, z) : z;
    const slopeN = variant ? gateDerivative(n, g, gAlpha, gBeta, clip) : f32x4.sub(one, f32x4.mul(n, n));
    const slopeZ = variant ? gateDerivative(z, f, fAlpha, fBeta, clip) : f32x4.mul(z, f32x4.sub(one, z));
    const dn = f32x4.mul(f32x4.mul(dh, f32x4.sub(one, keep)), slopeN);
    let dz = f32x4.mul(f32x4.mul(dh, f32x4.sub(v128.load(previous), n)), slopeZ);
    if (candidateUpdate) dz = f32x4.neg(dz);
    v128.store(gates, dz, 16);
    v128.store(gates, dn, 32);
    v128.store(dPair, dz, 16);
    v128.store(dCandidate, dn);
    v128.store(dStates, f32x4.mul(dh, keep));
    gates += 48;
    dPair += 32;
    dCandidate += 16;
    previous += 16;
    dHidden += 16;
    dStates += 16;
  }
}

/** dr = d(r h(t-1)) h(t-1) f'(r)     dh(t-1) += d(r h(t-1)) r */
function backwardResetRow(
  gates: usize, dPair: usize, dReset: usize, source: usize, dSource: usize, units: usize,
  variant: u32, f: u32, fAlpha: f32, fBeta: f32, clip: f32,
): void {
  const one = f32x4.splat(1);
  for (let u: usize = 0; u < units; u += 4) {
    const r = v128.load(gates);
    const d = v128.load(dReset);
    const slope = variant ? gateDerivative(r, f, fAlpha, fBeta, clip) : f32x4.mul(r, f32x4.sub(one, r));
    const dr = f32x4.mul(f32x4.mul(d, v128.load(source)), slope);
    v128.store(gates, dr);
    v128.store(dPair, dr);
    v128.store(dSource, f32x4.add(v128.load(dSource), f32x4.mul(d, r)));
    gates += 48;
    dPair += 32;
    dReset += 16;
    source += 16;
    dSource += 16;
  }
}

/**
 * gates: their gradient on return, and of it dPairs [steps][batch][2 units, rounded up to 16] has [dr dz] and dCandidates
 * [steps][batch][units rounded up to 16] has dn. dReset [batch][the same] is scratch.
 */
export function gruResetFirstBackward(
  gates: usize, dPairs: usize, dCandidates: usize, dReset: usize, source: usize, states: usize,
  dHidden: usize, dStates: usize, dSource: usize, transposed: usize, candidateTransposed: usize,
  lengths: usize, candidateUpdate: u32,
  variant: u32, f: u32, fAlpha: f32, fBeta: f32, g: u32, gAlpha: f32, gBeta: f32, clip: f32,
  steps: u32, batch: u32, units: u32, reverse: u32, start: u32, stop: u32, from: u32, to: u32,
): void {
  const rowBytes = ((<usize>units + 15) & ~15) << 2;
  const gateBytes = columnBytes(units, 3);
  const pairBytes = columnBytes(units, 2);
  const stepBytes = rowBytes * batch;
  for (let k = stop; k-- > start; ) {
    const t = <usize>(reverse ? steps - 1 - k : k);
    const dGates = gates + t * gateBytes * batch;
    const dPair = dPairs + t * pairBytes * batch;
    const dCandidate = dCandidates + t * stepBytes;
    const previous = states + (reverse ? t + 1 : t) * stepBytes;
    const read = source + (reverse ? t + 1 : t) * stepBytes;
    for (let row = <usize>from; row < <usize>to; row++) {
      const offset = row * rowBytes;
      memory.fill(dPair + row * pairBytes, 0, pairBytes);
      memory.fill(dCandidate + offset, 0, rowBytes);
      if (ended(lengths, row, t)) continue;
      backwardStateRow(
        dGates + row * gateBytes, dPair + row * pairBytes, dCandidate + offset, previous + offset,
        dHidden + t * stepBytes + offset, dStates + offset, units, candidateUpdate,
        variant, f, fAlpha, fBeta, g, gAlpha, gBeta, clip,
      );
    }
    accumulateWithBias(
      dCandidate, rowBytes, candidateTransposed, 0, 0, dReset, rowBytes, rowBytes >> 2, rowBytes >> 6, from, to,
    );
    for (let row = <usize>from; row < <usize>to; row++) {
      if (ended(lengths, row, t)) continue;
      const offset = row * rowBytes;
      backwardResetRow(
        dGates + row * gateBytes, dPair + row * pairBytes, dReset + offset, read + offset, dSource + offset, units,
        variant, f, fAlpha, fBeta, clip,
      );
    }
    accumulate(
      dPair, pairBytes, transposed, 0, dSource, rowBytes, 64, dSource, rowBytes, pairBytes >> 2, rowBytes >> 6, from, to,
    );
  }
}
