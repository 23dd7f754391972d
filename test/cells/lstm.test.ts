/** The LSTM's kernels agree with the reference and with PyTorch, at every size, forward and backward. */
import { describe, expect, test } from "vitest";
import { createEngine } from "../../ts/engine/create.js";
import rnn from "../golden/torch/rnn.json" with { type: "json" };
import { lstmParameters, rows, slice, type TorchTensor } from "../golden/torch.js";
import { expectAllClose, expectClose, expectSameBits, expectZeros } from "../reference/compare.js";
import { normalMatrix } from "../reference/draw.js";
import { lstm, tolerance } from "../reference/lstm.js";
import { add, type Matrix, matrix, rowsOf } from "../reference/matrix.js";
import { type LstmCall, lstmByKernels } from "./lstm-kernels.js";

const engine = await createEngine({ memory: 64 });

type Size = readonly [inputs: number, units: number, batch: number, steps: number];

const sizes: readonly Size[] = [
  ...[1, 3, 4, 5, 8, 13, 64].flatMap((units): Size[] => [
    [units, units, 1, 1],
    [5, units, 3, 4],
    [13, units, 4, 5],
    [64, units, 5, 3],
    [1, units, 8, 13],
    [3, units, 1, 64],
    [4, units, 13, 8],
  ]),
  [8, 5, 64, 3],
  [8, 13, 130, 2],
  [260, 17, 3, 2],
  [4, 260, 3, 2],
];

/** Operands that every part of the arithmetic shows in: states and gradients that are not zero. */
function draw([inputs, units, batch, steps]: Size): LstmCall {
  let seed = 0;
  const drawn = (rows: number, columns: number, deviation = 1) =>
    normalMatrix(rows, columns, seed++, deviation);
  return {
    x: drawn(steps * batch, inputs),
    weights: {
      input: drawn(inputs, 4 * units, 1 / Math.sqrt(inputs)),
      hidden: drawn(units, 4 * units, 1 / Math.sqrt(units)),
      bias: drawn(1, 4 * units).values,
    },
    initial: { hidden: drawn(batch, units, 0.5), cells: drawn(batch, units) },
    dHidden: drawn(steps * batch, units),
    dLast: { hidden: drawn(batch, units), cells: drawn(batch, units) },
  };
}

type Result = ReturnType<typeof lstmByKernels>;

/** Every matrix of a result by name. */
function matrices({ padding: _, dInitial, ...others }: Result): [string, Matrix][] {
  return Object.entries({ ...others, dInitialHidden: dInitial.hidden, dInitialCells: dInitial.cells });
}

function expectSameResult(actual: Result, expected: Result): void {
  const wanted = new Map(matrices(expected));
  for (const [name, { values }] of matrices(actual)) {
    expectSameBits(Float32Array.from(values), wanted.get(name)!.values, `${name}, element`);
  }
}

