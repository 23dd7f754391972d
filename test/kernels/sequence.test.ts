/** Rows of a batch begin anew or go on, end at their own length, and are read at their last step, each by itself. */
import { describe, expect, test } from "vitest";
import type { Address } from "../../ts/engine/address.js";
import { rowLayout } from "../../ts/graph/parameter.js";
import { expectSameBits, expectZeros } from "../reference/compare.js";
import { normalMatrix } from "../reference/draw.js";
import { type Matrix, matrix } from "../reference/matrix.js";
import { createEngine } from "./engine.js";
import { guarded } from "./operands.js";

const engine = await createEngine({ memory: 16 });
const none = 0 as Address;
const widths = [1, 5, 16, 17];
/** Not 0 for the rows that begin anew: the first does not, as others do, and others not. */
const fresh = Uint32Array.of(0, 1, 0, 7, 1);
const batch = fresh.length;
const steps = 4;
const lengths = Uint32Array.of(2, 4, 0, 1, 3);

/** The matrix whose rows these functions give. */
function rows(count: number, width: number, row: (index: number) => ArrayLike<number>): Matrix {
  return matrix(count, width, Array.from({ length: count }, (_, index) => Array.from(row(index))).flat());
}

function rowOf({ columns, values }: Matrix, index: number): Float64Array {
  return values.subarray(index * columns, (index + 1) * columns);
}

describe.each(widths)("of width %i", (width) => {
  const { stride } = rowLayout(batch, width);
  const carried = normalMatrix(batch, width, 1);
  const given = normalMatrix(batch, width, 2);
  const zeros = new Float64Array(width);
  const one = rowLayout(1, width);
  const sequence = rowLayout(steps * batch, width);
  const lastOf = (row: number) => Math.max(lengths[row] - 1, 0) * batch + row;

  test.each<[string, "rows" | "one" | "none"]>([
    ["its own of values that are given", "rows"],
    ["the one that is learned", "one"],
    ["zeros", "none"],
  ])("a row that begins anew begins with %s, another with what was carried over", (_, initial) => {
    guarded(engine, (operands) => {
      const states = operands.result(rowLayout(batch, width), carried.values);
      engine.call("beginStates", {
        states: states.address,
        initial: {
          rows: () => operands.stored(given.values, rowLayout(batch, width)).address,
          one: () => operands.stored(rowOf(given, 0), one).address,
          none: () => none,
        }[initial](),
        initialStride: initial === "rows" ? stride : 0,
        fresh: operands.input(fresh).address,
        stride,
        from: 0,
        to: batch,
      });
      const begin = {
        rows: (row: number) => rowOf(given, row),
        one: () => rowOf(given, 0),
        none: () => zeros,
      };
      const expected = rows(batch, width, (row) => (fresh[row] ? begin[initial](row) : rowOf(carried, row)));
      expect(states.matrix()).toEqual(expected);
      expectZeros(states.padding());
    });
  });

  test("what all rows begin with has the sum of the gradients of those that begin anew", () => {
    guarded(engine, (operands) => {
      const dStates = operands.result(rowLayout(batch, width), carried.values);
      const dInitial = operands.result(one, rowOf(given, 0));
      engine.call("beginStatesBackward", {
        dStates: dStates.address,
        fresh: operands.input(fresh).address,
        dInitial: dInitial.address,
        stride,
        batch,
      });
      const left = rows(batch, width, (row) => (fresh[row] ? rowOf(carried, row) : zeros));
      expect(dStates.matrix()).toEqual(left);
      const sum = Float32Array.from(rowOf(given, 0));
      for (let i = 0; i < batch * width; i++) sum[i % width] += left.values[i];
      expectSameBits(Float32Array.from(dInitial.matrix().values), sum);
      expectZeros(dInitial.padding());
    });
  });

  test("past its length a row is zero", () => {
    const x = normalMatrix(steps * batch, width, 3);
    guarded(engine, (operands) => {
      const y = operands.result(sequence);
      engine.call("maskEnded", {
        x: operands.stored(x.values, sequence).address,
        y: y.address,
        lengths: operands.input(lengths).address,
        ...{ steps, batch, stride, from: 0, to: batch },
      });
      expect(y.matrix()).toEqual(
        rows(steps * batch, width, (index) =>
          Math.floor(index / batch) < lengths[index % batch] ? rowOf(x, index) : zeros,
        ),
      );
      expectZeros(y.padding());
    });
  });

  test("each row is read at the last step of its length, and its gradient goes there", () => {
    const x = normalMatrix(steps * batch, width, 3);
    guarded(engine, (operands) => {
      const range = {
        lengths: operands.input(lengths).address,
        ...{ steps, batch, stride, from: 0, to: batch },
      };
      const y = operands.result(rowLayout(batch, width));
      const from = operands.stored(x.values, sequence).address;
      engine.call("lastForward", { x: from, y: y.address, ...range });
      expect(y.matrix()).toEqual(rows(batch, width, (row) => rowOf(x, lastOf(row))));

      const dx = operands.result(sequence, new Float64Array(steps * batch * width));
      const dy = operands.stored(given.values, rowLayout(batch, width)).address;
      engine.call("lastBackward", { dy, dx: dx.address, ...range });
      expect(dx.matrix()).toEqual(
        rows(steps * batch, width, (index) =>
          index === lastOf(index % batch) ? rowOf(given, index % batch) : zeros,
        ),
      );
      expectZeros(dx.padding());
    });
  });
});
