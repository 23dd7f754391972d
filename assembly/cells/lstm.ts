/**
 * Long short-term memory (Hochreiter & Schmidhuber 1997; forget gate: Gers, Schmidhuber & Cummins 2000):
 *
 *   [i f g o] = x Wx + b + h(t-1) Wh     i, f, o = sigmoid(.)   g = tanh(.)
 *   c(t) = f c(t-1) + i g                h(t) = o tanh(c(t))
 *
 * and its variant: the activations f for gates, g for the candidate and h for the cell by number, pre-activations
 * clipped, peepholes (Gers, Schraudolph & Schmidhuber 2002: i and f see c(t-1), o sees c(t)) and f = 1 - i (coupled).
 *
 * gates   [steps][batch][4 units], four units of each gate side by side: i0..3 f0..3 g0..3 o0..3 i4..7 ...
 * states  h and c, each [steps + 1][batch][units rounded up to 16]; row 0 of each is the initial state, or row `steps`
 *         if reversed
 * weight  [panels][units][16]: Wh; transposed: the panels of its transpose
 * quantised  room for h(t-1) as whole numbers where Wh is int8, [batch]: see int8.ts; or 0
 * lengths [batch], or 0: a row keeps its states from the step of its length on
 * peepholes  of i, f and o, each [units rounded up to 16], or 0
 */
import { sigmoid, tanh } from "../lane";
import { accumulate } from "../matmul";
import { gate, gateDerivative } from "./gate";
import { ended } from "./rows";

/**
 * gates: from pre-activations to activations; cells and hidden: one row. In two passes, because a processor that waits for
 * tanh(c) of some units has no room to begin with the next.
 */
export function forwardRow(gates: usize, previous: usize, cells: usize, hidden: usize, units: usize): void {
  const end = cells + (units << 2);
  let activations = gates;
  for (let cell = cells; cell < end; cell += 16) {
    const i = sigmoid(v128.load(activations));
    const f = sigmoid(v128.load(activations, 16));
    const g = tanh(v128.load(activations, 32));
    const o = sigmoid(v128.load(activations, 48));
    v128.store(cell, f32x4.add(f32x4.mul(f, v128.load(previous)), f32x4.mul(i, g)));
    v128.store(activations, i);
    v128.store(activations, f, 16);
    v128.store(activations, g, 32);
    v128.store(activations, o, 48);
    activations += 64;
    previous += 16;
  }
  for (; cells < end; cells += 16) {
    v128.store(hidden, f32x4.mul(v128.load(gates, 48), tanh(v128.load(cells))));
    gates += 64;
    hidden += 16;
  }
}

/** The variant; lanes past the last unit come out as 0. */
function variantForwardRow(
  gates: usize, previous: usize, cells: usize, hidden: usize, units: usize, peepholes: usize, rowBytes: usize,
  coupled: u32, f: u32, fAlpha: f32, fBeta: f32, g: u32, gAlpha: f32, gBeta: f32, h: u32, hAlpha: f32, hBeta: f32, clip: f32,
): void {
  for (let u: usize = 0; u < units; u += 4) {
    const lanes = i32x4.gt_s(i32x4.splat(<i32>(units - u)), i32x4(0, 1, 2, 3));
    const before = v128.load(previous);
    let input = v128.load(gates);
    let forget = v128.load(gates, 16);
    let output = v128.load(gates, 48);
    const p = peepholes + (u << 2);
    if (peepholes) {
      input = f32x4.add(input, f32x4.mul(v128.load(p), before));
      forget = f32x4.add(forget, f32x4.mul(v128.load(p + rowBytes), before));
    }
    input = gate(input, f, fAlpha, fBeta, clip);
    forget = coupled ? f32x4.sub(f32x4.splat(1), input) : gate(forget, f, fAlpha, fBeta, clip);
    const candidate = gate(v128.load(gates, 32), g, gAlpha, gBeta, clip);
    const c = v128.and(f32x4.add(f32x4.mul(forget, before), f32x4.mul(input, candidate)), lanes);
    if (peepholes) output = f32x4.add(output, f32x4.mul(v128.load(p + 2 * rowBytes), c));
    output = gate(output, f, fAlpha, fBeta, clip);
    v128.store(gates, v128.and(input, lanes));
    v128.store(gates, v128.and(forget, lanes), 16);
    v128.store(gates, v128.and(candidate, lanes), 32);
    v128.store(gates, v128.and(output, lanes), 48);
    v128.store(cells, c);
    v128.store(hidden, v128.and(f32x4.mul(output, gate(c, h, hAlpha, hBeta, 0)), lanes));
    gates += 64;
    previous += 16;
    cells += 16;
    hidden += 16;
  }
}

