/** Random orthogonal matrices are the reference's, and orthogonal. */
import { describe, expect, test } from "vitest";
import { expectClose } from "../reference/compare.js";
import { indices } from "../reference/draw.js";
import { type Matrix, matrix } from "../reference/matrix.js";
import { orthogonal as reference } from "../reference/orthogonal.js";
import { product, transpose } from "../reference/product.js";
import { createEngine } from "./engine.js";
import { guarded } from "./operands.js";

const engine = await createEngine({ memory: 16 });
const tolerance = 1e-13;

function orthogonal(size: number, words: Uint32Array): Matrix {
  const stride = Math.ceil(size / 2) * 2;
  const stored = guarded(engine, (operands) => {
    const room = operands.output(2 * size * stride); // two float32 to a float64
    engine.call("orthogonal", {
      matrix: room.address,
      scratch: operands.output(2 * 4 * stride).address,
      words: operands.input(words).address,
      size,
    });
    return new Float64Array(room.floats().buffer);
  });
  return matrix(
    size,
    size,
    stored.filter((_, i) => i % stride < size),
  );
}

describe.each([1, 2, 3, 4, 5, 8, 13, 64])("of size %i", (size) => {
  const words = indices((size * (size + 1)) / 2, 0x100000000, 5);

  test("is the reference's", () => {
    expectClose(orthogonal(size, words).values, reference(size, words).values, tolerance);
  });

  test("times its transpose is one", () => {
    const q = orthogonal(size, words);
    const one = Float64Array.from(q.values, (_, i) => (i % (size + 1) === 0 ? 1 : 0));
    expectClose(product(q, transpose(q)).values, one, tolerance);
  });
});

test("is -1 or 1 in one dimension, as the word is odd or even", () => {
  expect([...orthogonal(1, Uint32Array.of(3)).values, ...orthogonal(1, Uint32Array.of(2)).values]).toEqual([
    -1, 1,
  ]);
});
