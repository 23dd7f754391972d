/** The matrix products agree with the reference at every size, and to the bit with their summation contract. */
import { describe, expect, test } from "vitest";
import type { Address } from "../../ts/engine/address.js";
import { panelColumns, panelLayout, rowLayout } from "../../ts/graph/parameter.js";
import { expectAllClose, expectClose, expectSameBits, expectZeros } from "../reference/compare.js";
import { normalMatrix, normals } from "../reference/draw.js";
import { type Matrix, matrix, rowsOf } from "../reference/matrix.js";
import { accumulated, product, productGradients, tolerance, transpose } from "../reference/product.js";
import { createEngine } from "./engine.js";
import { guarded, layoutOf, type Operands, pack } from "./operands.js";
import { type Results, rowsAndInputs, units } from "./sizes.js";

const engine = await createEngine({ memory: 64 });
const none = 0 as Address;

/** A product ready to run for rows [from, to); the padding of x is poison, for it must not be read. */
function matmul(operands: Operands, x: Matrix, weight: Matrix, bias?: ArrayLike<number>) {
  const y = operands.result(rowLayout(x.rows, weight.columns));
  const call = {
    x: operands.input(pack(x.values, layoutOf(x), NaN)).address,
    weight: operands.stored(weight.values, panelLayout(weight.rows, 1, weight.columns)).address,
    quantised: none,
    bias: bias ? operands.stored(bias, panelLayout(1, 1, weight.columns)).address : none,
    y: y.address,
    inputs: weight.rows,
    panels: panelColumns(1, weight.columns) / 16,
    xStride: layoutOf(x).count / x.rows,
  };
  return { y, run: (from: number, to: number) => engine.call("matmul", { ...call, from, to }) };
}

describe("matmul", () => {
  test.each(units)("of %i columns is the reference's product, bit for bit in the stated order", (columns) => {
    const results: Results = [];
    for (const [rows, inputs] of rowsAndInputs) {
      const x = normalMatrix(rows, inputs, 1);
      const weight = normalMatrix(inputs, columns, 2);
      const bias = normals(columns, 3);
      const what = `[${rows}, ${inputs}] x [${inputs}, ${columns}]`;
      guarded(engine, (operands) => {
        const { y, run } = matmul(operands, x, weight, bias);
        run(0, rows);
        expectSameBits(
          Float32Array.from(y.matrix().values),
          accumulated((_, c) => bias[c], x, weight),
          what,
        );
        expectZeros(y.padding(), `padding of ${what}`);
        results.push([what, y.matrix().values, product(x, weight, bias).values]);
      });
    }
    expectAllClose(results, tolerance);
  });

  test("without a bias starts from zero", () => {
    const x = normalMatrix(5, 13, 1);
    const weight = normalMatrix(13, 17, 2);
    guarded(engine, (operands) => {
      const { y, run } = matmul(operands, x, weight);
      run(0, 5);
      expectSameBits(
        Float32Array.from(y.matrix().values),
        accumulated(() => 0, x, weight),
      );
    });
  });

  test.each([
    [5, 2, 4],
    [64, 1, 64],
    [300, 127, 258],
  ])("of %i rows writes rows [%i, %i) only, with the same bits as all at once", (rows, from, to) => {
    const x = normalMatrix(rows, 400, 1);
    const weight = normalMatrix(400, 20, 2);
    const bias = normals(20, 3);
    guarded(engine, (operands) => {
      const all = matmul(operands, x, weight, bias);
      all.run(0, rows);
      const part = matmul(operands, x, weight, bias);
      const before = part.y.floats();
      part.run(from, to);
      const whole = all.y.floats();
      const expected = Float32Array.from(before, (value, i) =>
        i >= from * 32 && i < to * 32 ? whole[i] : value,
      );
      expectSameBits(part.y.floats(), expected);
      part.run(to, rows);
      part.run(0, from);
      part.run(from, from);
      expectSameBits(part.y.floats(), whole);
    });
  });

  test("gives a row the same bits however many rows go with it", () => {
    const x = normalMatrix(7, 400, 1);
    const weight = normalMatrix(400, 33, 2);
    guarded(engine, (operands) => {
      const all = matmul(operands, x, weight);
      all.run(0, 7);
      for (let row = 0; row < 7; row++) {
        const alone = matmul(operands, rowsOf(x, row, row + 1), weight);
        alone.run(0, 1);
        expectSameBits(alone.y.floats(), all.y.floats().subarray(row * 48, (row + 1) * 48), `row ${row}:`);
      }
    });
  });

  test("passes on what is not finite, to the rows it is in", () => {
    const x = matrix(3, 2, [1, Infinity, NaN, 1, 1, 1]);
    guarded(engine, (operands) => {
      const { y, run } = matmul(operands, x, matrix(2, 2, [1, 2, 0, 3]));
      run(0, 3);
      expect([...y.matrix().values]).toEqual([NaN, Infinity, NaN, NaN, 1, 5]);
    });
  });
});

describe("transposePanels", () => {
  test.each(units)("of %i columns gives the panels of the transpose, zero past the last input", (columns) => {
    for (const inputs of [1, 3, 4, 5, 8, 13, 15, 16, 17, 31, 64]) {
      const weight = normalMatrix(inputs, columns, 4);
      const layout = panelLayout(inputs, 1, columns);
      const physical = panelColumns(1, columns);
      guarded(engine, (operands) => {
        const transposed = operands.result(panelLayout(physical, 1, inputs));
        engine.call("transposePanels", {
          weight: operands.stored(weight.values, layout).address,
          transposed: transposed.address,
          inputs,
          panels: physical / 16,
          from: 0,
          to: Math.ceil(inputs / 16),
        });
        const { values } = transposed.matrix();
        const padded = new Float32Array(physical * inputs);
        padded.set(transpose(weight).values);
        expectSameBits(Float32Array.from(values), padded, `inputs ${inputs}, element`);
        expectZeros(transposed.padding());
      });
    }
  });

  test("turns matmul into the gradient of x", () => {
    const x = normalMatrix(5, 13, 1);
    const weight = normalMatrix(13, 20, 2);
    const dy = normalMatrix(5, 20, 3);
    guarded(engine, (operands) => {
      const transposed = operands.output(16 * 32);
      engine.call("transposePanels", {
        weight: operands.stored(weight.values, panelLayout(13, 1, 20)).address,
        transposed: transposed.address,
        inputs: 13,
        panels: 2,
        from: 0,
        to: 1,
      });
      const dx = operands.result(layoutOf(x));
      engine.call("matmul", {
        x: operands.stored(dy.values, layoutOf(dy)).address,
        weight: transposed.address,
        quantised: none,
        bias: none,
        y: dx.address,
        inputs: 32,
        panels: 1,
        xStride: 32,
        from: 0,
        to: 5,
      });
      expectClose(dx.matrix().values, productGradients(x, weight, dy).x.values, tolerance);
      expectZeros(dx.padding());
    });
  });
});