/** gates holds x Wx + b on entry and the activations on return. variant 0: the plain cell. */
export function lstmForward(
  gates: usize, source: usize, states: usize, results: usize, weight: usize, quantised: usize, lengths: usize, peepholes: usize,
  variant: u32, coupled: u32, f: u32, fAlpha: f32, fBeta: f32, g: u32, gAlpha: f32, gBeta: f32, h: u32, hAlpha: f32, hBeta: f32, clip: f32,
  steps: u32, batch: u32, units: u32, reverse: u32, start: u32, stop: u32, from: u32, to: u32,
): void {
  const rowBytes = ((<usize>units + 15) & ~15) << 2;
  const usedBytes = ((<usize>units + 3) & ~3) << 2;
  const gateBytes = usedBytes << 2;
  const stepBytes = rowBytes * batch;
  const stateBytes = (<usize>steps + 1) * stepBytes;
  for (let k = start; k < stop; k++) {
    const t = <usize>(reverse ? steps - 1 - k : k);
    const x = gates + t * gateBytes * batch;
    const previous = states + (reverse ? t + 1 : t) * stepBytes;
    const next = results + (reverse ? t : t + 1) * stepBytes;
    accumulate(
      source + (reverse ? t + 1 : t) * stepBytes, rowBytes, weight, quantised,
      x, gateBytes, 64, x, gateBytes, units, gateBytes >> 6, from, to,
    );
    for (let row = <usize>from; row < <usize>to; row++) {
      const own = x + row * gateBytes;
      const before = previous + row * rowBytes;
      const after = next + row * rowBytes;
      if (ended(lengths, row, t)) {
        memory.fill(own, 0, gateBytes);
        memory.copy(after, before, rowBytes);
        memory.copy(after + stateBytes, before + stateBytes, rowBytes);
        continue;
      }
      if (variant) {
        variantForwardRow(
          own, before + stateBytes, after + stateBytes, after, units, peepholes, rowBytes,
          coupled, f, fAlpha, fBeta, g, gAlpha, gBeta, h, hAlpha, hBeta, clip,
        );
      } else {
        forwardRow(own, before + stateBytes, after + stateBytes, after, units);
      }
      memory.fill(after + usedBytes, 0, rowBytes - usedBytes);
    }
  }
}

/**
 *   do = dh tanh(c) o (1 - o)     dc += dh o (1 - tanh²(c))
 *   di = dc g i (1 - i)           df = dc c(t-1) f (1 - f)      dg = dc i (1 - g²)      dc(t-1) = dc f
 *
 * dh is the gradient from above and from the step after: it is left in dHidden, and the latter at 0, for the product to be
 * added to.
 */
