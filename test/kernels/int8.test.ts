/** Products with weights in int8 have the bits of their definition at every size and in any share of the rows. */
import { describe, expect, test } from "vitest";
import type { Address } from "../../ts/engine/address.js";
import { createEngine } from "../../ts/engine/create.js";
import { zeros } from "../../ts/graph/initialisers.js";
import { type Int8, type Int8Values, int8 } from "../../ts/graph/int8.js";
import {
  matrixParameter,
  panelColumns,
  panelLayout,
  rowLayout,
  tableParameter,
} from "../../ts/graph/parameter.js";
import { expectSameBits, expectZeros } from "../reference/compare.js";
import { indices, normalMatrix, normals } from "../reference/draw.js";
import { type Bound, int8Product } from "../reference/int8.js";
import { type Matrix, matrix, rowsOf } from "../reference/matrix.js";
import { guarded, layoutOf, type Operands } from "./operands.js";
import { units } from "./sizes.js";

const engines = await Promise.all(
  (["reproducible", "fast"] as const).map((precision) => createEngine({ memory: 64, precision }, true)),
);
for (const engine of engines) engine.link(int8.kernels);
// Where the host has no relaxed SIMD, the second is like the first.
const precisions = engines
  .filter(({ precision }) => precision.reason === undefined)
  .map((engine) => [engine.precision.name, engine, engine.precision.name === "fast" ? 63 : 127] as const);
const none = 0 as Address;

/** Whole numbers from -128 to 127, and scales. */
function drawn(inputs: number, columns: number, seed: number): Int8Values {
  return {
    numbers: Int8Array.from(indices(inputs * columns, 256, seed), (index) => index - 128),
    scales: normals(columns, seed + 1, 0.01).map(Math.abs),
  };
}

