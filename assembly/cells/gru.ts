/**
 * The gated recurrent unit (Cho et al. 2014), reset gate applied after the product, as PyTorch and cuDNN define it:
 *
 *   [r z n'] = x Wx + b     [pr pz pn] = h(t-1) Wh + bh
 *   r = f(r + pr)     z = f(z + pz)     n = g(n' + r pn)
 *   h(t) = k h(t-1) + (1 - k) n     k = z, or 1 - z where the update gate weights the candidate
 *
 * gates     [steps][batch][3 units, rounded up to 16], four units of each gate side by side: r0..3 z0..3 n0..3 r4..7 ...
 * products  the same: h(t-1) Wh + bh, of which pn is kept
 * states    h, [steps + 1][batch][units rounded up to 16]; row 0 is the initial state, or row `steps` if reversed
 * weight    [panels][units][16]: Wh; transposed: the panels of its transpose; bias: bh, or 0
 * quantised  room for h(t-1) as whole numbers where Wh is int8, [batch]: see int8.ts; or 0
 * lengths   [batch], or 0: a row keeps its state from the step of its length on
 */
import { sigmoid, tanh } from "../lane";
import { accumulateWithBias, accumulate } from "../matmul";
import { gate, gateDerivative } from "./gate";
import { ended } from "./rows";

// @ts-ignore: decorator
@inline
function columnBytes(units: usize): usize {
  return ((((units + 3) & ~3) * 3 + 15) & ~15) << 2;
}

/** Lanes of the four units from u on that are units. */
// @ts-ignore: decorator
@inline
export function lanesOf(units: usize, u: usize): v128 {
  return i32x4.gt_s(i32x4.splat(<i32>(units - u)), i32x4(0, 1, 2, 3));
}

/** h' from the update gate, the state before and the candidate. */
// @ts-ignore: decorator
@inline
export function mixed(z: v128, previous: v128, n: v128, candidateUpdate: u32): v128 {
  const one = f32x4.splat(1);
  const keep = candidateUpdate ? f32x4.sub(one, z) : z;
  return f32x4.add(f32x4.mul(keep, previous), f32x4.mul(f32x4.sub(one, keep), n));
}

/** gates: from pre-activations to activations, in two passes as those of the LSTM. Lanes past the last unit come out as 0. */
function forwardRow(
  gates: usize, products: usize, previous: usize, hidden: usize, units: usize, candidateUpdate: u32,
): void {
  let activations = gates;
  let p = products;
  for (let u: usize = 0; u < units; u += 4) {
    const lanes = lanesOf(units, u);
    const r = sigmoid(f32x4.add(v128.load(activations), v128.load(p)));
    const z = sigmoid(f32x4.add(v128.load(activations, 16), v128.load(p, 16)));
    v128.store(activations, v128.and(r, lanes));
    v128.store(activations, v128.and(z, lanes), 16);
    activations += 48;
    p += 48;
  }
  for (let u: usize = 0; u < units; u += 4) {
    const reset = f32x4.mul(v128.load(gates), v128.load(products, 32));
    const n = v128.and(tanh(f32x4.add(v128.load(gates, 32), reset)), lanesOf(units, u));
    v128.store(gates, n, 32);
    v128.store(hidden, mixed(v128.load(gates, 16), v128.load(previous), n, candidateUpdate));
    gates += 48;
    products += 48;
    previous += 16;
    hidden += 16;
  }
}

/** The variant. */
function variantForwardRow(
  gates: usize, products: usize, previous: usize, hidden: usize, units: usize, candidateUpdate: u32,
  f: u32, fAlpha: f32, fBeta: f32, g: u32, gAlpha: f32, gBeta: f32, clip: f32,
): void {
  for (let u: usize = 0; u < units; u += 4) {
    const lanes = lanesOf(units, u);
    const r = gate(f32x4.add(v128.load(gates), v128.load(products)), f, fAlpha, fBeta, clip);
    const z = v128.and(gate(f32x4.add(v128.load(gates, 16), v128.load(products, 16)), f, fAlpha, fBeta, clip), lanes);
    const sum = f32x4.add(v128.load(gates, 32), f32x4.mul(r, v128.load(products, 32)));
    const n = v128.and(gate(sum, g, gAlpha, gBeta, clip), lanes);
    v128.store(gates, v128.and(r, lanes));
    v128.store(gates, z, 16);
    v128.store(gates, n, 32);
    v128.store(hidden, mixed(z, v128.load(previous), n, candidateUpdate));
    gates += 48;
    products += 48;
    previous += 16;
    hidden += 16;
  }
}

