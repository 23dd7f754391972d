/** Squared errors against the formula. */
import { describe, test } from "vitest";
import { createEngine } from "../../ts/engine/engine.js";
import { rowLayout } from "../../ts/graph/parameter.js";
import { expectClose, expectZeros } from "../reference/compare.js";
import { normals } from "../reference/draw.js";
import { guarded } from "./operands.js";

const engine = await createEngine({ memory: 16 });

describe.each([1, 3, 4, 5, 8, 13, 64])("of %i numbers", (width) => {
  test.each([1, 2, 7])("losses and gradients of %i rows equal the formula", (rows) => {
    const outputs = Float32Array.from(normals(rows * width, 1));
    const targets = Float32Array.from(normals(rows * width, 2));
    const weights = Float32Array.from({ length: rows }, (_, row) => (row === 1 ? 0 : 1 / (row + 3)));
    const differences = Array.from(outputs, (y, i) => y - targets[i]!);
    const expected = Array.from({ length: rows }, (_, row) =>
      differences.slice(row * width, (row + 1) * width).reduce((sum, d) => sum + (d * d) / width, 0),
    );
    const gradient = differences.map((d, i) => (2 * weights[Math.floor(i / width)]! * d) / width);
    guarded(engine, (operands) => {
      const layout = rowLayout(rows, width);
      const call = {
        outputs: operands.stored(outputs, layout).address,
        targets: operands.stored(targets, layout).address,
        width,
        stride: layout.count / rows,
      };
      const losses = operands.output(rows);
      const dOutputs = operands.result(layout);
      const weighted = { dOutputs: dOutputs.address, weights: operands.input(weights).address };
      for (const [from, to] of [
        [0, 1],
        [1, rows],
      ] as const) {
        engine.call("squaredErrorForward", { ...call, losses: losses.address, from, to });
        engine.call("squaredErrorBackward", { ...call, ...weighted, from, to });
      }
      expectClose(losses.floats(), expected, 1e-6);
      expectClose(dOutputs.matrix().values, gradient, 1e-6);
      expectZeros(dOutputs.padding());
    });
  });
});
