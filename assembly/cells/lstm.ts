/**
 * Long short-term memory (Hochreiter & Schmidhuber 1997; forget gate: Gers, Schmidhuber & Cummins 2000):
 *
 *   [i f g o] = x Wx + b + h(t-1) Wh     i, f, o = sigmoid(.)   g = tanh(.)
 *   c(t) = f c(t-1) + i g                h(t) = o tanh(c(t))
 *
 * gates   [steps][batch][4 units], four units of each gate side by side: i0..3 f0..3 g0..3 o0..3 i4..7 ...
 * states  h and c, each [steps + 1][batch][units rounded up to 16]; row 0 of each is the initial state
 * weight  [panels][units][16]: Wh; transposed: the panels of its transpose
 */
import { sigmoid, tanh } from "../lane";
import { accumulate } from "../matmul";

/** gates: from pre-activations to activations; cells and hidden: one row. */
function forwardRow(gates: usize, previous: usize, cells: usize, hidden: usize, units: usize, stride: usize): void {
  let u: usize = 0;
  for (; u < units; u += 4) {
    const i = sigmoid(v128.load(gates));
    const f = sigmoid(v128.load(gates, 16));
    const g = tanh(v128.load(gates, 32));
    const o = sigmoid(v128.load(gates, 48));
    const c = f32x4.add(f32x4.mul(f, v128.load(previous)), f32x4.mul(i, g));
    v128.store(gates, i);
    v128.store(gates, f, 16);
    v128.store(gates, g, 32);
    v128.store(gates, o, 48);
    v128.store(cells, c);
    v128.store(hidden, f32x4.mul(o, tanh(c)));
    gates += 64;
    previous += 16;
    cells += 16;
    hidden += 16;
  }
  for (; u < stride; u += 4) {
    v128.store(hidden, f32x4.splat(0));
    hidden += 16;
  }
}

/** For rows [from, to) of the batch; gates holds x Wx + b on entry and the activations on return. */
export function lstmForward(
  gates: usize, states: usize, weight: usize, steps: u32, batch: u32, units: u32, from: u32, to: u32,
): void {
  const stride = (<usize>units + 15) & ~15;
  const rowBytes = stride << 2;
  const gateBytes = ((<usize>units + 3) & ~3) << 4;
  const stepBytes = rowBytes * batch;
  let hidden = states;
  let cells = states + (<usize>steps + 1) * stepBytes;
  for (let t: u32 = 0; t < steps; t++) {
    accumulate(
      hidden, rowBytes, weight, gates, gateBytes, 64, gates, gateBytes, units, gateBytes >> 6, from, to,
    );
    for (let row = <usize>from; row < <usize>to; row++) {
      const offset = row * rowBytes;
      forwardRow(
        gates + row * gateBytes, cells + offset, cells + stepBytes + offset, hidden + stepBytes + offset, units, stride,
      );
    }
    gates += gateBytes * batch;
    hidden += stepBytes;
    cells += stepBytes;
  }
}

/**
 *   do = dh tanh(c) o (1 - o)     dc += dh o (1 - tanh²(c))
 *   di = dc g i (1 - i)           df = dc c(t-1) f (1 - f)      dg = dc i (1 - g²)      dc(t-1) = dc f
 */
function backwardRow(gates: usize, previous: usize, cells: usize, dHidden: usize, dCells: usize, units: usize): void {
  const one = f32x4.splat(1);
  for (let u: usize = 0; u < units; u += 4) {
    const i = v128.load(gates);
    const f = v128.load(gates, 16);
    const g = v128.load(gates, 32);
    const o = v128.load(gates, 48);
    const c = tanh(v128.load(cells));
    const dh = v128.load(dHidden);
    const dho = f32x4.mul(dh, o);
    const dc = f32x4.add(v128.load(dCells), f32x4.mul(dho, f32x4.sub(one, f32x4.mul(c, c))));
    v128.store(gates, f32x4.mul(f32x4.mul(dc, g), f32x4.mul(i, f32x4.sub(one, i))));
    v128.store(gates, f32x4.mul(f32x4.mul(dc, v128.load(previous)), f32x4.mul(f, f32x4.sub(one, f))), 16);
    v128.store(gates, f32x4.mul(f32x4.mul(dc, i), f32x4.sub(one, f32x4.mul(g, g))), 32);
    v128.store(gates, f32x4.mul(f32x4.mul(dho, c), f32x4.sub(one, o)), 48);
    v128.store(dCells, f32x4.mul(dc, f));
    gates += 64;
    previous += 16;
    cells += 16;
    dHidden += 16;
    dCells += 16;
  }
}

/**
 * For rows [from, to) of the batch. gates: the activations on entry, the gradient of the pre-activations on return.
 * dHidden [steps][batch][units rounded up to 16]: the gradient of h(1..steps) from above on entry; the whole one on return.
 * dCarried [batch][the same]: zero or the gradient of c(steps) on entry; of c(0) on return.
 */
export function lstmBackward(
  gates: usize, states: usize, dHidden: usize, dCarried: usize, transposed: usize,
  steps: u32, batch: u32, units: u32, from: u32, to: u32,
): void {
  const rowBytes = ((<usize>units + 15) & ~15) << 2;
  const gateBytes = ((<usize>units + 3) & ~3) << 4;
  const stepBytes = rowBytes * batch;
  const cells = states + (<usize>steps + 1) * stepBytes;
  let t = <usize>steps;
  while (t-- > 0) {
    const dGates = gates + t * gateBytes * batch;
    const previous = cells + t * stepBytes;
    const dh = dHidden + t * stepBytes;
    for (let row = <usize>from; row < <usize>to; row++) {
      const offset = row * rowBytes;
      backwardRow(
        dGates + row * gateBytes, previous + offset, previous + stepBytes + offset, dh + offset, dCarried + offset, units,
      );
    }
    if (t > 0) {
      const before = dh - stepBytes;
      accumulate(
        dGates, gateBytes, transposed, before, rowBytes, 64, before, rowBytes, gateBytes >> 2, rowBytes >> 6, from, to,
      );
    }
  }
}