export function backwardRow(
  gates: usize, previous: usize, cells: usize, dHidden: usize, dLater: usize, dCells: usize, units: usize,
): void {
  const one = f32x4.splat(1);
  for (let u: usize = 0; u < units; u += 4) {
    const i = v128.load(gates);
    const f = v128.load(gates, 16);
    const g = v128.load(gates, 32);
    const o = v128.load(gates, 48);
    const c = tanh(v128.load(cells));
    const dh = f32x4.add(v128.load(dHidden), v128.load(dLater));
    v128.store(dHidden, dh);
    const dho = f32x4.mul(dh, o);
    const dc = f32x4.add(v128.load(dCells), f32x4.mul(dho, f32x4.sub(one, f32x4.mul(c, c))));
    v128.store(gates, f32x4.mul(f32x4.mul(dc, g), f32x4.mul(i, f32x4.sub(one, i))));
    v128.store(gates, f32x4.mul(f32x4.mul(dc, v128.load(previous)), f32x4.mul(f, f32x4.sub(one, f))), 16);
    v128.store(gates, f32x4.mul(f32x4.mul(dc, i), f32x4.sub(one, f32x4.mul(g, g))), 32);
    v128.store(gates, f32x4.mul(f32x4.mul(dho, c), f32x4.sub(one, o)), 48);
    v128.store(dCells, f32x4.mul(dc, f));
    v128.store(dLater, f32x4.splat(0));
    gates += 64;
    previous += 16;
    cells += 16;
    dHidden += 16;
    dLater += 16;
    dCells += 16;
  }
}

/** The variant; lanes past the last unit come out as 0. */
function variantBackwardRow(
  gates: usize, previous: usize, cells: usize, dHidden: usize, dLater: usize, dCells: usize, units: usize,
  peepholes: usize, rowBytes: usize,
  coupled: u32, f: u32, fAlpha: f32, fBeta: f32, g: u32, gAlpha: f32, gBeta: f32, h: u32, hAlpha: f32, hBeta: f32, clip: f32,
): void {
  for (let u: usize = 0; u < units; u += 4) {
    const lanes = i32x4.gt_s(i32x4.splat(<i32>(units - u)), i32x4(0, 1, 2, 3));
    const input = v128.load(gates);
    const forget = v128.load(gates, 16);
    const candidate = v128.load(gates, 32);
    const output = v128.load(gates, 48);
    const before = v128.load(previous);
    const cell = v128.load(cells);
    const activated = gate(cell, h, hAlpha, hBeta, 0);
    const dh = f32x4.add(v128.load(dHidden), v128.load(dLater));
    v128.store(dHidden, dh);
    const dOutput = f32x4.mul(f32x4.mul(dh, activated), gateDerivative(output, f, fAlpha, fBeta, clip));
    let dc = f32x4.add(
      v128.load(dCells), f32x4.mul(f32x4.mul(dh, output), gateDerivative(activated, h, hAlpha, hBeta, 0)),
    );
    const p = peepholes + (u << 2);
    if (peepholes) dc = f32x4.add(dc, f32x4.mul(dOutput, v128.load(p + 2 * rowBytes)));
    let dIn = f32x4.mul(dc, candidate);
    let dForget = f32x4.mul(dc, before);
    if (coupled) {
      dIn = f32x4.sub(dIn, dForget);
      dForget = f32x4.splat(0);
    } else {
      dForget = f32x4.mul(dForget, gateDerivative(forget, f, fAlpha, fBeta, clip));
    }
    dIn = f32x4.mul(dIn, gateDerivative(input, f, fAlpha, fBeta, clip));
    const dCandidate = f32x4.mul(f32x4.mul(dc, input), gateDerivative(candidate, g, gAlpha, gBeta, clip));
    let dBefore = f32x4.mul(dc, forget);
    if (peepholes) {
      dBefore = f32x4.add(dBefore, f32x4.mul(dIn, v128.load(p)));
      dBefore = f32x4.add(dBefore, f32x4.mul(dForget, v128.load(p + rowBytes)));
    }
    v128.store(gates, v128.and(dIn, lanes));
    v128.store(gates, v128.and(dForget, lanes), 16);
    v128.store(gates, v128.and(dCandidate, lanes), 32);
    v128.store(gates, v128.and(dOutput, lanes), 48);
    v128.store(dCells, v128.and(dBefore, lanes));
    v128.store(dLater, f32x4.splat(0));
    gates += 64;
    previous += 16;
    cells += 16;
    dHidden += 16;
    dLater += 16;
    dCells += 16;
  }
}

