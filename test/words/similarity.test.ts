/** Cosines of one vector with every row of a table. */
import { describe, expect, test } from "vitest";
import { createEngineOf } from "../../ts/engine/create.js";
import { rowLayout } from "../../ts/graph/parameter.js";
import { kernels } from "../../ts/words/words.gen.js";
import { guarded } from "../kernels/operands.js";
import { expectSameBits } from "../reference/compare.js";
import { normals } from "../reference/draw.js";

const engine = await createEngineOf(kernels, { memory: 16 });
const sizes = [1, 3, 4, 5, 8, 13, 64, 100].flatMap((width) =>
  [1, 3, 4, 5, 8, 13, 64].map((rows) => [width, rows] as const),
);

/** The scores of all rows, computed in the given ranges. */
function scored(width: number, rows: number, ranges: readonly (readonly [number, number])[]) {
  const [query, table, scales] = [normals(width, 1), normals(rows * width, 2), normals(rows, 3)];
  const layout = rowLayout(rows, width);
  const scores = guarded(engine, (operands) => {
    const y = operands.output(rows);
    const call = {
      query: operands.stored(query, rowLayout(1, width)).address,
      table: operands.stored(table, layout).address,
      scales: operands.input(scales).address,
      scores: y.address,
      width,
      stride: layout.stride,
    };
    for (const [from, to] of ranges) engine.call("similarities", { ...call, from, to });
    return y.floats();
  });
  const expected = Array.from(scales, (scale, r) => {
    const terms = Array.from(query, (value, i) => scale * value * table[r * width + i]);
    const size = terms.reduce((sum, term) => sum + Math.abs(term), 0);
    return { score: terms.reduce((sum, term) => sum + term, 0), size };
  });
  return { scores, expected };
}

describe("similarities", () => {
  test.each(sizes)("of width %i are those of %i rows", (width, rows) => {
    const { scores, expected } = scored(width, rows, [[0, rows]]);
    for (const [r, { score, size }] of expected.entries()) {
      expect(Math.abs(scores[r]! - score)).toBeLessThanOrEqual(1e-6 * size);
    }
  });

  test("have the same bits however the rows are shared out, and are written there only", () => {
    const { scores } = scored(13, 64, [[0, 64]]);
    const shares = [
      [5, 6],
      [0, 5],
      [6, 13],
      [13, 64],
    ] as const;
    expectSameBits(scored(13, 64, shares).scores, scores);
    const part = scored(13, 64, [[3, 10]]).scores;
    expectSameBits(part.slice(3, 10), scores.slice(3, 10));
    expect(part.slice(10).every(Number.isNaN)).toBe(true);
    expect(part.slice(0, 3).every(Number.isNaN)).toBe(true);
  });
});
