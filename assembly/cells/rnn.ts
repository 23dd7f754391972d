/**
 * The simple recurrent network (Elman 1990):
 *
 *   h(t) = f(x Wx + b + h(t-1) Wh)
 *
 * gates   [steps][batch][units rounded up to 16]
 * states  h, [steps + 1][batch][the same]; row 0 is the initial state, or row `steps` if reversed
 * weight  [panels][units][16]: Wh; transposed: the panels of its transpose
 * quantised  room for h(t-1) as whole numbers where Wh is int8, [batch]: see int8.ts; or 0
 * lengths [batch], or 0: a row keeps its state from the step of its length on
 */
import { tanh } from "../lane";
import { accumulate } from "../matmul";
import { gate, gateDerivative } from "./gate";
import { ended } from "./rows";

const TANH: u32 = 1;

/** gates holds x Wx + b on entry. `reverse`: 1 to go from the last step to the first. */
export function rnnForward(
  gates: usize, source: usize, states: usize, results: usize, weight: usize, quantised: usize, lengths: usize,
  activation: u32, alpha: f32, beta: f32, clip: f32,
  steps: u32, batch: u32, units: u32, reverse: u32, start: u32, stop: u32, from: u32, to: u32,
): void {
  const rowBytes = ((<usize>units + 15) & ~15) << 2;
  const stepBytes = rowBytes * batch;
  const plain = activation == TANH && !clip;
  for (let k = start; k < stop; k++) {
    const t = <usize>(reverse ? steps - 1 - k : k);
    const x = gates + t * stepBytes;
    const previous = states + (reverse ? t + 1 : t) * stepBytes;
    const next = results + (reverse ? t : t + 1) * stepBytes;
    accumulate(
      source + (reverse ? t + 1 : t) * stepBytes, rowBytes, weight, quantised,
      x, rowBytes, 64, x, rowBytes, units, rowBytes >> 6, from, to,
    );
    for (let row = <usize>from; row < <usize>to; row++) {
      const offset = row * rowBytes;
      if (ended(lengths, row, t)) {
        memory.fill(x + offset, 0, rowBytes);
        memory.copy(next + offset, previous + offset, rowBytes);
      } else {
        forwardRow(x + offset, next + offset, units, rowBytes, plain, activation, alpha, beta, clip);
      }
    }
  }
}

function forwardRow(
  gates: usize, hidden: usize, units: usize, rowBytes: usize,
  plain: bool, activation: u32, alpha: f32, beta: f32, clip: f32,
): void {
  const end = hidden + rowBytes;
  const whole = hidden + ((units & ~3) << 2);
  if (plain) {
    for (; hidden < whole; hidden += 16, gates += 16) v128.store(hidden, tanh(v128.load(gates)));
  } else {
    for (; hidden < whole; hidden += 16, gates += 16) {
      v128.store(hidden, gate(v128.load(gates), activation, alpha, beta, clip));
    }
  }
  if (units & 3) {
    const lanes = i32x4.gt_s(i32x4.splat(<i32>(units & 3)), i32x4(0, 1, 2, 3));
    v128.store(hidden, v128.and(gate(v128.load(gates), activation, alpha, beta, clip), lanes));
    hidden += 16;
  }
  memory.fill(hidden, 0, end - hidden);
}

/** dgates = dh f'(h), left in gates     dh(t-1) = dgates Whᵀ */
export function rnnBackward(
  gates: usize, results: usize, dHidden: usize, dStates: usize, dSource: usize, transposed: usize, lengths: usize,
  activation: u32, alpha: f32, beta: f32, clip: f32,
  steps: u32, batch: u32, units: u32, reverse: u32, start: u32, stop: u32, from: u32, to: u32,
): void {
  const rowBytes = ((<usize>units + 15) & ~15) << 2;
  const stepBytes = rowBytes * batch;
  const plain = activation == TANH && !clip;
  for (let k = stop; k-- > start; ) {
    const t = <usize>(reverse ? steps - 1 - k : k);
    const dGates = gates + t * stepBytes;
    const hidden = results + (reverse ? t : t + 1) * stepBytes;
    for (let row = <usize>from; row < <usize>to; row++) {
      if (ended(lengths, row, t)) continue;
      const offset = row * rowBytes;
      backwardRow(
        dGates + offset, hidden + offset, dHidden + t * stepBytes + offset, dStates + offset, rowBytes,
        plain, activation, alpha, beta, clip,
      );
    }
    accumulate(
      dGates, rowBytes, transposed, 0, dSource, rowBytes, 64, dSource, rowBytes, rowBytes >> 2, rowBytes >> 6, from, to,
    );
  }
}

/** dStates is read and left 0, for the product to be added to. */
function backwardRow(
  dGates: usize, hidden: usize, dHidden: usize, dStates: usize, rowBytes: usize,
  plain: bool, activation: u32, alpha: f32, beta: f32, clip: f32,
): void {
  const one = f32x4.splat(1);
  for (let u: usize = 0; u < rowBytes; u += 16) {
    const h = v128.load(hidden + u);
    const dh = f32x4.add(v128.load(dHidden + u), v128.load(dStates + u));
    const slope = plain ? f32x4.sub(one, f32x4.mul(h, h)) : gateDerivative(h, activation, alpha, beta, clip);
    v128.store(dHidden + u, dh);
    v128.store(dGates + u, f32x4.mul(dh, slope));
    v128.store(dStates + u, f32x4.splat(0));
  }
}
