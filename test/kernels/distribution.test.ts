/** Cross-entropy with distributions, their divergence, and classes that are weighted and smoothed, by the definition. */
import { describe, expect, test } from "vitest";
import { rowLayout } from "../../ts/graph/parameter.js";
import { indices, normalMatrix, normals } from "../reference/draw.js";
import { distribution, smoothed } from "../reference/losses.js";
import { matrix, rowsOf } from "../reference/matrix.js";
import { createEngine } from "./engine.js";
import { constants, expectLoss, none, rowCounts, widths } from "./loss-kernels.js";
import { guarded, layoutOf } from "./operands.js";

const engine = await createEngine({ memory: 16 });

/** Rows that sum to 1, some of their numbers 0. */
function distributions(rows: number, width: number) {
  const values = normals(rows * width, 5).map((x, i) => (i % width === 0 ? 1 : Math.max(0, x)));
  return matrix(
    rows,
    width,
    values.map((value, i) => {
      const start = i - (i % width);
      return value / values.slice(start, start + width).reduce((sum, x) => sum + x, 0);
    }),
  );
}

describe.each([
  ["cross-entropy", 0, 0],
  ["cross-entropy of smoothed targets", 0.2, 0],
  ["divergence", 0, 1],
])("%s", (_, smoothing, relative) => {
  test.each(widths)("of distributions of %i classes", (width) => {
    for (const rows of rowCounts) {
      const logits = normalMatrix(rows, width, 1, 3);
      const targets = distributions(rows, width);
      const classWeights = normals(width, 2).map((x) => (relative ? 1 : Math.abs(x)));
      expectLoss(engine, {
        outputs: [logits],
        expected(row) {
          const [x, t] = [logits, targets].map((all) => rowsOf(all, row, row + 1).values);
          return distribution(x, smoothed(t, classWeights, smoothing), relative === 1);
        },
        run({ operands, outputs: [given], gradients: [dLogits], losses, weights, ...range }) {
          const call = {
            probabilities: dLogits,
            targets: operands.stored(targets.values, layoutOf(targets)).address,
            shares: constants(
              operands,
              classWeights.map((weight) => weight * (1 - smoothing)),
            ),
            base: constants(
              operands,
              classWeights.map((weight) => (weight * smoothing) / width),
            ),
            ...range,
          };
          engine.call("distributionForward", { logits: given, losses, relative, width, ...call });
          engine.call("distributionBackward", { dLogits, weights, ...call });
        },
      });
    }
  });
});

describe("cross-entropy of weighted classes", () => {
  test.each(widths.flatMap((width) => [0, 0.1].map((smoothing) => [width, smoothing])))(
    "of %i classes, %f of it spread",
    (width, smoothing) => {
      for (const rows of rowCounts) {
        const logits = normalMatrix(rows, width, 1, 3);
        const targets = indices(rows, width, 2);
        const classWeights = normals(width, 3).map(Math.abs);
        const base = classWeights.map((weight) => (weight * smoothing) / width);
        expectLoss(engine, {
          outputs: [logits],
          expected: (row) =>
            distribution(
              rowsOf(logits, row, row + 1).values,
              smoothed(targets[row], classWeights, smoothing),
            ),
          run({ operands, outputs: [given], gradients: [dLogits], losses, weights, ...range }) {
            const call = {
              probabilities: dLogits,
              targets: operands.input(targets).address,
              shares: constants(
                operands,
                classWeights.map((weight) => weight * (1 - smoothing)),
              ),
              base: smoothing ? constants(operands, base) : none,
              baseTotal: base.reduce((sum, part) => sum + part, 0),
              ...range,
            };
            engine.call("crossEntropyForward", { logits: given, losses, width, ...call });
            engine.call("crossEntropyBackward", { dLogits, weights, ...call });
          },
        });
      }
    },
  );
});

test.each([
  [[1000, 0, -1000], [0.5, 0.5, 0], 500, 500 - Math.LN2],
  [[0, -Infinity, 0], [0.5, 0, 0.5], Math.LN2, 0],
  [[0, -Infinity], [0.5, 0.5], Infinity, Infinity],
  [[-1000, -1000], [1, 0], Math.LN2, Math.LN2],
])("of the logits %j for %j it is %f, the divergence %f", (logits, targets, loss, divergence) => {
  for (const [relative, expected] of [loss, divergence].entries()) {
    guarded(engine, (operands) => {
      const layout = rowLayout(1, logits.length);
      const losses = operands.output(1);
      engine.call("distributionForward", {
        logits: operands.stored(logits, layout).address,
        targets: operands.stored(targets, layout).address,
        shares: constants(
          operands,
          logits.map(() => 1),
        ),
        base: constants(
          operands,
          logits.map(() => 0),
        ),
        probabilities: operands.result(layout).address,
        losses: losses.address,
        relative,
        width: logits.length,
        stride: 16,
        from: 0,
        to: 1,
      });
      const [actual] = losses.floats();
      if (expected === Infinity) expect(actual).toBe(Infinity);
      else expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-7 * (1 + expected));
    });
  }
});
