/** Softmax with cross-entropy agrees with the reference, on ordinary and on extreme logits. */
import { describe, expect, test } from "vitest";
import { expectClose, expectSameBits, expectZeros } from "../reference/compare.js";
import {
  crossEntropy,
  crossEntropyGradient,
  lossTolerance,
  specialRows,
  tolerance,
  undefinedRows,
} from "../reference/cross-entropy.js";
import { indices, normals } from "../reference/draw.js";
import { type Matrix, matrix, rowsOf } from "../reference/matrix.js";
import { createEngine } from "./engine.js";
import { none } from "./loss-kernels.js";
import { guarded, layoutOf, type Operands, pack } from "./operands.js";

const engine = await createEngine({ memory: 16 });
const widths = [1, 2, 3, 4, 5, 8, 13, 16, 17, 64, 87, 1000];

/** Every class counts 1, and nothing is spread over all. */
const plain = { shares: none, base: none, baseTotal: 0 };

function draw(rows: number, width: number, deviation = 3): [Matrix, Uint32Array] {
  return [matrix(rows, width, normals(rows * width, width, deviation)), indices(rows, width, 1)];
}

/** The forward kernel on logits whose padding is poison, apart from its results or `inPlace`. */
function forward(operands: Operands, logits: Matrix, targets: Uint32Array, inPlace = false) {
  const layout = layoutOf(logits);
  const given = pack(logits.values, layout, NaN);
  const probabilities = operands.result(layout);
  const shared = inPlace && operands.output(given).address;
  const losses = operands.output(logits.rows);
  const call = {
    logits: shared || operands.input(given).address,
    targets: operands.input(targets).address,
    ...plain,
    probabilities: shared || probabilities.address,
    losses: losses.address,
    width: logits.columns,
    stride: layout.count / logits.rows,
  };
  return {
    probabilities,
    losses,
    run: (from: number, to: number) => engine.call("crossEntropyForward", { ...call, from, to }),
    stored: () => engine.view(call.probabilities, layout.count).slice(),
  };
}

describe("crossEntropyForward", () => {
  test.each(widths)("of %i classes gives the reference's probabilities and losses", (width) => {
    for (const rows of [1, 2, 5, 64]) {
      const [logits, targets] = draw(rows, width);
      const expected = crossEntropy(logits, targets);
      guarded(engine, (operands) => {
        const { probabilities, losses, run } = forward(operands, logits, targets);
        run(0, rows);
        expectClose(probabilities.matrix().values, expected.probabilities.values, tolerance);
        expectZeros(probabilities.padding());
        losses.floats().forEach((loss, row) => {
          const bound = lossTolerance(rowsOf(logits, row, row + 1).values);
          expect(Math.abs(loss - expected.losses[row]), `row ${row}`).toBeLessThanOrEqual(bound);
        });
      });
    }
  });

  test.each(widths)("of %i classes gives rows that sum to 1 within 4 units in the last place", (width) => {
    for (const deviation of [0, 0.01, 1, 10, 1000]) {
      const [logits, targets] = draw(64, width, deviation);
      guarded(engine, (operands) => {
        const { probabilities, run } = forward(operands, logits, targets);
        run(0, 64);
        const stored = probabilities.matrix();
        for (let row = 0; row < 64; row++) {
          const sum = rowsOf(stored, row, row + 1).values.reduce((a, b) => a + b, 0);
          expect(Math.abs(sum - 1), `row ${row}`).toBeLessThanOrEqual(4 * 2 ** -23);
        }
      });
    }
  });

  test.each(specialRows)("of $logits for class $target has the loss $loss", (special) => {
    const logits = matrix(1, special.logits.length, special.logits);
    guarded(engine, (operands) => {
      const { probabilities, losses, run } = forward(operands, logits, Uint32Array.of(special.target));
      run(0, 1);
      expectClose(probabilities.matrix().values, special.probabilities, 1e-7);
      if (Number.isFinite(special.loss)) {
        expect(Math.abs(losses.floats()[0] - special.loss)).toBeLessThanOrEqual(1e-7 * (1 + special.loss));
      } else {
        expect(losses.floats()[0]).toBe(special.loss);
      }
    });
  });

  test.each(undefinedRows.map((row) => [row]))(
    "of %j has a loss that is not a number, for every class",
    (row) => {
      const logits = matrix(3, row.length, [...row, ...row.map(() => 0), ...row]);
      for (const target of row.keys()) {
        guarded(engine, (operands) => {
          const { losses, run } = forward(operands, logits, new Uint32Array(3).fill(target));
          run(0, 3);
          const [first, between, last] = losses.floats();
          expect([first, last]).toEqual([NaN, NaN]);
          expect(between).toBeCloseTo(Math.log(row.length), 6);
        });
      }
    },
  );

  test.each(widths)("of %i classes in place gives the same bits", (width) => {
    const [logits, targets] = draw(5, width);
    guarded(engine, (operands) => {
      const apart = forward(operands, logits, targets);
      const inPlace = forward(operands, logits, targets, true);
      apart.run(0, 5);
      inPlace.run(0, 5);
      expectSameBits(inPlace.stored(), apart.stored());
      expectSameBits(inPlace.losses.floats(), apart.losses.floats());
    });
  });

  test("writes its rows only, with the same bits as all at once", () => {
    const [logits, targets] = draw(7, 13);
    guarded(engine, (operands) => {
      const all = forward(operands, logits, targets);
      const part = forward(operands, logits, targets);
      const before = { stored: part.stored(), losses: part.losses.floats() };
      all.run(0, 7);
      part.run(2, 5);
      const inRange = (row: number) => row >= 2 && row < 5;
      const whole = { stored: all.stored(), losses: all.losses.floats() };
      expectSameBits(
        part.stored(),
        whole.stored.map((value, i) => (inRange(Math.floor(i / 16)) ? value : before.stored[i])),
      );
      expectSameBits(
        part.losses.floats(),
        whole.losses.map((value, row) => (inRange(row) ? value : before.losses[row])),
      );
      part.run(5, 7);
      part.run(0, 2);
      expectSameBits(part.stored(), whole.stored);
      expectSameBits(part.losses.floats(), whole.losses);
    });
  });
});