describe("the LSTM's kernels", () => {
  test.each(sizes)(
    "for %i inputs, %i units, %i rows and %i steps give the reference's numbers",
    (...size) => {
      const call = draw(size);
      const actual = lstmByKernels(engine, call);
      const expected = lstm(call.x, call.weights, call.initial);
      const gradient = expected.backward(call.dHidden, call.dLast);
      expectAllClose(
        [
          ["hidden", actual.hidden.values, expected.hidden.values],
          ["cells", actual.cells.values, expected.cells.values],
          ["gates", actual.gates.values, expected.gates.values],
        ],
        tolerance,
      );
      expectAllClose(
        [
          ["dSums", actual.dSums.values, gradient.sums.values],
          ["dInput", actual.dInput.values, gradient.input.values],
          ["dRecurrent", actual.dRecurrent.values, gradient.hidden.values],
          ["dBias", actual.dBias.values, gradient.bias],
          ["dx", actual.dx.values, gradient.x.values],
          ["dInitial.hidden", actual.dInitial.hidden.values, gradient.initial.hidden.values],
          ["dInitial.cells", actual.dInitial.cells.values, gradient.initial.cells.values],
        ],
        tolerance,
      );
      for (const padding of actual.padding) expectZeros(padding);
    },
  );

  test.each([
    [5, 3, 7, 4],
    [5, 13, 6, 3],
  ] as const)(
    "for %i inputs, %i units, %i rows and %i steps give ranges of rows the same bits",
    (...size) => {
      const call = draw(size);
      const all = lstmByKernels(engine, call);
      const ranges = [
        [3, 5],
        [0, 1],
        [5, size[2]],
        [1, 3],
        [2, 2],
      ] as const;
      expectSameResult(lstmByKernels(engine, { ...call, ranges }), all);
    },
  );

  test("give a row the same bits however many rows go with it", () => {
    const [inputs, units, batch, steps] = [5, 13, 3, 4];
    const call = draw([inputs, units, batch, steps]);
    const all = lstmByKernels(engine, call);
    for (let row = 0; row < batch; row++) {
      const own = ({ columns, values }: Matrix) =>
        matrix(
          values.length / columns / batch,
          columns,
          values.filter((_, i) => Math.floor(i / columns) % batch === row),
        );
      const alone = lstmByKernels(engine, {
        x: own(call.x),
        weights: call.weights,
        initial: { hidden: own(call.initial.hidden), cells: own(call.initial.cells) },
        dHidden: own(call.dHidden),
        dLast: { hidden: own(call.dLast.hidden), cells: own(call.dLast.cells) },
      });
      for (const name of ["hidden", "cells", "gates", "dSums", "dx"] as const) {
        expectSameBits(
          Float32Array.from(alone[name].values),
          own(all[name]).values,
          `${name} of row ${row}:`,
        );
      }
    }
  });

  test("give the same bits for all steps at once and for one after another", () => {
    const batch = 3;
    const call = draw([5, 13, batch, 4]);
    const all = lstmByKernels(engine, call);
    let { initial } = call;
    for (let t = 0; t < 4; t++) {
      const step = (values: Matrix) => rowsOf(values, t * batch, (t + 1) * batch);
      const one = lstmByKernels(engine, { ...call, x: step(call.x), dHidden: step(call.dHidden), initial });
      expectSameBits(Float32Array.from(one.hidden.values), step(all.hidden).values, `hidden of step ${t}:`);
      expectSameBits(Float32Array.from(one.cells.values), step(all.cells).values, `cells of step ${t}:`);
      initial = { hidden: one.hidden, cells: one.cells };
    }
  });

  test("saturate without losing numbers, and pass on NaN to its own row", () => {
    const call = draw([5, 8, 3, 4]);
    const x = matrix(
      12,
      5,
      call.x.values.map((value) => value * 1e6),
    );
    const { hidden, dSums } = lstmByKernels(engine, { ...call, x });
    expectClose(hidden.values, lstm(x, call.weights, call.initial).hidden.values, tolerance);
    expect(dSums.values.every(Number.isFinite)).toBe(true);
    x.values[1 * 5 + 2] = NaN; // row 1 of step 0
    const spoilt = lstmByKernels(engine, { ...call, x }).hidden;
    for (let row = 0; row < 12; row++) {
      const spread = rowsOf(spoilt, row, row + 1).values.every((value) => Number.isNaN(value));
      const any = rowsOf(spoilt, row, row + 1).values.some((value) => Number.isNaN(value));
      expect([spread, any], `row ${row}`).toEqual([row % 3 === 1, row % 3 === 1]);
    }
  });
});

describe("the LSTM of PyTorch", () => {
  test.each(rnn.cases)("$name", ({ config, inputs, params, upstream, outputs, grads }) => {
    const tensors: Readonly<Record<string, TorchTensor>> = params;
    const expected: Readonly<Record<string, TorchTensor>> = grads;
    const zeros = matrix(config.B, config.hidden_size);
    const calls: LstmCall[] = [];
    let x = rows(inputs.x);
    for (let layer = 0; layer < config.num_layers; layer++) {
      const { weightInput, weightHidden, bias, biasHidden } = lstmParameters(tensors, layer);
      const call: LstmCall = {
        x,
        weights: { input: weightInput, hidden: weightHidden, bias: add(bias, biasHidden).values },
        initial: {
          hidden: inputs.h0 ? slice(inputs.h0, layer) : zeros,
          cells: inputs.c0 ? slice(inputs.c0, layer) : zeros,
        },
        dHidden: matrix(x.rows, config.hidden_size),
        dLast: { hidden: slice(upstream.Gh, layer), cells: slice(upstream.Gc, layer) },
      };
      calls.push(call);
      x = lstmByKernels(engine, call).hidden;
    }
    expectClose(x.values, outputs.output.data, tolerance, "output");

    let dHidden = rows(upstream.G);
    for (const [layer, call] of [...calls.entries()].reverse()) {
      const result = lstmByKernels(engine, { ...call, dHidden });
      const last = (states: Matrix) => rowsOf(states, states.rows - config.B, states.rows).values;
      expectClose(last(result.hidden), slice(outputs.hn, layer).values, tolerance, "hn");
      expectClose(last(result.cells), slice(outputs.cn, layer).values, tolerance, "cn");
      const wanted = lstmParameters(expected, layer);
      expectClose(result.dInput.values, wanted.weightInput.values, tolerance, "weight_ih");
      expectClose(result.dRecurrent.values, wanted.weightHidden.values, tolerance, "weight_hh");
      expectClose(result.dBias.values, wanted.bias.values, tolerance, "bias_ih");
      if (expected.h0) {
        expectClose(result.dInitial.hidden.values, slice(expected.h0, layer).values, tolerance, "h0");
        expectClose(result.dInitial.cells.values, slice(expected.c0, layer).values, tolerance, "c0");
      }
      if (layer === 0) expectClose(result.dx.values, expected.x.data, tolerance, "x");
      dHidden = result.dx;
    }
  });
});
