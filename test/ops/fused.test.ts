/** Every fused recurrent layer is the same cell written step by step, in its states and in all of its gradients. */
import { describe, expect, test } from "vitest";
import { createEngine } from "../../ts/engine/create.js";
import { cellOnTape } from "../reference/cells.js";
import { expectAllClose } from "../reference/compare.js";
import { normalMatrix } from "../reference/draw.js";
import { matrix, rowsOf } from "../reference/matrix.js";
import { asKept, layerOf } from "./fused.js";
import { probe } from "./probe.js";
import { draw, sizes, variants } from "./variants.js";

const engine = await createEngine({ memory: 64 });

describe.each(variants)("$name", ({ cell, extras, from }) => {
  test.each([
    ...sizes({ from }).flatMap((units) => [
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