describe("crossEntropyBackward", () => {
  function backward(
    operands: Operands,
    probabilities: Matrix,
    targets: Uint32Array,
    scale: number,
    inPlace = false,
  ) {
    const layout = layoutOf(probabilities);
    const own = operands.result(layout, inPlace ? probabilities.values : undefined);
    const call = {
      probabilities: inPlace ? own.address : operands.stored(probabilities.values, layout).address,
      targets: operands.input(targets).address,
      ...plain,
      dLogits: own.address,
      weights: operands.input(new Float32Array(probabilities.rows).fill(scale)).address,
      stride: layout.count / probabilities.rows,
    };
    return {
      dLogits: own,
      run: (from: number, to: number) => engine.call("crossEntropyBackward", { ...call, from, to }),
    };
  }

  test.each(widths)("of %i classes gives the reference's gradient, in place or not", (width) => {
    for (const rows of [1, 2, 5, 64]) {
      const [logits, targets] = draw(rows, width);
      const exact = crossEntropy(logits, targets).probabilities;
      const probabilities = matrix(rows, width, Float32Array.from(exact.values));
      const expected = crossEntropyGradient(probabilities, targets, 1 / rows);
      guarded(engine, (operands) => {
        const apart = backward(operands, probabilities, targets, 1 / rows);
        const inPlace = backward(operands, probabilities, targets, 1 / rows, true);
        apart.run(0, rows);
        inPlace.run(0, rows);
        expectClose(apart.dLogits.matrix().values, expected.values, tolerance);
        expectZeros(apart.dLogits.padding());
        expectSameBits(inPlace.dLogits.floats(), apart.dLogits.floats());
      });
    }
  });

  test("writes its rows only", () => {
    const [logits, targets] = draw(7, 13);
    const { probabilities } = crossEntropy(logits, targets);
    guarded(engine, (operands) => {
      const all = backward(operands, probabilities, targets, 0.5);
      const part = backward(operands, probabilities, targets, 0.5);
      const before = part.dLogits.floats();
      all.run(0, 7);
      part.run(2, 5);
      expectSameBits(
        part.dLogits.floats(),
        all.dLogits.floats().map((value, i) => (i >= 32 && i < 80 ? value : before[i])),
      );
    });
  });
});
