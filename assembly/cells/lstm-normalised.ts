/**
 * Long short-term memory with layer normalisation N (Ba, Kiros & Hinton 2016, equations 20 to 22), whose gain and shift are
 * written out; the shifts of the two products and the bias are one:
 *
 *   [i f g o] = gx N(x Wx) + b + gh N(h(t-1) Wh)     i, f, o = sigmoid(.)   g = tanh(.)
 *   c(t) = f c(t-1) + i g                            h(t) = o tanh(gc N(c(t)) + bc)
 *
 * gates     [steps][batch][4 units], as in lstm.ts
 * products  N(h(t-1) Wh), [steps][batch][4 units] like gates; productScales [steps][batch]: its s in normalise.ts
 * cells     N(c(t)), [steps][batch][units rounded up to 16]; cellScales [steps][batch]
 * hiddenGain one row like gates: gh; cellGain, cellShift [units rounded up to 16]: gc, bc
 * states    h and c, each [steps + 1][batch][units rounded up to 16]
 * weight    [panels][units][16]: Wh; transposed: the panels of its transpose
 * quantised  room for h(t-1) as whole numbers where Wh is int8, [batch]: see int8.ts; or 0
 * lengths   [batch], or 0: a row keeps its states from the step of its length on
 */
import { sigmoid, tanh } from "../lane";
import { accumulate, accumulateWithBias } from "../matmul";
import { normaliseRow, normaliseRowBackward } from "../normalise";
import { ended } from "./rows";

/** From the sums to the gates and the cell. */
function cellRow(gates: usize, products: usize, gain: usize, previous: usize, cell: usize, units: usize): void {
  for (let u: usize = 0; u < units; u += 4) {
    const lanes = i32x4.gt_s(i32x4.splat(<i32>(units - u)), i32x4(0, 1, 2, 3));
    const i = sigmoid(f32x4.add(v128.load(gates), f32x4.mul(v128.load(gain), v128.load(products))));
    const f = sigmoid(f32x4.add(v128.load(gates, 16), f32x4.mul(v128.load(gain, 16), v128.load(products, 16))));
    const g = tanh(f32x4.add(v128.load(gates, 32), f32x4.mul(v128.load(gain, 32), v128.load(products, 32))));
    const o = sigmoid(f32x4.add(v128.load(gates, 48), f32x4.mul(v128.load(gain, 48), v128.load(products, 48))));
    v128.store(gates, v128.and(i, lanes));
    v128.store(gates, v128.and(f, lanes), 16);
    v128.store(gates, v128.and(g, lanes), 32);
    v128.store(gates, v128.and(o, lanes), 48);
    v128.store(cell, v128.and(f32x4.add(f32x4.mul(f, v128.load(previous)), f32x4.mul(i, g)), lanes));
    gates += 64;
    products += 64;
    gain += 64;
    previous += 16;
    cell += 16;
  }
}

/** h = o tanh(gain n + shift); o is 0 past the last unit. */
function hiddenRow(gates: usize, n: usize, gain: usize, shift: usize, hidden: usize, units: usize): void {
  for (let u: usize = 0; u < units; u += 4) {
    const c = tanh(f32x4.add(f32x4.mul(v128.load(gain), v128.load(n)), v128.load(shift)));
    v128.store(hidden, f32x4.mul(v128.load(gates, 48), c));
    gates += 64;
    n += 16;
    gain += 16;
    shift += 16;
    hidden += 16;
  }
}

/** gates holds gx N(x Wx) + b on entry and the activations on return. */
export function lstmNormalisedForward(
  gates: usize, products: usize, productScales: usize, cells: usize, cellScales: usize,
  source: usize, states: usize, results: usize, weight: usize, quantised: usize,
  hiddenGain: usize, cellGain: usize, cellShift: usize, epsilon: f32, lengths: usize,
  steps: u32, batch: u32, units: u32, reverse: u32, start: u32, stop: u32, from: u32, to: u32,
): void {
  const rowBytes = ((<usize>units + 15) & ~15) << 2;
  const usedBytes = ((<usize>units + 3) & ~3) << 2;
  const gateBytes = usedBytes << 2;
  const stepBytes = rowBytes * batch;
  const stateBytes = (<usize>steps + 1) * stepBytes;
  for (let k = start; k < stop; k++) {
    const t = <usize>(reverse ? steps - 1 - k : k);
    const before = (reverse ? t + 1 : t) * stepBytes;
    const after = (reverse ? t : t + 1) * stepBytes;
    const p = products + t * gateBytes * batch;
    accumulateWithBias(
      source + before, rowBytes, weight, quantised, 0, p, gateBytes, units, gateBytes >> 6, from, to,
    );
    for (let row = <usize>from; row < <usize>to; row++) {
      const own = gates + (t * batch + row) * gateBytes;
      const product = p + row * gateBytes;
      const n = cells + t * stepBytes + row * rowBytes;
      const scales = (t * batch + row) << 2;
      const previous = states + before + row * rowBytes;
      const hidden = results + after + row * rowBytes;
      if (ended(lengths, row, t)) {
        memory.fill(own, 0, gateBytes);
        memory.fill(product, 0, gateBytes);
        memory.fill(n, 0, rowBytes);
        memory.copy(hidden, previous, rowBytes);
        memory.copy(hidden + stateBytes, previous + stateBytes, rowBytes);
        continue;
      }
      store<f32>(productScales + scales, normaliseRow(product, product, units, 4, epsilon));
      cellRow(own, product, hiddenGain, previous + stateBytes, hidden + stateBytes, units);
      store<f32>(cellScales + scales, normaliseRow(hidden + stateBytes, n, units, 1, epsilon));
      hiddenRow(own, n, cellGain, cellShift, hidden, units);
      memory.fill(hidden + usedBytes, 0, rowBytes - usedBytes);
      memory.fill(hidden + stateBytes + usedBytes, 0, rowBytes - usedBytes);
      memory.fill(n + usedBytes, 0, rowBytes - usedBytes);
    }
  }
}

