/** What happens to states between the steps: recurrent dropout and zoneout, against the masks of the generator in float64. */
import { describe, expect, test } from "vitest";
import { createEngine } from "../../ts/engine/create.js";
import { readParameter } from "../../ts/graph/parameter.js";
import { features, gru, lstm, minLstm, model, type RecurrentLayer, squaredError } from "../../ts/index.js";
import { Network } from "../../ts/model/network.js";
import { type Cell, cellOnTape } from "../reference/cells.js";
import { expectAllClose, expectClose } from "../reference/compare.js";
import { normals } from "../reference/draw.js";
import { dropoutFactors } from "../reference/dropout.js";
import { type Matrix, matrix, rowsOf } from "../reference/matrix.js";
import type { Tape, Variable } from "../reference/tape.js";
import type { Between } from "../reference/unrolled.js";
import { asKept, layerOf } from "./fused.js";
import { probe } from "./probe.js";
import { draw } from "./variants.js";

const engine = await createEngine({ memory: 64 });
const clock = { seed: 0, step: 0 };

interface Shares {
  readonly recurrentDropout?: number;
  readonly recurrentDropoutPerStep?: boolean;
  readonly zoneout?: number;
  readonly zoneoutCell?: number;
}

/** The masks of a layer on its own, whose uses of the generator are numbered from 0: dropout, then each state's zoneout. */
function masks(
  shares: Shares,
  widths: readonly number[],
  { steps, batch }: Record<"steps" | "batch", number>,
) {
  const { recurrentDropout = 0, recurrentDropoutPerStep = false, zoneout = 0, zoneoutCell = 0 } = shares;
  let uses = 0;
  const all = (rate: number, width: number) =>
    dropoutFactors((steps + 1) * batch, width, Math.ceil(width / 16) * 16, rate, {
      ...clock,
      stream: uses++,
    });
  const step = (mask: Matrix, t: number) => rowsOf(mask, t * batch, (t + 1) * batch);
  const dropped = recurrentDropout > 0 ? all(recurrentDropout, widths[0]!) : undefined;
  const rates = widths.length > 1 ? [zoneout, zoneoutCell] : [zoneout];
  const kept = rates.map((rate, state) => {
    if (rate === 0) return undefined;
    const { rows, columns, values } = all(rate, widths[state]!);
    return matrix(
      rows,
      columns,
      values.map((factor) => (factor === 0 ? 1 : 0)),
    );
  });
  return (tape: Tape): Between<Variable> => ({
    source: (hidden, t) =>
      dropped ? tape.multiply(hidden, tape.variable(step(dropped, recurrentDropoutPerStep ? t : 0))) : hidden,
    settle(state, before, next, t) {
      const mask = kept[state];
      if (!mask) return next;
      const z = step(mask, t);
      const rest = matrix(
        z.rows,
        z.columns,
        z.values.map((value) => 1 - value),
      );
      return tape.add(tape.multiply(tape.variable(z), before), tape.multiply(tape.variable(rest), next));
    },
  });
}

const cells: readonly [string, Cell, (readonly string[])?][] = [
  ["rnn", { cell: "rnn" }],
  ["gru", { cell: "gru" }],
  ["gru with the reset first", { cell: "gru", options: { resetAfter: false } }],
  ["lstm", { cell: "lstm" }],
  ["lstm with peepholes", { cell: "lstm" }, ["peepholeInput", "peepholeForget", "peepholeOutput"]],
  ["lstm with layer normalisation", { cell: "lstm" }, ["gainInput", "gainHidden", "gainCell", "shiftCell"]],
  ["lstm with a projection", { cell: "lstm" }, ["weightProjection"]],
];

describe.each(cells)("%s", (_, cell, extras) => {
  test.each<[string, Shares]>([
    ["recurrent dropout", { recurrentDropout: 0.4 }],
    ["recurrent dropout per step", { recurrentDropout: 0.4, recurrentDropoutPerStep: true }],
    ["zoneout", { zoneout: 0.3, ...(cell.cell === "lstm" && { zoneoutCell: 0.5 }) }],
    ["zoneout of one state", cell.cell === "lstm" ? { zoneoutCell: 0.5 } : { zoneout: 0.5 }],
    ["both", { recurrentDropout: 0.2, zoneout: 0.3, ...(cell.cell === "lstm" && { zoneoutCell: 0.1 }) }],
  ])("with %s is the cell with the masks of the generator", (_, shares) => {
    for (const { units, batch, steps } of [
      { units: 3, batch: 4, steps: 3 },
      { units: 5, batch: 3, steps: 1 },
      { units: 13, batch: 3, steps: 6 },
      { units: 64, batch: 2, steps: 4 },
    ]) {
      const run = draw(cell, { inputs: 3, units, batch, steps }, extras);
      const upstream = run.upstream.map((own, index) =>
        index === 0 ? own : matrix(own.rows, own.columns, new Float64Array(own.values.length)),
      );
      const widths = run.initial.map(({ columns }) => columns);
      const expected = cellOnTape({ ...run, upstream }, masks(shares, widths, { steps, batch }));
      const actual = probe(engine, {
        batch,
        inputs: [run.x, ...run.initial],
        parameters: asKept(cell, units, run.parameters),
        record: (x, ...initial) => {
          const layer = layerOf(cell, units, run.parameters, shares);
          const { output, states } = layer.sequence(x, initial);
          return [output, ...states];
        },
        upstream: [
          run.upstream[0]!,
          ...run.initial.map(({ columns }) => matrix(batch, columns, new Float64Array(batch * columns))),
        ],
      });
      expectAllClose(
        [
          ["output", actual.outputs[0]!.values, expected.states[0]!.values],
          ...expected.states.map((state, index): [string, Float64Array, Float64Array] => [
            `final state ${index}`,
            actual.outputs[1 + index]!.values,
            rowsOf(state, (steps - 1) * batch, steps * batch).values,
          ]),
          ["x", actual.gradients[0]!.values, expected.dx.values],
          ...expected.dInitial.map((state, index): [string, Float64Array, Float64Array] => [
            `initial state ${index}`,
            actual.gradients[1 + index]!.values,
            state.values,
          ]),
          ...[...asKept(cell, units, expected.dParameters)].map(
            ([path, { values }]): [string, Float64Array, Float64Array] => [
              path,
              actual.parameters.get(path)!.values,
              values,
            ],
          ),
        ],
        2e-6,
      );
    }
  });
});