describe.each(precisions)("matmul with a weight in int8, %s", (_, engine, bound: Bound) => {
  /** A product ready to run for rows [from, to). */
  function matmul(operands: Operands, x: Matrix, weight: Int8Values, gates = 1, bias?: ArrayLike<number>) {
    const { columns: inputs, rows } = x;
    const columns = weight.scales.length;
    const kept = int8.storage("w", matrixParameter(inputs, gates, columns / gates, zeros)) as Int8;
    const at = operands.output(kept.count);
    kept.write(engine, at.address, weight);
    const physical = panelColumns(gates, columns / gates);
    const y = operands.result({
      ...panelLayout(1, gates, columns / gates),
      rows,
      stride: physical,
      count: rows * physical,
    });
    const call = {
      x: operands.stored(x.values, layoutOf(x)).address,
      weight: at.address,
      quantised: operands.output(rows * (4 + (Math.ceil(inputs / 16) * 16) / 2)).address,
      bias: bias ? operands.stored(bias, panelLayout(1, gates, columns / gates)).address : none,
      y: y.address,
      inputs,
      panels: physical / 16,
      xStride: layoutOf(x).stride,
    };
    return { y, kept, at, run: (from: number, to: number) => engine.call("matmul", { ...call, from, to }) };
  }

  function expectProduct(x: Matrix, weight: Int8Values, gates = 1): void {
    guarded(engine, (operands) => {
      const { y, kept, at, run } = matmul(operands, x, weight, gates);
      run(0, x.rows);
      const what = `[${x.rows}, ${x.columns}] x ${gates} gates of ${weight.scales.length / gates}, element`;
      expectSameBits(Float32Array.from(y.matrix().values), int8Product(x, weight, bound).values, what);
      expect(kept.values(engine, at.address)).toEqual(weight);
    });
  }

  test.each(units)("of %i columns is the exact sum of whole numbers, scaled", (columns) => {
    for (const inputs of [1, 3, 4, 5, 8, 13, 15, 16, 17, 64, 300]) {
      for (const rows of [1, 2, 5]) {
        expectProduct(normalMatrix(rows, inputs, 1), drawn(inputs, columns, 2));
      }
    }
  });

  test.each([3, 4])("of %i gates has the columns of float32", (gates) => {
    for (const units of [1, 3, 4, 5, 13, 64]) {
      expectProduct(normalMatrix(3, 13, 1), drawn(13, gates * units, 2), gates);
    }
  });

  test.each([1e-25, 1e-10, 1e10, 1e30])("of numbers around %f", (deviation) => {
    expectProduct(normalMatrix(4, 64, 1, deviation), drawn(64, 13, 2));
  });

  test("adds a bias, and one row too many for a block changes nothing", () => {
    const x = normalMatrix(257, 20, 1);
    const weight = drawn(20, 33, 2);
    const bias = normals(33, 3);
    const product = int8Product(x, weight, bound).values;
    guarded(engine, (operands) => {
      const { y, run } = matmul(operands, x, weight, 1, bias);
      run(0, 257);
      expectSameBits(
        Float32Array.from(y.matrix().values),
        product.map((value, i) => bias[i % 33]! + value),
      );
      expectZeros(y.padding());
    });
  });

  test("is exact where every number is the largest there is, over as many inputs as are allowed", () => {
    const inputs = 131072;
    const numbers = Int8Array.from({ length: inputs * 2 }, (_, i) => (i % 2 === 0 ? -128 : 127));
    const weight = { numbers, scales: Float32Array.of(1, 1) };
    expectProduct(matrix(1, inputs, new Float32Array(inputs).fill(3)), weight);
  });

  test("of a share of the rows writes these only, with the same bits as all at once", () => {
    const x = normalMatrix(140, 70, 1);
    const weight = drawn(70, 20, 2);
    guarded(engine, (operands) => {
      const all = matmul(operands, x, weight);
      all.run(0, 140);
      const part = matmul(operands, x, weight);
      const before = part.y.floats();
      part.run(5, 135);
      const whole = all.y.floats();
      expectSameBits(
        part.y.floats(),
        before.map((value, i) => (i >= 5 * 32 && i < 135 * 32 ? whole[i]! : value)),
      );
      part.run(135, 140);
      part.run(0, 5);
      part.run(7, 7);
      expectSameBits(part.y.floats(), whole);
      for (const row of [0, 1, 139]) {
        const alone = matmul(operands, rowsOf(x, row, row + 1), weight);
        alone.run(0, 1);
        expectSameBits(alone.y.floats(), whole.subarray(row * 32, (row + 1) * 32), `row ${row}:`);
      }
    });
  });

  test("gives 0 for a row of zeros or of numbers near them, and NaN for one that is not finite", () => {
    const rows = [
      [0, -0, 0],
      [2 ** -101, -(2 ** -120), 0],
      [1, NaN, 2],
      [1, 2, -Infinity],
      [NaN, Infinity, 0],
      [1, 2, 3],
    ];
    const weight = { numbers: Int8Array.of(1, 0, 2, 0, 3, 0), scales: Float32Array.of(0.5, 0) };
    guarded(engine, (operands) => {
      const { y, run } = matmul(operands, matrix(6, 3, rows.flat()), weight);
      run(0, 6);
      const values = [...y.matrix().values];
      expect(values.slice(0, 10)).toEqual([0, 0, 0, 0, NaN, NaN, NaN, NaN, NaN, NaN]);
      expect(values[10]).toBeCloseTo(7, 0);
      expect(values[11]).toBe(0); // a column of zeros
    });
  });

  test("of huge weights is infinite only where the product is", () => {
    const weight = { numbers: Int8Array.of(127, 0, 127, 1), scales: Float32Array.of(2e36, 2e36) };
    guarded(engine, (operands) => {
      const { y, run } = matmul(operands, matrix(2, 2, [1, 0, 1e4, 1e4]), weight);
      run(0, 2);
      const [a, b, c, d] = y.matrix().values;
      expect(a).toBeCloseTo(2.54e38, -33);
      expect([b, c, d]).toEqual([0, Infinity, Infinity]);
    });
  });
});

describe("embeddingForward of int8", () => {
  const [[, engine]] = precisions as unknown as [(typeof precisions)[number]];

  test.each([1, 3, 4, 5, 8, 13, 16, 17, 64])(
    "of width %i gives the rows of whole numbers, scaled",
    (width) => {
      for (const [entries, rows] of [
        [1, 1],
        [7, 5],
        [5, 64],
      ] as const) {
        const kept = int8.storage("w", tableParameter(entries, width, zeros)) as Int8;
        const numbers = Int8Array.from(indices(entries * width, 256, 1), (index) => index - 128);
        const scales = normals(entries, 2);
        const ids = indices(rows, entries, 3);
        guarded(engine, (operands) => {
          const table = operands.output(kept.count);
          kept.write(engine, table.address, { numbers, scales });
          const layout = rowLayout(rows, width);
          const y = operands.result(layout);
          const call = {
            ids: operands.input(ids).address,
            table: table.address,
            y: y.address,
            stride: layout.stride,
          };
          const half = Math.floor(rows / 2);
          engine.call("embeddingForward", { ...call, from: 0, to: half });
          engine.call("embeddingForward", { ...call, from: half, to: rows });
          const expected = Float32Array.from({ length: rows * width }, (_, i) => {
            const id = ids[Math.floor(i / width)]!;
            return numbers[id * width + (i % width)]! * scales[id]!;
          });
          expectSameBits(Float32Array.from(y.matrix().values), expected);
          expectZeros(y.padding());
          expect(kept.values(engine, table.address)).toEqual({ numbers, scales });
        });
      }
    },
  );
});
