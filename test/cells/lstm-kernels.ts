/** A whole LSTM layer computed by kernels alone, forward and backward, on guarded operands. */
import { type Address, roundUp } from "../../ts/engine/address.js";
import type { Engine } from "../../ts/engine/engine.js";
import { type Layout, panelLayout, rowLayout } from "../../ts/graph/parameter.js";
import { guarded, type Stored } from "../kernels/operands.js";
import type { LstmState, LstmWeights } from "../reference/lstm.js";
import { type Matrix, rowsOf } from "../reference/matrix.js";

const none = 0 as Address;

export interface LstmCall {
  /** [steps][batch] rows. */
  readonly x: Matrix;
  readonly weights: LstmWeights;
  readonly initial: LstmState;
  /** Gradients of the hidden states of all steps, and of the last state besides. */
  readonly dHidden: Matrix;
  readonly dLast: LstmState;
  /** Ranges of the batch, a call of the cell's kernels for each; default all at once. */
  readonly ranges?: readonly (readonly [from: number, to: number])[];
}

/** Rows of gates as the cell reads them: four units of each gate side by side. */
function gatesLayout(rows: number, units: number): Layout {
  const { count, start } = panelLayout(1, 4, units);
  return { rows, columns: 4 * units, count: rows * count, stride: count, start };
}

/** The operands of the plain cell, whose rows do not end. */
const plain = {
  lengths: none,
  peepholes: none,
  variant: 0,
  coupled: 0,
  f: 0,
  fAlpha: 0,
  fBeta: 0,
  g: 0,
  gAlpha: 0,
  gBeta: 0,
  h: 0,
  hAlpha: 0,
  hBeta: 0,
  clip: 0,
  reverse: 0,
};

/** As the plan does it: x Wx + b for all steps at once, then the cell step after step; backward the other way. */
export function lstmByKernels(engine: Engine, { x, weights, initial, dHidden, dLast, ranges }: LstmCall) {
  const { rows: batch, columns: units } = initial.hidden;
  const { rows, columns: inputs } = x;
  const columns = 4 * roundUp(units, 4);
  const xStride = roundUp(inputs, 16);
  const stride = roundUp(units, 16);
  const size = { steps: rows / batch, batch, units, start: 0, stop: rows / batch };
  const cellRanges = ranges ?? [[0, batch]];

  return guarded(engine, (operands) => {
    const padding: Float32Array[] = [];
    /** What a kernel wrote; its padding must be zero. */
    const finish = (result: Stored): Matrix => {
      padding.push(result.padding());
      return result.matrix();
    };
    const zeros = (rows: number) =>
      operands.result(panelLayout(rows, 4, units), new Float32Array(rows * 4 * units));

    const xs = operands.stored(x.values, rowLayout(rows, inputs)).address;
    const inputWeight = operands.stored(weights.input.values, panelLayout(inputs, 4, units)).address;
    const weight = operands.stored(weights.hidden.values, panelLayout(units, 4, units)).address;
    const bias = operands.stored(weights.bias, panelLayout(1, 4, units)).address;
    const gates = operands.result(gatesLayout(rows, units));
    const later = new Float32Array(rows * units).fill(NaN);
    const states = operands.result(rowLayout(2 * (rows + batch), units), [
      ...initial.hidden.values,
      ...later,
      ...initial.cells.values,
      ...later,
    ]);
    const next = states.address / 4 + batch * stride;
    engine.floats.fill(NaN, next, next + rows * stride); // the padding too: the next layer reads it
    const shared = {
      gates: gates.address,
      source: states.address,
      states: states.address,
      results: states.address,
      ...size,
      ...plain,
    };

    const y = gates.address;
    const panels = columns / 16;
    engine.call("matmul", {
      x: xs,
      weight: inputWeight,
      quantised: none,
      bias,
      y,
      inputs,
      panels,
      xStride,
      from: 0,
      to: rows,
    });
    for (const [from, to] of cellRanges)
      engine.call("lstmForward", { ...shared, weight, quantised: none, from, to });
    const activations = gates.matrix(); // whose padding is sigmoid(0)
    const all = finish(states);

    const transpose = (weight: Address, inputs: number): Address => {
      const transposed = operands.output(roundUp(inputs, 16) * columns).address;
      engine.call("transposePanels", {
        weight,
        transposed,
        inputs,
        panels,
        from: 0,
        to: roundUp(inputs, 16) / 16,
      });
      return transposed;
    };
    const transposed = transpose(weight, units);
    const dOutputs = operands.result(rowLayout(rows, units), dHidden.values).address;
    const dStates = operands.result(rowLayout(2 * batch, units), [
      ...dLast.hidden.values,
      ...dLast.cells.values,
    ]);
    for (const [from, to] of cellRanges) {
      const gradients = {
        dHidden: dOutputs,
        dStates: dStates.address,
        dSource: dStates.address,
        transposed,
      };
      engine.call("lstmBackward", { ...shared, ...gradients, from, to });
    }
    const dInitial = finish(dStates);

    const weightGradient = (x: Address, inputs: number, xStride: number, dBias: Address): Matrix => {
      const dWeight = zeros(inputs);
      const scratch = operands.output((roundUp(inputs, 4) + 16) * 128).address;
      const dy = { dy: gates.address, dyStride: columns, rows, from: 0, to: panels };
      engine.call("matmulGradient", { x, dWeight: dWeight.address, dBias, scratch, inputs, xStride, ...dy });
      return finish(dWeight);
    };
    const inputGradient = (transposed: Address, rows: number, width: number): Matrix => {
      const dx = operands.result(rowLayout(rows, width));
      const call = { x: gates.address, weight: transposed, quantised: none, bias: none, y: dx.address };
      const panels = roundUp(width, 16) / 16;
      engine.call("matmul", { ...call, inputs: columns, panels, xStride: columns, from: 0, to: rows });
      return finish(dx);
    };
    const dBias = zeros(1);
    return {
      hidden: rowsOf(all, batch, batch + rows),
      cells: rowsOf(all, 2 * batch + rows, 2 * (batch + rows)),
      gates: activations,
      dSums: finish(gates),
      dInput: weightGradient(xs, inputs, xStride, dBias.address),
      dRecurrent: weightGradient(states.address, units, stride, none),
      dBias: finish(dBias),
      dx: inputGradient(transpose(inputWeight, inputs), rows, inputs),
      dInitial: { hidden: rowsOf(dInitial, 0, batch), cells: rowsOf(dInitial, batch, 2 * batch) },
      padding,
    };
  });
}