/** The gradients of all parameters when only one row counts. */
function gradientsOfRow(net: Network, steps: number, row: number, lengths?: readonly number[]) {
  const [batch, inputs] = [4, 3];
  const program = net.program({ batch, steps, ragged: lengths !== undefined }, squaredError(), "train");
  const region = net.gradients();
  engine.call("zero", { to: region.address, count: net.count });
  const values = Array.from({ length: batch }, (_, row) => [...normals(steps * inputs, 7 + row)]).flat();
  const targets = Array.from({ length: batch }, (_, row) => [...normals(steps * net.width, 70 + row)]).flat();
  net.begin(program, { batch, steps, values, lengths }, false);
  const counted = Array.from({ length: batch * steps }, (_, i) => (Math.floor(i / steps) === row ? 1 : 0));
  net.aim(program, { batch, steps, values: targets, lengths }, counted);
  program.plan.forward();
  program.plan.backward();
  program.plan.release();
  return net.parameters.map((parameter) => readParameter(engine, parameter, parameter.gradient));
}

test.each<[string, RecurrentLayer]>([
  ["gru", gru(5, { zoneout: 0.3, recurrentDropout: 0.3, recurrentDropoutPerStep: true })],
  ["lstm", lstm(5, { zoneout: 0.3, zoneoutCell: 0.5 })],
  ["lstm with a projection", lstm(5, { projection: 3, zoneout: 0.3, recurrentDropout: 0.3 })],
  ["minLstm", minLstm(5, { zoneout: 0.4 })],
])("a row of %s that ends early gets the gradient of the shorter batch", (_, layer) => {
  const lengths = [2, 6, 1, 4];
  for (const way of [layer, layer.reversed()]) {
    const net = new Network(engine, features(3), [way]);
    net.initialise(1);
    for (const [row, length] of lengths.entries()) {
      const ragged = gradientsOfRow(net, 6, row, lengths);
      const shorter = gradientsOfRow(net, length, row);
      for (const [index, gradient] of ragged.entries()) {
        expectClose(gradient, shorter[index]!, 1e-5, net.parameters[index]!.path);
      }
    }
  }
});

test("after training, zoneout moves states by the expectation", async () => {
  const rows = Array.from({ length: 5 }, (_, t) => [...normals(2, t)]);
  const zoned = await model(features(2), minLstm(3, { zoneout: 0.25 }));
  const { data } = await zoned.predict(rows);
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
  const [weight, bias] = zoned.parameters().map(({ data }) => data) as [Float32Array, Float32Array];
  const h = [0, 0, 0];
  for (const [t, row] of rows.entries()) {
    for (let unit = 0; unit < 3; unit++) {
      const [i, f, c] = [0, 1, 2].map((gate) =>
        row.reduce((sum, x, input) => sum + x * weight[input * 9 + gate * 3 + unit]!, bias[gate * 3 + unit]!),
      ) as [number, number, number];
      const next = (sigmoid(f) * h[unit]! + sigmoid(i) * c) / (sigmoid(f) + sigmoid(i));
      h[unit] = 0.25 * h[unit]! + 0.75 * next;
      expect(data[3 * t + unit]).toBeCloseTo(h[unit]!, 6);
    }
  }
});

test.each(["recurrentDropout", "zoneout", "zoneoutCell"])(
  "a share of %s outside [0, 1) is refused",
  (option) => {
    for (const share of [-0.1, 1, NaN]) {
      expect(() => lstm(3, { [option]: share })).toThrow(
        new RegExp(`lstm.${option}: expected a number from 0 up to, not including, 1`),
      );
    }
    expect(() => minLstm(3, { recurrentDropout: 0.1 } as object)).toThrow(/only the options/);
  },
);
