/** The cells written step by step from the primitive operations: PyTorch's numbers, on the engine and in float64. */
import { describe, expect, test } from "vitest";
import { createEngine } from "../../ts/engine/create.js";
import cells from "../golden/torch/cells.json" with { type: "json" };
import recurrent from "../golden/torch/recurrent.json" with { type: "json" };
import { ours, rows, type TorchTensor } from "../golden/torch.js";
import { type Cell, type CellResult, type CellRun, cellOnTape } from "../reference/cells.js";
import { expectAllClose } from "../reference/compare.js";
import { type Matrix, matrix, rowsOf } from "../reference/matrix.js";
import { cellOnEngine } from "./cells.js";
import { draw, sizes, variants } from "./variants.js";

const engine = await createEngine({ memory: 32 });
const onEngine = (run: CellRun) => cellOnEngine(engine, run);

/** Each way of running a cell, and how close it must come. */
const ways = [
  ["on the tape", cellOnTape, 1e-12],
  ["on the engine", onEngine, 2e-6],
] as const;

/** All numbers of a run, by name, to be compared with others. */
function numbersOf({ states, dx, dInitial, dParameters }: CellResult): [string, Matrix][] {
  return [
    ...states.map((state, index): [string, Matrix] => [`state ${index}`, state]),
    ["gradient of x", dx],
    ...dInitial.map((state, index): [string, Matrix] => [`gradient of initial state ${index}`, state]),
    ...[...dParameters].map(([name, value]): [string, Matrix] => [`gradient of ${name}`, value]),
  ];
}

function expectSame(actual: CellResult, expected: CellResult, tolerance: number): void {
  const wanted = new Map(numbersOf(expected));
  expect([...wanted.keys()].sort()).toEqual(
    numbersOf(actual)
      .map(([name]) => name)
      .sort(),
  );
  expectAllClose(
    numbersOf(actual).map(([name, { values }]) => [name, values, wanted.get(name)!.values]),
    tolerance,
  );
}

/** PyTorch's names of our parameters. */
const torchNames = {
  weightInput: "weight_ih",
  weightHidden: "weight_hh",
  bias: "bias_ih",
  biasHidden: "bias_hh",
  weightProjection: "weight_hr",
};

type Tensors = Readonly<Record<string, TorchTensor | undefined>>;

function parametersOf(tensors: Tensors, suffix: string): Map<string, Matrix> {
  return new Map(
    Object.entries(torchNames).flatMap(([name, torch]): [string, Matrix][] => {
      const tensor = tensors[torch + suffix];
      return tensor ? [[name, ours(tensor, name.startsWith("bias") ? "bias" : "product")]] : [];
    }),
  );
}

function cellOf(kind: string): Cell {
  if (kind.startsWith("GRU")) return { cell: "gru" };
  if (kind.startsWith("LSTM")) return { cell: "lstm" };
  return { cell: "rnn", options: { activation: /relu/i.test(kind) ? "relu" : "tanh" } };
}

/** The last of the steps gets a gradient more. */
function withLast(steps: Matrix, last: Matrix): Matrix {
  const result = matrix(steps.rows, steps.columns, steps.values);
  const end = rowsOf(result, result.rows - last.rows, result.rows).values;
  last.values.forEach((value, i) => {
    end[i] += value;
  });
  return result;
}

/** Of one layer and one direction, without lengths: the others are compositions of these. */
const sequences = recurrent.cases.filter(
  ({ config, lengths }) => config.num_layers === 1 && !config.bidirectional && !lengths,
);

