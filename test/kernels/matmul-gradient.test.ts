/** The gradient of a weight and its bias is added to what is there, to the bit with the summation contract. */
import { describe, test } from "vitest";
import type { Address } from "../../ts/engine/address.js";
import { panelColumns, panelLayout } from "../../ts/graph/parameter.js";
import { expectAllClose, expectSameBits, expectZeros } from "../reference/compare.js";
import { normalMatrix, normals } from "../reference/draw.js";
import { type Matrix, matrix, rowsOf } from "../reference/matrix.js";
import { accumulated, productGradients, tolerance, transpose } from "../reference/product.js";
import { createEngine } from "./engine.js";
import { guarded, layoutOf, type Operands, pack } from "./operands.js";
import { type Results, rowsAndInputs, units } from "./sizes.js";

const engine = await createEngine({ memory: 64 });
const none = 0 as Address;

describe("matmulGradient", () => {
  /** A gradient ready to run for panels [from, to), on top of `earlier` and `earlierBias`. */
  function gradient(operands: Operands, x: Matrix, dy: Matrix, earlier: Matrix, earlierBias?: Float32Array) {
    const dWeight = operands.result(panelLayout(x.columns, 1, dy.columns), earlier.values);
    const dBias = earlierBias && operands.result(panelLayout(1, 1, dy.columns), earlierBias);
    const call = {
      x: operands.input(pack(x.values, layoutOf(x), NaN)).address,
      dy: operands.stored(dy.values, layoutOf(dy)).address,
      dWeight: dWeight.address,
      dBias: dBias?.address ?? none,
      scratch: operands.output((Math.ceil(x.columns / 4) * 4 + 16) * 128).address,
      inputs: x.columns,
      rows: x.rows,
      xStride: layoutOf(x).count / x.rows,
      dyStride: layoutOf(dy).count / dy.rows,
    };
    return {
      dWeight,
      dBias,
      run: (from: number, to: number) => engine.call("matmulGradient", { ...call, from, to }),
    };
  }

  test.each(units)(
    "of %i columns adds the reference's gradients, bit for bit in order of rows",
    (columns) => {
      const results: Results = [];
      for (const [rows, inputs] of rowsAndInputs) {
        const x = normalMatrix(rows, inputs, 1);
        const dy = normalMatrix(rows, columns, 2);
        const earlier = normalMatrix(inputs, columns, 3);
        const earlierBias = normals(columns, 4);
        const what = `[${rows}, ${inputs}] and [${rows}, ${columns}]`;
        const ones = matrix(1, rows, new Float64Array(rows).fill(1));
        guarded(engine, (operands) => {
          const { dWeight, dBias, run } = gradient(operands, x, dy, earlier, earlierBias);
          run(0, panelColumns(1, columns) / 16);
          const weights = dWeight.matrix().values;
          const biases = dBias!.matrix().values;
          const from = (row: number, column: number) => earlier.values[row * columns + column];
          expectSameBits(Float32Array.from(weights), accumulated(from, transpose(x), dy), what);
          expectSameBits(
            Float32Array.from(biases),
            accumulated((_, c) => earlierBias[c], ones, dy),
            what,
          );
          const { weight, bias } = productGradients(x, earlier, dy);
          results.push(
            [what, weights, weight.values.map((value, i) => value + earlier.values[i])],
            [what, biases, bias.map((value, i) => value + earlierBias[i])],
          );
          for (const { padding } of [dWeight, dBias!]) {
            expectZeros(padding(), `padding of ${what}`);
          }
        });
      }
      expectAllClose(results, tolerance);
    },
  );

  test("without a bias gives the weight the same bits", () => {
    const x = normalMatrix(131, 7, 1);
    const dy = normalMatrix(131, 20, 2);
    const earlier = normalMatrix(7, 20, 3);
    guarded(engine, (operands) => {
      const withBias = gradient(operands, x, dy, earlier, normals(20, 4));
      const without = gradient(operands, x, dy, earlier);
      withBias.run(0, 2);
      without.run(0, 2);
      expectSameBits(without.dWeight.floats(), withBias.dWeight.floats());
    });
  });

  test("writes its panels only, with the same bits as all at once", () => {
    const x = normalMatrix(131, 7, 1);
    const dy = normalMatrix(131, 64, 2);
    const earlier = normalMatrix(7, 64, 3);
    const earlierBias = normals(64, 4);
    guarded(engine, (operands) => {
      const all = gradient(operands, x, dy, earlier, earlierBias);
      all.run(0, 4);
      const part = gradient(operands, x, dy, earlier, earlierBias);
      const before = part.dWeight.floats();
      part.run(1, 3);
      const whole = all.dWeight.floats();
      const panel = 7 * 16;
      expectSameBits(part.dWeight.floats().subarray(0, panel), before.subarray(0, panel));
      expectSameBits(part.dWeight.floats().subarray(panel, 3 * panel), whole.subarray(panel, 3 * panel));
      expectSameBits(part.dWeight.floats().subarray(3 * panel), before.subarray(3 * panel));
      expectSameBits(part.dBias!.floats().subarray(0, 16), earlierBias.subarray(0, 16));
      part.run(3, 4);
      part.run(0, 1);
      expectSameBits(part.dWeight.floats(), whole);
      expectSameBits(part.dBias!.floats(), all.dBias!.floats());
    });
  });

  test("of two halves of the rows is that of all rows", () => {
    const x = normalMatrix(20, 7, 1);
    const dy = normalMatrix(20, 5, 2);
    const zeros = matrix(7, 5);
    guarded(engine, (operands) => {
      const all = gradient(operands, x, dy, zeros);
      all.run(0, 1);
      const first = gradient(operands, rowsOf(x, 0, 9), rowsOf(dy, 0, 9), zeros);
      first.run(0, 1);
      const second = gradient(operands, rowsOf(x, 9, 20), rowsOf(dy, 9, 20), first.dWeight.matrix());
      second.run(0, 1);
      expectSameBits(second.dWeight.floats(), all.dWeight.floats());
    });
  });
});
