/** Dropout's mask is the generator's, whatever is computed with it. */
import { describe, expect, test } from "vitest";
import { expectClose, expectSameBits, expectZeros } from "../reference/compare.js";
import { normals } from "../reference/draw.js";
import { type Clock, dropout, dropoutFactors } from "../reference/dropout.js";
import { type Matrix, matrix } from "../reference/matrix.js";
import { createEngine } from "./engine.js";
import { guarded, layoutOf, type Operands } from "./operands.js";

const engine = await createEngine({ memory: 16 });
const clocks: readonly Clock[] = [
  { seed: 0, step: 0, stream: 0 },
  { seed: 1, step: 2, stream: 3 },
  { seed: 0xffffffff, step: 0x80000000, stream: 0xfffffff0 },
];

function run(operands: Operands, x: Matrix, rate: number, { seed, step, stream }: Clock, inPlace = false) {
  const layout = layoutOf(x);
  const y = operands.result(layout, inPlace ? x.values : undefined);
  const call = {
    x: inPlace ? y.address : operands.stored(x.values, layout).address,
    y: y.address,
    clock: operands.input(Uint32Array.of(seed, step)).address,
    stream,
    rate,
    stride: layout.count / x.rows,
    repeat: 0,
  };
  return { y, run: (from: number, to: number) => engine.call("dropout", { ...call, from, to }) };
}

describe("dropout", () => {
  test.each([1, 3, 4, 5, 8, 13, 16, 17, 64])("of width %i has the reference's mask and scale", (width) => {
    for (const rows of [1, 2, 5, 64]) {
      const x = matrix(rows, width, normals(rows * width, 1));
      for (const clock of clocks) {
        for (const rate of [0, 0.1, 0.5, 0.75, 0.999]) {
          const factors = dropoutFactors(rows, width, layoutOf(x).count / rows, rate, clock);
          guarded(engine, (operands) => {
            const { y, run: apply } = run(operands, x, rate, clock);
            apply(0, rows);
            const { values } = y.matrix();
            const expected = dropout(x, factors).values;
            expect(values.map(Math.sign)).toEqual(expected.map((value) => Math.sign(value) + 0));
            expectClose(values, expected, 2e-7);
            expectZeros(y.padding());
          });
        }
      }
    }
  });

  test("of rate 0 gives x, to the bit", () => {
    const x = matrix(5, 13, normals(65, 1));
    guarded(engine, (operands) => {
      const { y, run: apply } = run(operands, x, 0, clocks[1]);
      apply(0, 5);
      expectSameBits(Float32Array.from(y.matrix().values), x.values);
    });
  });

  test.each([0.1, 0.5, 0.9])("of rate %d sets that share of the numbers to zero", (rate) => {
    const x = matrix(200, 64, new Float32Array(12800).fill(1));
    guarded(engine, (operands) => {
      const { y, run: apply } = run(operands, x, rate, clocks[0]);
      apply(0, 200);
      const zeros = y.matrix().values.filter((value) => value === 0).length / 12800;
      // Four standard errors.
      expect(Math.abs(zeros - rate)).toBeLessThan(4 * Math.sqrt((rate * (1 - rate)) / 12800));
    });
  });

  test("in place gives the same bits", () => {
    const x = matrix(5, 20, normals(100, 1));
    guarded(engine, (operands) => {
      const apart = run(operands, x, 0.3, clocks[1]);
      const inPlace = run(operands, x, 0.3, clocks[1], true);
      apart.run(0, 5);
      inPlace.run(0, 5);
      expectSameBits(inPlace.y.floats(), apart.y.floats());
    });
  });

  test("writes its rows only, with the same bits as all at once", () => {
    const x = matrix(7, 13, normals(91, 1));
    guarded(engine, (operands) => {
      const all = run(operands, x, 0.3, clocks[1]);
      const part = run(operands, x, 0.3, clocks[1]);
      const before = part.y.floats();
      all.run(0, 7);
      part.run(3, 6);
      const whole = all.y.floats();
      expectSameBits(
        part.y.floats(),
        whole.map((value, i) => (i >= 48 && i < 96 ? value : before[i])),
      );
      part.run(0, 3);
      part.run(6, 7);
      expectSameBits(part.y.floats(), whole);
    });
  });

  test("of a rate that float32 rounds to 1 drops every number", () => {
    const x = matrix(64, 64, normals(4096, 1));
    guarded(engine, (operands) => {
      const { y, run: apply } = run(operands, x, 1 - 2 ** -40, clocks[0]);
      apply(0, 64);
      expect(y.matrix().values.every((value) => value === 0)).toBe(true);
    });
  });

  test("does not let through what is not finite where it drops", () => {
    const x = matrix(64, 16, new Float32Array(1024).fill(NaN));
    guarded(engine, (operands) => {
      const { y, run: apply } = run(operands, x, 0.5, clocks[0]);
      apply(0, 64);
      const factors = dropoutFactors(64, 16, 16, 0.5, clocks[0]).values;
      expect(y.matrix().values).toEqual(factors.map((factor) => (factor === 0 ? 0 : NaN)));
    });
  });
});
