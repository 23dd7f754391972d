/** Curves as text. */
import { expect, test } from "vitest";
import { plot } from "../../ts/pictures/plot.js";

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

test("few points can be drawn far apart", () => {
  const points = [0, 1].map((x) => ({ x, y: x }));
  const lines = plot([{ name: "a", mark: "o", points }], { title: "y", from: "0", to: "9", width: 9 }).split(
    "\n",
  );
  expect(lines[1]).toBe("  1.00 ┤        o");
  expect(lines[15]).toBe("  0.00 ┤o");
  expect(lines[16]).toBe(`       └${"─".repeat(9)}`);
});
