/** Softmax and its logarithm, and their gradients, of rows of any width and size. */
import { describe, expect, test } from "vitest";
import { expectClose, expectSameBits, expectZeros } from "../reference/compare.js";
import { normalMatrix } from "../reference/draw.js";
import { type Matrix, matrix, rowsOf } from "../reference/matrix.js";
import { logSoftmax, softmax } from "../reference/softmax.js";
import { createEngine } from "./engine.js";
import { guarded, layoutOf, type Operands, pack } from "./operands.js";

const engine = await createEngine({ memory: 16 });
const widths = [1, 3, 4, 5, 8, 13, 16, 17, 64];
/** Standard deviations of what goes in: none, small, usual, and as far apart as 1000. */
const deviations = [0, 0.01, 1, 10, 1000];

const kernels = [
  ["softmax", 0, softmax],
  ["its logarithm", 1, logSoftmax],
] as const;

describe.each(kernels)("%s", (_, logarithm, reference) => {
  function forward(operands: Operands, x: Matrix, inPlace = false) {
    const layout = layoutOf(x);
    const given = pack(x.values, layout, Number.NaN); // whatever is in the padding
    const y = operands.result(layout);
    const own = inPlace ? operands.output(given) : y;
    const call = {
      x: inPlace ? own.address : operands.input(given).address,
      y: own.address,
      logarithm,
      width: x.columns,
      stride: layout.count / x.rows,
    };
    const run = (from: number, to: number) => engine.call("softmaxForward", { ...call, from, to });
    return { y, run, floats: () => own.floats() };
  }

  function backward(operands: Operands, y: Matrix, dy: Matrix, inPlace = false) {
    const layout = layoutOf(y);
    const dx = operands.result(layout, inPlace ? dy.values : undefined);
    const call = {
      y: operands.stored(y.values, layout).address,
      dy: inPlace ? dx.address : operands.stored(dy.values, layout).address,
      dx: dx.address,
      logarithm,
      width: y.columns,
      stride: layout.count / y.rows,
    };
    const run = (from: number, to: number) => engine.call("softmaxBackward", { ...call, from, to });
    return { dx, run };
  }

  test.each(widths)("of %i columns is the reference's, in place too, with zeros behind", (width) => {
    for (const rows of [1, 2, 5]) {
      for (const deviation of deviations) {
        const x = normalMatrix(rows, width, 1, deviation);
        const expected = reference.forward(x);
        guarded(engine, (operands) => {
          const apart = forward(operands, x);
          const inPlace = forward(operands, x, true);
          apart.run(0, rows);
          inPlace.run(0, rows);
          expectClose(apart.y.matrix().values, expected.values, 1e-6, `deviation ${deviation}`);
          expectZeros(apart.y.padding());
          expectSameBits(inPlace.floats(), apart.floats());
        });
      }
    }
  });

  test.each(widths)(
    "of %i columns has the reference's gradient, in place too, with zeros behind",
    (width) => {
      for (const rows of [1, 2, 5]) {
        for (const deviation of deviations) {
          const exact = reference.forward(normalMatrix(rows, width, 1, deviation));
          const y = matrix(rows, width, Float32Array.from(exact.values));
          const dy = normalMatrix(rows, width, 2);
          const expected = reference.backward(y, dy);
          guarded(engine, (operands) => {
            const apart = backward(operands, y, dy);
            const inPlace = backward(operands, y, dy, true);
            apart.run(0, rows);
            inPlace.run(0, rows);
            apart.dx.matrix().values.forEach((value, i) => {
              // a difference of two numbers of the size of the greatest
              const bound = 4e-7 * (1 + Math.abs(expected.values[i])) * Math.sqrt(width);
              expect(Math.abs(value - expected.values[i]), `${deviation}: ${i}`).toBeLessThanOrEqual(bound);
            });
            expectZeros(apart.dx.padding());
            expectSameBits(inPlace.dx.floats(), apart.dx.floats());
          });
        }
      }
    },
  );

  test("writes its rows only, with the same bits as all at once", () => {
    const x = normalMatrix(7, 13, 1);
    const dy = normalMatrix(7, 13, 2);
    guarded(engine, (operands) => {
      const y = reference.forward(x);
      for (const make of [
        () => forward(operands, x),
        () => {
          const { dx, run } = backward(operands, y, dy);
          return { run, floats: () => dx.floats() };
        },
      ]) {
        const [all, part] = [make(), make()];
        const before = part.floats();
        all.run(0, 7);
        part.run(2, 5);
        const whole = all.floats();
        expectSameBits(
          part.floats(),
          whole.map((value, i) => (i >= 32 && i < 80 ? value : before[i])),
        );
      }
    });
  });

  test("has in the reference the gradient of central differences", () => {
    const x = normalMatrix(3, 5, 1, 2);
    const dy = normalMatrix(3, 5, 2);
    const gradient = reference.backward(reference.forward(x), dy);
    const loss = () => reference.forward(x).values.reduce((sum, value, i) => sum + value * dy.values[i], 0);
    x.values.forEach((value, i) => {
      x.values[i] = value + 1e-6;
      const above = loss();
      x.values[i] = value - 1e-6;
      const below = loss();
      x.values[i] = value;
      expect(Math.abs(gradient.values[i] - (above - below) / 2e-6)).toBeLessThanOrEqual(1e-8);
    });
  });

  test.each<[readonly number[], readonly number[]]>([
    [
      [1000, 0, -1000],
      [0, -1000, -2000],
    ],
    [
      [-1000, -1000, -1000, -1000, -1000],
      [-Math.log(5), -Math.log(5), -Math.log(5), -Math.log(5), -Math.log(5)],
    ],
    [
      [0, -Infinity, 0],
      [-Math.LN2, -Infinity, -Math.LN2],
    ],
    [[-7], [0]],
    [
      [0, Number.NaN, 0],
      [Number.NaN, Number.NaN, Number.NaN],
    ],
  ])("of %j is what mathematics gives, and has a gradient", (numbers, logarithms) => {
    const x = matrix(1, numbers.length, numbers);
    const expected = logarithm ? logarithms : logarithms.map(Math.exp);
    guarded(engine, (operands) => {
      const { y, run } = forward(operands, x);
      run(0, 1);
      const actual = y.matrix();
      actual.values.forEach((value, i) => {
        if (Number.isFinite(expected[i])) {
          expect(Math.abs(value - expected[i])).toBeLessThanOrEqual(1e-7 * (1 + Math.abs(expected[i])));
        } else expect(value).toBe(expected[i]);
      });
      const slope = matrix(
        1,
        numbers.length,
        numbers.map((_, i) => 1 + i),
      );
      const { dx, run: runBack } = backward(operands, actual, slope);
      runBack(0, 1);
      const gradient = dx.matrix().values;
      const exact = reference.backward(actual, slope).values;
      gradient.forEach((value, i) => {
        if (Number.isNaN(expected[i])) expect(value).toBeNaN();
        else expect(Math.abs(value - exact[i])).toBeLessThanOrEqual(1e-6);
      });
    });
  });
});

test.each(widths)("softmax of %i columns sums to 1 within 4 units in the last place", (width) => {
  for (const deviation of deviations) {
    const x = normalMatrix(64, width, 3, deviation);
    guarded(engine, (operands) => {
      const y = operands.result(layoutOf(x));
      engine.call("softmaxForward", {
        x: operands.stored(x.values, layoutOf(x)).address,
        y: y.address,
        logarithm: 0,
        width,
        stride: layoutOf(x).count / 64,
        from: 0,
        to: 64,
      });
      const stored = y.matrix();
      for (let row = 0; row < 64; row++) {
        const total = rowsOf(stored, row, row + 1).values.reduce((a, b) => a + b, 0);
        expect(Math.abs(total - 1), `row ${row}`).toBeLessThanOrEqual(4 * 2 ** -23);
      }
    });
  }
});
