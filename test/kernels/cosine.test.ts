/** The cosine as a loss, by its definition. */
import { describe, test } from "vitest";
import { normalMatrix } from "../reference/draw.js";
import { cosine } from "../reference/losses.js";
import { rowsOf } from "../reference/matrix.js";
import { createEngine } from "./engine.js";
import { expectLoss, none, rowCounts, widths } from "./loss-kernels.js";

const engine = await createEngine({ memory: 16 });

describe.each([
  ["where all shall be alike", undefined, 0],
  ["where some shall be alike", [1, 1, 0, 0, 0, 1, 0], -0.2],
])("the cosine %s", (_, labels, margin) => {
  test.each(widths.slice(1))(
    // with one number there is nothing to turn
    "of rows of %i numbers",
    (width) => {
      for (const rows of rowCounts) {
        const outputs = [normalMatrix(rows, width, 1), normalMatrix(rows, width, 2)];
        if (rows > 2) outputs[0].values.fill(0, 2 * width, 3 * width);
        expectLoss(
          engine,
          {
            outputs,
            expected(row) {
              const [a, b] = outputs.map((all) => rowsOf(all, row, row + 1).values);
              return cosine(a, b, (labels?.[row] ?? 1) === 1, margin);
            },
            run({ operands, outputs: [a, b], gradients: [da, db], losses, weights, ...range }) {
              const words = labels && Uint32Array.from(labels.slice(0, rows));
              const call = {
                a,
                b,
                labels: words ? operands.input(words).address : none,
                margin,
                ...range,
              };
              engine.call("cosineForward", { losses, ...call });
              engine.call("cosineBackward", { da, db, weights, ...call });
            },
          },
          4e-6,
        );
      }
    },
  );
});
