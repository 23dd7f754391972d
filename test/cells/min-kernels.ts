/** The kernels of minGRU and minLSTM alone, forward and backward, on guarded operands. */
import type { Address } from "../../ts/engine/address.js";
import type { Engine } from "../../ts/engine/engine.js";
import { type Layout, panelLayout, rowLayout } from "../../ts/graph/parameter.js";
import { guarded } from "../kernels/operands.js";
import { type Matrix, rowsOf } from "../reference/matrix.js";
import { gates, type MinimalCell } from "../reference/min-cells.js";

export interface Call {
  readonly cell: MinimalCell;
  readonly positive: boolean;
  /** [steps][batch] rows of pre-activations. */
  readonly sums: Matrix;
  readonly initial: Matrix;
  /** Gradients of the states of all steps, and of the last besides. */
  readonly dHidden: Matrix;
  readonly dLast: Matrix;
  /** Ranges of the batch, a call of each kernel for each; default all at once. */
  readonly ranges?: readonly (readonly [from: number, to: number])[];
}

/** Rows of gates as the cell reads them: four units of each gate side by side. */
function gatesLayout(rows: number, count: number, units: number): Layout {
  const { count: stride, start } = panelLayout(1, count, units);
  return { rows, columns: count * units, count: rows * stride, stride, start };
}

export function byKernels(engine: Engine, call: Call) {
  const { cell, initial, sums, ranges = [[0, initial.rows]] } = call;
  const { rows: batch, columns: units } = initial;
  const { rows } = sums;
  const stride = rowLayout(1, units).count;
  return guarded(engine, (operands) => {
    const gateRows = operands.result(gatesLayout(rows, gates[cell] + 1, units), sums.values);
    const later = new Float32Array(rows * units).fill(NaN);
    const states = operands.result(rowLayout(rows + batch, units), [...initial.values, ...later]);
    const next = states.address / 4 + batch * stride;
    engine.floats.fill(NaN, next, next + rows * stride); // the padding too: the next layer reads it
    const dHidden = operands.result(rowLayout(rows, units), call.dHidden.values);
    const dStates = operands.result(rowLayout(batch, units), call.dLast.values);
    const shared = {
      gates: gateRows.address,
      states: states.address,
      results: states.address,
      lengths: 0 as Address,
      positiveForm: call.positive ? 1 : 0,
      steps: rows / batch,
      start: 0,
      stop: rows / batch,
      batch,
      units,
      reverse: 0,
    };
    for (const [from, to] of ranges) engine.call(`${cell}Forward`, { ...shared, from, to });
    const hidden = rowsOf(states.matrix(), batch, batch + rows);
    const gradients = { dHidden: dHidden.address, dStates: dStates.address };
    for (const [from, to] of ranges) engine.call(`${cell}Backward`, { ...shared, ...gradients, from, to });
    return {
      hidden,
      dSums: gateRows.matrix(),
      /** Of all that follows each step. */
      dHidden: dHidden.matrix(),
      dInitial: dStates.matrix(),
      padding: [states, gateRows, dHidden, dStates].map((operand) => operand.padding()),
    };
  });
}
