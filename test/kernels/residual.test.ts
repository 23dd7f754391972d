/** Squared, absolute and Huber's errors by their definition. */
import { describe, test } from "vitest";
import { normalMatrix } from "../reference/draw.js";
import { residual } from "../reference/losses.js";
import { rowsOf } from "../reference/matrix.js";
import { createEngine } from "./engine.js";
import { expectLoss, rowCounts, widths } from "./loss-kernels.js";
import { layoutOf } from "./operands.js";

const engine = await createEngine({ memory: 16 });

describe.each([
  ["squared", { square: 0.25, slope: 0, knee: Infinity }],
  ["absolute", { square: 0, slope: 0.25, knee: 0 }],
  ["Huber's", { square: 0.5, slope: 0.75, knee: 0.75 }],
  ["smooth", { square: 1, slope: 1, knee: 0.5 }],
])("the %s error", (_, shape) => {
  test.each(widths)("of %i numbers", (width) => {
    for (const rows of rowCounts) {
      const outputs = normalMatrix(rows, width, 1);
      const targets = normalMatrix(rows, width, 2);
      if (rows > 2) targets.values[width * 2] = outputs.values[width * 2]; // a difference of 0
      expectLoss(engine, {
        outputs: [outputs],
        expected: (row) =>
          residual(rowsOf(outputs, row, row + 1).values, rowsOf(targets, row, row + 1).values, shape),
        run({ operands, outputs: [given], gradients: [gradient], losses, weights, ...range }) {
          const stored = operands.stored(targets.values, layoutOf(targets)).address;
          const call = { outputs: given, targets: stored, ...shape, ...range };
          engine.call("residualForward", { losses: losses, ...call });
          engine.call("residualBackward", {
            dOutputs: gradient,
            weights: weights,
            ...call,
          });
        },
      });
    }
  });
});
