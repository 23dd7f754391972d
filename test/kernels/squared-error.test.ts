/** Squared errors against the formula, rows that have ended included. */
import { describe, test } from "vitest";
import type { Address } from "../../ts/engine/address.js";
import { createEngine } from "../../ts/engine/engine.js";
import { rowLayout } from "../../ts/graph/parameter.js";
import { expectClose, expectZeros } from "../reference/compare.js";
import { normals } from "../reference/draw.js";
import { guarded } from "./operands.js";

const engine = await createEngine({ memory: 16 });

describe.each([1, 3, 4, 5, 8, 13, 64])("of %i numbers", (width) => {
  test.each([[4], [3, 0, 4, 1]])("equals the formula for rows of lengths %j", (...lengths: number[]) => {
    const [steps, batch] = [4, lengths.length];
    const rows = steps * batch;
    const ended = (row: number) => Math.floor(row / batch) >= lengths[row % batch]!;
    const outputs = Float32Array.from(normals(rows * width, 1));
    const targets = Float32Array.from(normals(rows * width, 2));
    const expected = Array.from({ length: rows }, (_, row) => {
      const differences = [...outputs.subarray(row * width, (row + 1) * width)].map(
        (y, i) => y - targets[row * width + i]!,
      );
      return ended(row) ? 0 : differences.reduce((sum, d) => sum + d * d, 0) / width;
    });
    const gradient = Array.from(outputs, (y, i) =>
      ended(Math.floor(i / width)) ? 0 : (2 * 0.25 * (y - targets[i]!)) / width,
    );
    guarded(engine, (operands) => {
      const layout = rowLayout(rows, width);
      const call = {
        outputs: operands.stored(outputs, layout).address,
        targets: operands.stored(targets, layout).address,
        lengths: batch > 1 ? operands.input(Uint32Array.from(lengths)).address : (0 as Address),
        batch,
        width,
        stride: layout.count / rows,
      };
      const losses = operands.output(rows);
      const dOutputs = operands.result(layout);
      const scale = operands.input(Float32Array.of(0.25)).address;
      for (const [from, to] of [
        [0, 1],
        [1, rows],
      ] as const) {
        engine.call("squaredErrorForward", { ...call, losses: losses.address, from, to });
        engine.call("squaredErrorBackward", { ...call, dOutputs: dOutputs.address, scale, from, to });
      }
      expectClose(losses.floats(), expected, 1e-6);
      expectClose(dOutputs.matrix().values, gradient, 1e-6);
      expectZeros(dOutputs.padding());
    });
  });
});
