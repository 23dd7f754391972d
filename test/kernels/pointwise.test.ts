/** Products number by number, and columns moved and added between rows of any stride. */
import { describe, expect, test } from "vitest";
import { expectSameBits } from "../reference/compare.js";
import { normals } from "../reference/draw.js";
import { createEngine } from "./engine.js";
import { guarded } from "./operands.js";

const engine = await createEngine({ memory: 16 });

describe.each([0, 4, 8, 16, 20, 64, 1000])("on %i floats", (count) => {
  const a = normals(count, 1);
  const b = normals(count, 2);

  test("multiply multiplies, also in place of either factor", () => {
    const expected = a.map((value, i) => value * b[i]);
    guarded(engine, (operands) => {
      const y = operands.output(count);
      const [left, right] = [operands.input(a).address, operands.input(b).address];
      engine.call("multiply", { a: left, b: right, y: y.address, count });
      expectSameBits(y.floats(), expected);
      const first = operands.output(a);
      engine.call("multiply", { a: first.address, b: right, y: first.address, count });
      expectSameBits(first.floats(), expected);
      const second = operands.output(b);
      engine.call("multiply", { a: left, b: second.address, y: second.address, count });
      expectSameBits(second.floats(), expected);
    });
  });
});

/** Of rows that begin `from` columns in x and `to` in y: what the columns become by `move`. */
function moved(
  size: { width: number; rows: number; xStride: number; yStride: number },
  x: Float32Array,
  y: Float32Array,
  move: (x: number, y: number) => number,
): Float32Array {
  const result = y.slice();
  for (let row = 0; row < size.rows; row++) {
    for (let column = 0; column < size.width; column++) {
      const at = row * size.yStride + column;
      result[at] = move(x[row * size.xStride + column], result[at]);
    }
  }
  return result;
}

describe.each([1, 3, 4, 5, 8, 13, 16, 17, 64])("of %i columns", (width) => {
  const sizes = [1, 2, 5].flatMap((rows) =>
    [0, width, width + 3, 80].flatMap((xStride) =>
      [0, width, width + 5, 96].map((yStride) => ({ width, rows, xStride, yStride })),
    ),
  );

  test.each([
    ["copyColumns", (x: number) => x],
    ["addColumns", (x: number, y: number) => Math.fround(x + y)],
  ] as const)("%s writes those and no other", (kernel, move) => {
    for (const size of sizes) {
      const length = (stride: number) => (size.rows - 1) * stride + width;
      const x = normals(length(size.xStride), 1);
      const y = normals(length(size.yStride), 2);
      guarded(engine, (operands) => {
        const target = operands.output(y);
        engine.call(kernel, { x: operands.input(x).address, y: target.address, ...size });
        expectSameBits(target.floats(), moved(size, x, y, move), `${JSON.stringify(size)} float`);
      });
    }
  });
});

test("columns of no rows are left alone", () => {
  guarded(engine, (operands) => {
    const [x, y] = [operands.input(normals(4, 1)), operands.output(normals(4, 2))];
    for (const kernel of ["copyColumns", "addColumns"] as const) {
      engine.call(kernel, { x: x.address, y: y.address, width: 4, xStride: 4, yStride: 4, rows: 0 });
    }
    expect(y.floats()).toEqual(normals(4, 2));
  });
});
