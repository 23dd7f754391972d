/** Curves as text. */
import { expect, test } from "vitest";
import { plot, plotHistory } from "../../ts/progress/plot.js";

test("points stand where their numbers are", () => {
  const points = [0, 1, 2].map((x) => ({ x, y: x }));
  const drawn = plot([{ name: "rising", mark: "×", points }], { title: "y", from: "0", to: "2" });
  const lines = drawn.split("\n");
  expect(lines[0]).toBe("        y   × rising");
  expect(lines[1]).toBe("  2.00 ┤  ×");
  expect(lines[8]).toBe("  1.00 ┤ ×");
  expect(lines[15]).toBe("  0.00 ┤×");
  expect(lines[16]).toBe("       └───");
  expect(lines.length).toBe(19);
});

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
