/** The curves of a training. */
import { expect, test } from "vitest";
import { plotHistory } from "../../ts/progress/plot-history.js";

test("a history shows both its losses", () => {
  const history = {
    loss: [3, 2, 1, 1],
    gradientNorm: [],
    rate: [],
    validations: [
      { step: 1, loss: 3, metrics: {}, score: 3 },
      { step: 3, loss: 2, metrics: {}, score: 2 },
    ],
  };
  const drawn = plotHistory(history, { columns: 40 });
  expect(drawn).toContain("loss   ─ training   ● validation");
  expect(drawn).toContain("4 steps");
  expect(drawn.match(/●/g)!.length).toBe(3);
  expect(plotHistory({ ...history, validations: [] })).not.toContain("●");
});
