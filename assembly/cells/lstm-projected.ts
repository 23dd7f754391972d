/**
 * Long short-term memory with a projection of its output (Sak, Senior & Beaufays 2014; PyTorch's proj_size):
 *
 *   m(t) = o tanh(c(t)), as in lstm.ts     h(t) = m(t) Wp
 *
 * gates    [steps][batch][4 units], as in lstm.ts
 * outputs  m, [steps][batch][units rounded up to 16]
 * states   h, [steps + 1][batch][projected rounded up to 16], then c, [steps + 1][batch][units rounded up to 16]
 * weight   [panels][projected][16]: Wh; projection [panels][units][16]: Wp; with the panels of their transposes
 * quantised  room for h(t-1) or m(t) as whole numbers where weights are int8, [batch]: see int8.ts; or 0
 * lengths  [batch], or 0: a row keeps its states from the step of its length on
 */
import { accumulate, accumulateWithBias } from "../matmul";
import { backwardRow, forwardRow } from "./lstm";
import { ended } from "./rows";

// @ts-ignore: decorator
@inline
function rowBytes(width: usize): usize {
  return ((width + 15) & ~15) << 2;
}

/** gates holds x Wx + b on entry and the activations on return. */
export function lstmProjectedForward(
  gates: usize, outputs: usize, source: usize, states: usize, results: usize,
  weight: usize, projection: usize, quantised: usize, lengths: usize,
  steps: u32, batch: u32, units: u32, projected: u32, reverse: u32, start: u32, stop: u32, from: u32, to: u32,
): void {
  const hiddenBytes = rowBytes(projected);
  const cellBytes = rowBytes(units);
  const usedBytes = ((<usize>units + 3) & ~3) << 2;
  const gateBytes = usedBytes << 2;
  const toCells = (<usize>steps + 1) * hiddenBytes * batch;
  for (let k = start; k < stop; k++) {
    const t = <usize>(reverse ? steps - 1 - k : k);
    const before = <usize>(reverse ? t + 1 : t) * batch;
    const after = <usize>(reverse ? t : t + 1) * batch;
    const x = gates + t * gateBytes * batch;
    const m = outputs + t * cellBytes * batch;
    const hidden = results + after * hiddenBytes;
    const previous = states + before * hiddenBytes;
    accumulate(
      source + before * hiddenBytes, hiddenBytes, weight, quantised, x, gateBytes, 64, x, gateBytes,
      projected, gateBytes >> 6, from, to,
    );
    for (let row = <usize>from; row < <usize>to; row++) {
      const own = m + row * cellBytes;
      const cellBefore = states + toCells + (before + row) * cellBytes;
      const cellAfter = results + toCells + (after + row) * cellBytes;
      if (ended(lengths, row, t)) {
        memory.fill(x + row * gateBytes, 0, gateBytes);
        memory.fill(own, 0, cellBytes);
        memory.copy(cellAfter, cellBefore, cellBytes);
      } else {
        forwardRow(x + row * gateBytes, cellBefore, cellAfter, own, units);
        memory.fill(own + usedBytes, 0, cellBytes - usedBytes);
      }
    }
    accumulateWithBias(
      m, cellBytes, projection, quantised, 0, hidden, hiddenBytes, units, hiddenBytes >> 6, from, to,
    );
    for (let row = <usize>from; row < <usize>to; row++) {
      if (ended(lengths, row, t)) memory.copy(hidden + row * hiddenBytes, previous + row * hiddenBytes, hiddenBytes);
    }
  }
}

/**
 * gates: their gradient on return. dProjected [steps][batch][projected rounded up to 16]: that of m(t) Wp. dOutputs [2][batch][units rounded up to 16]: zero on
 * entry, scratch.
 */
export function lstmProjectedBackward(
  gates: usize, states: usize, results: usize, dProjected: usize, dOutputs: usize,
  dHidden: usize, dStates: usize, dSource: usize,
  transposed: usize, projectionTransposed: usize, lengths: usize,
  steps: u32, batch: u32, units: u32, projected: u32, reverse: u32, start: u32, stop: u32, from: u32, to: u32,
): void {
  const hiddenBytes = rowBytes(projected);
  const cellBytes = rowBytes(units);
  const gateBytes = ((<usize>units + 3) & ~3) << 4;
  const toCells = (<usize>steps + 1) * hiddenBytes * batch;
  const dCells = dStates + hiddenBytes * batch;
  const dLater = dOutputs + cellBytes * batch;
  for (let k = stop; k-- > start; ) {
    const t = <usize>(reverse ? steps - 1 - k : k);
    const before = <usize>(reverse ? t + 1 : t) * batch;
    const after = <usize>(reverse ? t : t + 1) * batch;
    const dGates = gates + t * gateBytes * batch;
    const dh = dProjected + t * hiddenBytes * batch;
    const above = dHidden + t * hiddenBytes * batch;
    for (let row = <usize>from; row < <usize>to; row++) {
      const offset = row * hiddenBytes;
      if (ended(lengths, row, t)) {
        memory.fill(dh + offset, 0, hiddenBytes);
        continue;
      }
      for (let c = offset; c < offset + hiddenBytes; c += 16) {
        v128.store(above + c, f32x4.add(v128.load(above + c), v128.load(dStates + c)));
      }
      memory.copy(dh + offset, above + offset, hiddenBytes);
      memory.fill(dStates + offset, 0, hiddenBytes);
    }
    accumulateWithBias(
      dh, hiddenBytes, projectionTransposed, 0, 0, dOutputs, cellBytes, hiddenBytes >> 2, cellBytes >> 6, from, to,
    );
    for (let row = <usize>from; row < <usize>to; row++) {
      if (ended(lengths, row, t)) continue;
      const offset = row * cellBytes;
      backwardRow(
        dGates + row * gateBytes, states + toCells + (before + row) * cellBytes,
        results + toCells + (after + row) * cellBytes, dOutputs + offset, dLater + offset, dCells + offset, units,
      );
    }
    accumulate(
      dGates, gateBytes, transposed, 0, dSource, hiddenBytes, 64, dSource, hiddenBytes,
      gateBytes >> 2, hiddenBytes >> 6, from, to,
    );
  }
}