/** do = dh tanh(y) o (1 - o)     dy = dh o (1 - tanh²(y)), y = gain n + shift     dn = dy gain */
function backwardHiddenRow(
  gates: usize, n: usize, gain: usize, shift: usize, dHidden: usize, dStates: usize, dCell: usize, dn: usize, units: usize,
): void {
  const one = f32x4.splat(1);
  for (let u: usize = 0; u < units; u += 4) {
    const o = v128.load(gates, 48);
    const scale = v128.load(gain);
    const c = tanh(f32x4.add(f32x4.mul(scale, v128.load(n)), v128.load(shift)));
    const dh = f32x4.add(v128.load(dHidden), v128.load(dStates));
    const dho = f32x4.mul(dh, o);
    const dy = f32x4.mul(dho, f32x4.sub(one, f32x4.mul(c, c)));
    v128.store(dHidden, dh);
    v128.store(dStates, f32x4.splat(0));
    v128.store(dCell, dy);
    v128.store(dn, f32x4.mul(dy, scale));
    v128.store(gates, f32x4.mul(f32x4.mul(dho, c), f32x4.sub(one, o)), 48);
    gates += 64;
    n += 16;
    gain += 16;
    shift += 16;
    dHidden += 16;
    dStates += 16;
    dCell += 16;
    dn += 16;
  }
}

/** di, df, dg as in lstm.ts, where dc is dCells + dn; dc(t-1) = dc f. */
function backwardCellRow(gates: usize, previous: usize, dn: usize, dCells: usize, units: usize): void {
  const one = f32x4.splat(1);
  for (let u: usize = 0; u < units; u += 4) {
    const i = v128.load(gates);
    const f = v128.load(gates, 16);
    const g = v128.load(gates, 32);
    const dc = f32x4.add(v128.load(dCells), v128.load(dn));
    v128.store(gates, f32x4.mul(f32x4.mul(dc, g), f32x4.mul(i, f32x4.sub(one, i))));
    v128.store(gates, f32x4.mul(f32x4.mul(dc, v128.load(previous)), f32x4.mul(f, f32x4.sub(one, f))), 16);
    v128.store(gates, f32x4.mul(f32x4.mul(dc, i), f32x4.sub(one, f32x4.mul(g, g))), 32);
    v128.store(dCells, f32x4.mul(dc, f));
    gates += 64;
    previous += 16;
    dn += 16;
    dCells += 16;
  }
}

/** The gradient of h(t-1) Wh, from those of the gates. */
function backwardProductRow(
  gates: usize, gain: usize, products: usize, dProducts: usize, s: f32, units: usize, gateBytes: usize,
): void {
  for (let at: usize = 0; at < gateBytes; at += 16) {
    v128.store(dProducts + at, f32x4.mul(v128.load(gates + at), v128.load(gain + at)));
  }
  normaliseRowBackward(dProducts, products, dProducts, s, units, 4);
}

/**
 * gates: the activations on entry, the gradient of gx N(x Wx) + b on return. dProducts like products: the gradient of
 * h(t-1) Wh. dCells like cells: that of gc N(c(t)) + bc. dNormal [batch][units rounded up to 16]: scratch.
 */
export function lstmNormalisedBackward(
  gates: usize, products: usize, productScales: usize, cells: usize, cellScales: usize,
  dProducts: usize, dCells: usize, dNormal: usize, states: usize, dHidden: usize, dStates: usize, dSource: usize,
  transposed: usize, hiddenGain: usize, cellGain: usize, cellShift: usize, lengths: usize,
  steps: u32, batch: u32, units: u32, reverse: u32, start: u32, stop: u32, from: u32, to: u32,
): void {
  const rowBytes = ((<usize>units + 15) & ~15) << 2;
  const gateBytes = ((<usize>units + 3) & ~3) << 4;
  const stepBytes = rowBytes * batch;
  const previous = states + (<usize>steps + 1) * stepBytes;
  for (let k = stop; k-- > start; ) {
    const t = <usize>(reverse ? steps - 1 - k : k);
    const before = (reverse ? t + 1 : t) * stepBytes;
    const dProduct = dProducts + t * gateBytes * batch;
    for (let row = <usize>from; row < <usize>to; row++) {
      const offset = row * rowBytes;
      const index = t * batch + row;
      const own = gates + index * gateBytes;
      const n = cells + t * stepBytes + offset;
      const dCell = dCells + t * stepBytes + offset;
      memory.fill(dCell, 0, rowBytes);
      if (ended(lengths, row, t)) {
        memory.fill(dProduct + row * gateBytes, 0, gateBytes);
        continue;
      }
      const dn = dNormal + offset;
      const dh = dStates + offset;
      backwardHiddenRow(own, n, cellGain, cellShift, dHidden + t * stepBytes + offset, dh, dCell, dn, units);
      normaliseRowBackward(dn, n, dn, load<f32>(cellScales + (index << 2)), units, 1);
      backwardCellRow(own, previous + before + offset, dn, dh + stepBytes, units);
      backwardProductRow(
        own, hiddenGain, products + index * gateBytes, dProduct + row * gateBytes,
        load<f32>(productScales + (index << 2)), units, gateBytes,
      );
    }
    accumulate(
      dProduct, gateBytes, transposed, 0, dSource, rowBytes, 64, dSource, rowBytes, gateBytes >> 2, rowBytes >> 6, from, to,
    );
  }
}
