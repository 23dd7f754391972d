/** Binary cross-entropy by its definition, on ordinary and on extreme logits. */
import { describe, expect, test } from "vitest";
import { rowLayout } from "../../ts/graph/parameter.js";
import { normalMatrix, normals } from "../reference/draw.js";
import { binary } from "../reference/losses.js";
import { matrix, rowsOf } from "../reference/matrix.js";
import { createEngine } from "./engine.js";
import { constants, expectLoss, rowCounts, widths } from "./loss-kernels.js";
import { guarded, layoutOf } from "./operands.js";

const engine = await createEngine({ memory: 16 });

describe("binary cross-entropy", () => {
  test.each(widths)("of %i labels", (width) => {
    for (const rows of rowCounts) {
      const logits = normalMatrix(rows, width, 1, 3);
      const shares = normals(rows * width, 2).map((x) => (x < -0.5 ? 0 : x > 0.5 ? 1 : x + 0.5));
      const targets = matrix(rows, width, shares);
      const [positive, negative] = [3, 4].map((seed) => normals(width, seed).map(Math.abs));
      expectLoss(engine, {
        outputs: [logits],
        expected(row) {
          const [x, t] = [logits, targets].map((all) => rowsOf(all, row, row + 1).values);
          return binary(x, t, positive, negative);
        },
        run({ operands, outputs: [given], gradients: [dLogits], losses, weights, ...range }) {
          const call = {
            logits: given,
            targets: operands.stored(targets.values, layoutOf(targets)).address,
            positive: constants(operands, positive),
            negative: constants(operands, negative),
            ...range,
          };
          engine.call("binaryForward", { losses, ...call });
          engine.call("binaryBackward", { dLogits, weights, ...call });
        },
      });
    }
  });

  test.each([
    [1000, 1, 0, 0],
    [1000, 0, 1000, 1],
    [-1000, 1, 1000, -1],
    [-1000, 0, 0, 0],
    [-80, 0, 1.8048513878454153e-35, 1.8048513878454153e-35],
    [0, 0.5, Math.LN2, 0],
  ])("of the logit %f for the target %f is %f, its slope %f", (x, t, loss, slope) => {
    guarded(engine, (operands) => {
      const layout = rowLayout(1, 1);
      const [logits, targets] = [x, t].map((value) => operands.stored([value], layout).address);
      const weight = constants(operands, [1]);
      const losses = operands.output(1);
      const gradient = operands.result(layout);
      const call = { logits, targets, positive: weight, negative: weight, stride: 16, from: 0, to: 1 };
      engine.call("binaryForward", { losses: losses.address, ...call });
      engine.call("binaryBackward", { dLogits: gradient.address, weights: weight, ...call });
      expect(Math.abs(losses.floats()[0] - loss)).toBeLessThanOrEqual(1e-7 * (1 + loss));
      expect(Math.abs(gradient.floats()[0] - slope)).toBeLessThanOrEqual(1e-6 * Math.abs(slope));
    });
  });
});
