/** Every fused recurrent layer is the same cell written step by step, in its states and in all of its gradients. */
import { describe, expect, test } from "vitest";
import { createEngine } from "../../ts/engine/engine.js";
import { gru, lstm, type RecurrentLayer, rnn } from "../../ts/index.js";
import { type Cell, type CellRun, cellOnTape } from "../reference/cells.js";
import { expectAllClose } from "../reference/compare.js";
import { normalMatrix } from "../reference/draw.js";
import { type Matrix, matrix, rowsOf } from "../reference/matrix.js";
import { probe } from "./probe.js";
import { draw, variants } from "./variants.js";

const engine = await createEngine({ memory: 64 });

/** The layer of the library that is this cell. */
function layerOf(
  { cell, options = {} }: Cell,
  units: number,
  parameters: CellRun["parameters"],
): RecurrentLayer {
  const { gates, candidate, output, ...others } = options as Record<string, never>;
  const named = Object.entries({
    gateActivation: gates,
    candidateActivation: candidate,
    cellActivation: output,
    peepholes: cell === "lstm" && parameters.has("peepholeInput") ? true : undefined,
    projection: parameters.get("weightProjection")?.columns,
  }).filter(([, option]) => option !== undefined);
  return { rnn, gru, lstm }[cell](units, { ...others, ...Object.fromEntries(named), biasHidden: true });
}

/** Columns [from, to) of a matrix. */
function columnsOf({ rows, columns, values }: Matrix, from: number, to: number): Matrix {
  return matrix(
    rows,
    to - from,
    values.filter((_, i) => i % columns >= from && i % columns < to),
  );
}

/** Parameters, or their gradients, as the layer keeps them. */
function asKept(
  { cell, options }: Cell,
  units: number,
  parameters: ReadonlyMap<string, Matrix>,
): Map<string, Matrix> {
  const kept = new Map(parameters);
  if (cell === "gru" && options?.resetAfter === false) {
    const whole = parameters.get("weightHidden")!;
    kept.set("weightHidden", columnsOf(whole, 0, 2 * units));
    kept.set("weightCandidate", columnsOf(whole, 2 * units, 3 * units));
  }
  const peepholes = ["peepholeInput", "peepholeForget", "peepholeOutput"];
  if (parameters.has("peepholeInput")) {
    kept.set(
      "peepholes",
      matrix(
        3,
        units,
        peepholes.flatMap((name) => [...parameters.get(name)!.values]),
      ),
    );
    for (const name of peepholes) kept.delete(name);
  }
  return new Map([...kept].map(([name, value]) => [`0.${cell}.${name}`, value]));
}

describe.each(variants)("$name", ({ cell, extras }) => {
  test.each([
    ...[1, 3, 4, 5, 8, 13, 64].flatMap((units) => [
      { units, batch: 1, steps: 1 },
      { units, batch: 3, steps: 2 },
      { units, batch: 2, steps: 64 },
    ]),
    { units: 5, batch: 1, steps: 1000 },
  ])("of $units units, $batch rows, $steps steps", ({ units, batch, steps }) => {
    const run = draw(cell, { inputs: 3, units, batch, steps }, extras);
    const last = run.initial.map(({ columns }, index) => normalMatrix(batch, columns, 30 + index));
    const upstream = run.initial.map(({ columns }, index) => {
      const all = index === 0 ? run.upstream[0].values : undefined;
      const summed = matrix(steps * batch, columns, all);
      const end = rowsOf(summed, (steps - 1) * batch, steps * batch).values;
      last[index].values.forEach((value, i) => {
        end[i] += value;
      });
      return summed;
    });
    const expected = cellOnTape({ ...run, upstream });
    const actual = probe(engine, {
      batch,
      inputs: [run.x, ...run.initial],
      parameters: asKept(cell, units, run.parameters),
      record(x, ...initial) {
        const { output, states } = layerOf(cell, units, run.parameters).sequence(x, initial);
        return [output, ...states];
      },
      upstream: [run.upstream[0], ...last],
    });
    const dParameters = asKept(cell, units, expected.dParameters);
    expect([...actual.parameters.keys()].sort()).toEqual([...dParameters.keys()].sort());
    expectAllClose(
      [
        ["output", actual.outputs[0].values, expected.states[0].values],
        ...expected.states.map((state, index): [string, Float64Array, Float64Array] => [
          `final state ${index}`,
          actual.outputs[1 + index].values,
          rowsOf(state, (steps - 1) * batch, steps * batch).values,
        ]),
        ["x", actual.gradients[0].values, expected.dx.values],
        ...expected.dInitial.map((state, index): [string, Float64Array, Float64Array] => [
          `initial state ${index}`,
          actual.gradients[1 + index].values,
          state.values,
        ]),
        ...[...dParameters].map(([path, { values }]): [string, Float64Array, Float64Array] => [
          path,
          actual.parameters.get(path)!.values,
          values,
        ]),
      ],
      2e-6,
    );
  });
});