/** gates holds x Wx + b on entry and the activations on return. */
export function gruForward(
  gates: usize, products: usize, source: usize, states: usize, results: usize, weight: usize, quantised: usize,
  bias: usize, lengths: usize, candidateUpdate: u32,
  variant: u32, f: u32, fAlpha: f32, fBeta: f32, g: u32, gAlpha: f32, gBeta: f32, clip: f32,
  steps: u32, batch: u32, units: u32, reverse: u32, start: u32, stop: u32, from: u32, to: u32,
): void {
  const rowBytes = ((<usize>units + 15) & ~15) << 2;
  const usedBytes = ((<usize>units + 3) & ~3) << 2;
  const gateBytes = columnBytes(units);
  const stepBytes = rowBytes * batch;
  for (let k = start; k < stop; k++) {
    const t = <usize>(reverse ? steps - 1 - k : k);
    const x = gates + t * gateBytes * batch;
    const p = products + t * gateBytes * batch;
    const previous = states + (reverse ? t + 1 : t) * stepBytes;
    const next = results + (reverse ? t : t + 1) * stepBytes;
    accumulateWithBias(
      source + (reverse ? t + 1 : t) * stepBytes, rowBytes, weight, quantised,
      bias, p, gateBytes, units, gateBytes >> 6, from, to,
    );
    for (let row = <usize>from; row < <usize>to; row++) {
      const own = x + row * gateBytes;
      const before = previous + row * rowBytes;
      const after = next + row * rowBytes;
      if (ended(lengths, row, t)) {
        memory.fill(own, 0, gateBytes);
        memory.fill(p + row * gateBytes, 0, gateBytes);
        memory.copy(after, before, rowBytes);
        continue;
      }
      if (variant) {
        variantForwardRow(
          own, p + row * gateBytes, before, after, units, candidateUpdate, f, fAlpha, fBeta, g, gAlpha, gBeta, clip,
        );
      } else {
        forwardRow(own, p + row * gateBytes, before, after, units, candidateUpdate);
      }
      memory.fill(after + usedBytes, 0, rowBytes - usedBytes);
    }
  }
}

/**
 *   dn = dh (1 - k) g'(n)     dz = dh (h(t-1) - n) f'(z), or its negative     dr = dn pn f'(r)
 *   dgates = [dr dz dn]       dproducts = [dr dz dn r]                         dh(t-1) = dh k + dproducts Whᵀ
 */
function backwardRow(
  gates: usize, products: usize, previous: usize, dHidden: usize, dStates: usize, units: usize, candidateUpdate: u32,
  variant: u32, f: u32, fAlpha: f32, fBeta: f32, g: u32, gAlpha: f32, gBeta: f32, clip: f32,
): void {
  const one = f32x4.splat(1);
  for (let u: usize = 0; u < units; u += 4) {
    const r = v128.load(gates);
    const z = v128.load(gates, 16);
    const n = v128.load(gates, 32);
    const dh = f32x4.add(v128.load(dHidden), v128.load(dStates));
    v128.store(dHidden, dh);
    const keep = candidateUpdate ? f32x4.sub(one, z) : z;
    const slopeN = variant ? gateDerivative(n, g, gAlpha, gBeta, clip) : f32x4.sub(one, f32x4.mul(n, n));
    const slopeZ = variant ? gateDerivative(z, f, fAlpha, fBeta, clip) : f32x4.mul(z, f32x4.sub(one, z));
    const slopeR = variant ? gateDerivative(r, f, fAlpha, fBeta, clip) : f32x4.mul(r, f32x4.sub(one, r));
    const dn = f32x4.mul(f32x4.mul(dh, f32x4.sub(one, keep)), slopeN);
    let dz = f32x4.mul(f32x4.mul(dh, f32x4.sub(v128.load(previous), n)), slopeZ);
    if (candidateUpdate) dz = f32x4.neg(dz);
    const dr = f32x4.mul(f32x4.mul(dn, v128.load(products, 32)), slopeR);
    v128.store(gates, dr);
    v128.store(gates, dz, 16);
    v128.store(gates, dn, 32);
    v128.store(products, dr);
    v128.store(products, dz, 16);
    v128.store(products, f32x4.mul(dn, r), 32);
    v128.store(dStates, f32x4.mul(dh, keep));
    gates += 48;
    products += 48;
    previous += 16;
    dHidden += 16;
    dStates += 16;
  }
}

/** gates and products: their gradients on return. */
export function gruBackward(
  gates: usize, products: usize, states: usize, dHidden: usize, dStates: usize, dSource: usize, transposed: usize,
  lengths: usize, candidateUpdate: u32, variant: u32, f: u32, fAlpha: f32, fBeta: f32, g: u32, gAlpha: f32, gBeta: f32, clip: f32,
  steps: u32, batch: u32, units: u32, reverse: u32, start: u32, stop: u32, from: u32, to: u32,
): void {
  const rowBytes = ((<usize>units + 15) & ~15) << 2;
  const gateBytes = columnBytes(units);
  const stepBytes = rowBytes * batch;
  for (let k = stop; k-- > start; ) {
    const t = <usize>(reverse ? steps - 1 - k : k);
    const dGates = gates + t * gateBytes * batch;
    const dProducts = products + t * gateBytes * batch;
    const previous = states + (reverse ? t + 1 : t) * stepBytes;
    for (let row = <usize>from; row < <usize>to; row++) {
      if (ended(lengths, row, t)) continue;
      const offset = row * rowBytes;
      backwardRow(
        dGates + row * gateBytes, dProducts + row * gateBytes, previous + offset, dHidden + t * stepBytes + offset,
        dStates + offset, units, candidateUpdate, variant, f, fAlpha, fBeta, g, gAlpha, gBeta, clip,
      );
    }
    accumulate(
      dProducts, gateBytes, transposed, 0, dSource, rowBytes, 64, dSource, rowBytes, gateBytes >> 2, rowBytes >> 6, from, to,
    );
  }
}