describe.each(ways)("PyTorch's recurrences %s", (_, runCell, tolerance) => {
  test.each(sequences)("$name", ({ kind, config, ...given }) => {
    const [inputs, params, upstream, outputs, grads]: Tensors[] = [
      given.inputs,
      given.params,
      given.upstream,
      given.outputs,
      given.grads,
    ];
    const { B: batch, T: steps, hidden_size: units, proj_size } = config;
    const state = (name: string, width: number) => (inputs[name] ? rows(inputs[name]) : matrix(batch, width));
    const initial = [state("h0", proj_size || units), ...(outputs.cn ? [state("c0", units)] : [])];
    const gradients = [withLast(rows(upstream.G!), rows(upstream.Gh!))];
    if (upstream.Gc) gradients.push(withLast(matrix(steps * batch, units), rows(upstream.Gc)));
    const result = runCell({
      cell: cellOf(kind),
      x: rows(inputs.x!),
      initial,
      parameters: parametersOf(params, "_l0"),
      upstream: gradients,
    });

    const last = (state: Matrix) => rowsOf(state, state.rows - batch, state.rows).values;
    const { states, dx, dInitial, dParameters } = result;
    const results: [string, ArrayLike<number>, ArrayLike<number>][] = [
      ["output", states[0].values, outputs.output!.data],
      ["hn", last(states[0]), outputs.hn!.data],
      ["x", dx.values, grads.x!.data],
    ];
    if (outputs.cn) results.push(["cn", last(states[1]), outputs.cn.data]);
    if (grads.h0) results.push(["h0", dInitial[0].values, grads.h0.data]);
    if (grads.c0) results.push(["c0", dInitial[1].values, grads.c0.data]);
    for (const [name, { values }] of parametersOf(grads, "_l0")) {
      results.push([name, dParameters.get(name)!.values, values]);
    }
    expectAllClose(results, tolerance);
  });
});

describe.each(ways)("PyTorch's cells %s", (_, runCell, tolerance) => {
  test.each(cells.cases)("$name", ({ name, ...given }) => {
    const [inputs, params, upstream, outputs, grads]: Tensors[] = [
      given.inputs,
      given.params,
      given.upstream,
      given.outputs,
      given.grads,
    ];
    const states = inputs.c ? ["h", "c"] : ["h"];
    const result = runCell({
      cell: cellOf(name.toUpperCase()),
      x: rows(inputs.x!),
      initial: states.map((state) => rows(inputs[state]!)),
      parameters: parametersOf(params, ""),
      upstream: states.map((state) => rows(upstream[`G${state}`]!)),
    });
    expectAllClose(
      [
        ["x", result.dx.values, grads.x!.data],
        ...states.flatMap((state, index): [string, ArrayLike<number>, ArrayLike<number>][] => [
          [`${state}1`, result.states[index].values, outputs[`${state}1`]!.data],
          [state, result.dInitial[index].values, grads[state]!.data],
        ]),
        ...[...parametersOf(grads, "")].map(([name, { values }]): [string, Float64Array, Float64Array] => [
          name,
          result.dParameters.get(name)!.values,
          values,
        ]),
      ],
      tolerance,
    );
  });
});

describe.each(variants)("$name", ({ cell, extras, from }) => {
  test.each(sizes({ from }))("of %i units is on the engine what it is on the tape", (units) => {
    for (const [batch, steps] of [
      [1, 1],
      [3, 6],
    ]) {
      const run = draw(cell, { inputs: 3, units, batch, steps }, extras);
      expectSame(onEngine(run), cellOnTape(run), 2e-6);
    }
  });

  test("has on the tape the gradients of central differences", () => {
    const run = draw(cell, { inputs: 3, units: 4, batch: 2, steps: 5 }, extras);
    const { dx, dInitial, dParameters } = cellOnTape(run);
    const loss = () =>
      cellOnTape(run).states.reduce(
        (total, { values }, index) =>
          values.reduce((sum, value, i) => sum + value * run.upstream[index].values[i], total),
        0,
      );
    const pairs: [string, Matrix, Matrix][] = [
      ["x", run.x, dx],
      ...run.initial.map((state, index): [string, Matrix, Matrix] => [`${index}`, state, dInitial[index]]),
      ...[...run.parameters].map(([name, value]): [string, Matrix, Matrix] => [
        name,
        value,
        dParameters.get(name)!,
      ]),
    ];
    const step = 1e-6;
    for (const [name, { values }, gradient] of pairs) {
      for (let i = 0; i < values.length; i += Math.ceil(values.length / 10)) {
        const value = values[i];
        values[i] = value + step;
        const above = loss();
        values[i] = value - step;
        const below = loss();
        values[i] = value;
        const difference = (above - below) / (2 * step);
        const error = Math.abs(gradient.values[i] - difference);
        expect(error, `${name}[${i}]`).toBeLessThanOrEqual(1e-4 * Math.abs(difference) + 1e-9);
      }
    }
  });
});