/** gates: the activations on entry, the gradient of the pre-activations on return. */
export function lstmBackward(
  gates: usize, states: usize, results: usize, dHidden: usize, dStates: usize, dSource: usize, transposed: usize,
  lengths: usize, peepholes: usize, variant: u32,
  coupled: u32, f: u32, fAlpha: f32, fBeta: f32, g: u32, gAlpha: f32, gBeta: f32, h: u32, hAlpha: f32, hBeta: f32, clip: f32,
  steps: u32, batch: u32, units: u32, reverse: u32, start: u32, stop: u32, from: u32, to: u32,
): void {
  const rowBytes = ((<usize>units + 15) & ~15) << 2;
  const gateBytes = ((<usize>units + 3) & ~3) << 4;
  const stepBytes = rowBytes * batch;
  const stateBytes = (<usize>steps + 1) * stepBytes;
  for (let k = stop; k-- > start; ) {
    const t = <usize>(reverse ? steps - 1 - k : k);
    const dGates = gates + t * gateBytes * batch;
    const previous = states + stateBytes + (reverse ? t + 1 : t) * stepBytes;
    const next = results + stateBytes + (reverse ? t : t + 1) * stepBytes;
    for (let row = <usize>from; row < <usize>to; row++) {
      if (ended(lengths, row, t)) continue;
      const offset = row * rowBytes;
      const dh = dHidden + t * stepBytes + offset;
      const dLater = dStates + offset;
      if (variant) {
        variantBackwardRow(
          dGates + row * gateBytes, previous + offset, next + offset, dh, dLater, dLater + stepBytes, units,
          peepholes, rowBytes,
          coupled, f, fAlpha, fBeta, g, gAlpha, gBeta, h, hAlpha, hBeta, clip,
        );
      } else {
        backwardRow(
          dGates + row * gateBytes, previous + offset, next + offset, dh, dLater, dLater + stepBytes, units,
        );
      }
    }
    accumulate(
      dGates, gateBytes, transposed, 0, dSource, rowBytes, 64, dSource, rowBytes, gateBytes >> 2, rowBytes >> 6, from, to,
    );
  }
}

/**
 * dPeepholes += the sums over steps and rows of di c(t-1), df c(t-1) and do c(t), for units 4 [from, to). gates: the
 * gradients of the pre-activations.
 */
export function lstmPeepholeGradient(
  gates: usize, states: usize, results: usize, dPeepholes: usize,
  steps: u32, batch: u32, units: u32, reverse: u32, from: u32, to: u32,
): void {
  const rowBytes = ((<usize>units + 15) & ~15) << 2;
  const gateBytes = ((<usize>units + 3) & ~3) << 4;
  const stepBytes = rowBytes * batch;
  const rows = <usize>steps * batch;
  const previous = states + (<usize>steps + 1 + reverse) * stepBytes;
  const next = results + (<usize>steps + 2 - reverse) * stepBytes;
  for (let u = <usize>from; u < <usize>to; u++) {
    const d = dPeepholes + (u << 4);
    let i = v128.load(d);
    let f = v128.load(d + rowBytes);
    let o = v128.load(d + 2 * rowBytes);
    for (let row: usize = 0; row < rows; row++) {
      const own = gates + row * gateBytes + (u << 6);
      const before = v128.load(previous + row * rowBytes + (u << 4));
      const after = v128.load(next + row * rowBytes + (u << 4));
      i = f32x4.add(i, f32x4.mul(v128.load(own), before));
      f = f32x4.add(f, f32x4.mul(v128.load(own, 16), before));
      o = f32x4.add(o, f32x4.mul(v128.load(own, 48), after));
    }
    v128.store(d, i);
    v128.store(d + rowBytes, f);
    v128.store(d + 2 * rowBytes, o);
  }
}
