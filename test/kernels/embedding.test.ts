/** Rows are gathered and scattered exactly, in the ranges asked for. */
import { describe, expect, test } from "vitest";
import { rowLayout } from "../../ts/graph/parameter.js";
import { expectClose, expectSameBits, expectZeros } from "../reference/compare.js";
import { indices, normals } from "../reference/draw.js";
import { gather, scatter } from "../reference/embedding.js";
import { matrix } from "../reference/matrix.js";
import { createEngine } from "./engine.js";
import { guarded, type Operands } from "./operands.js";

const engine = await createEngine({ memory: 16 });
/** No entry. */
const NONE = 0xffffffff;
const sizes = [1, 3, 4, 5, 8, 13, 64].flatMap((width) =>
  [
    [1, 1],
    [7, 5],
    [5, 64],
    [130, 13],
  ].map(([entries, rows]) => [width, entries, rows] as const),
);

describe("embeddingForward", () => {
  test.each(sizes)("of width %i copies rows of a table of %i for %i indices", (width, entries, rows) => {
    const table = matrix(entries, width, normals(entries * width, 1));
    const ids = indices(rows, entries, 2);
    guarded(engine, (operands) => {
      const layout = rowLayout(rows, width);
      const y = operands.result(layout);
      engine.call("embeddingForward", {
        ids: operands.input(ids).address,
        table: operands.stored(table.values, rowLayout(entries, width)).address,
        y: y.address,
        stride: layout.count / rows,
        from: 0,
        to: rows,
      });
      expect(y.matrix()).toEqual(gather(table, ids));
      expectZeros(y.padding());
    });
  });

  test("writes its rows only", () => {
    const table = normals(4 * 16, 1);
    guarded(engine, (operands) => {
      const y = operands.output(6 * 16);
      const before = y.floats();
      engine.call("embeddingForward", {
        ids: operands.input(Uint32Array.of(9, 9, 3, 0, 9, 9)).address, // 9 is no entry: those rows are not read
        table: operands.input(table).address,
        y: y.address,
        stride: 16,
        from: 2,
        to: 4,
      });
      const expected = before.slice();
      expected.set(table.subarray(48, 64), 32);
      expected.set(table.subarray(0, 16), 48);
      expectSameBits(y.floats(), expected);
    });
  });
});

describe("embeddingBackward", () => {
  function backward(
    operands: Operands,
    ids: Uint32Array,
    dy: Float32Array,
    earlier: Float32Array,
    stride: number,
    skipped = NONE,
  ) {
    const dTable = operands.output(earlier);
    const call = {
      ids: operands.input(ids).address,
      dy: operands.input(dy).address,
      dTable: dTable.address,
      stride,
      rows: ids.length,
      skipped,
    };
    return {
      dTable,
      run: (from: number, to: number) => engine.call("embeddingBackward", { ...call, from, to }),
    };
  }

  test.each(sizes)("of width %i adds to rows of a table of %i for %i indices", (width, entries, rows) => {
    const ids = indices(rows, entries, 2);
    const dy = matrix(rows, width, normals(rows * width, 3));
    const earlier = matrix(entries, width, normals(entries * width, 4));
    guarded(engine, (operands) => {
      const layout = rowLayout(entries, width);
      const dTable = operands.result(layout, earlier.values);
      engine.call("embeddingBackward", {
        ids: operands.input(ids).address,
        dy: operands.stored(dy.values, rowLayout(rows, width)).address,
        dTable: dTable.address,
        stride: layout.count / entries,
        rows,
        skipped: NONE,
        from: 0,
        to: layout.count / entries / 4,
      });
      const inOrder = Float32Array.from(earlier.values);
      dy.values.forEach((value, i) => {
        inOrder[ids[Math.floor(i / width)] * width + (i % width)] += value;
      });
      const { values } = dTable.matrix();
      expectSameBits(Float32Array.from(values), inOrder);
      const expected = scatter(entries, ids, dy).values.map((value, i) => value + earlier.values[i]);
      expectClose(values, expected, 1e-6);
      expectZeros(dTable.padding());
    });
  });

  test.each([2, NONE])("leaves out the rows of the index %i", (skipped) => {
    const ids = Uint32Array.of(1, skipped, 0, 1, skipped);
    const dy = normals(5 * 16, 3);
    guarded(engine, (operands) => {
      const { dTable, run } = backward(operands, ids, dy, new Float32Array(3 * 16), 16, skipped);
      run(0, 4);
      const expected = new Float32Array(3 * 16);
      expected.set(dy.subarray(32, 48), 0);
      for (let c = 0; c < 16; c++) expected[16 + c] = Math.fround(dy[c]! + dy[48 + c]!);
      expectSameBits(dTable.floats(), expected);
    });
  });

  test("writes its columns only, with the same bits as all at once", () => {
    const ids = indices(20, 5, 2);
    const dy = normals(20 * 32, 3);
    const earlier = normals(5 * 32, 4);
    guarded(engine, (operands) => {
      const all = backward(operands, ids, dy, earlier, 32);
      all.run(0, 8);
      const part = backward(operands, ids, dy, earlier, 32);
      part.run(1, 6);
      const whole = all.dTable.floats();
      const inRange = (i: number) => i % 32 >= 4 && i % 32 < 24;
      expectSameBits(
        part.dTable.floats(),
        whole.map((value, i) => (inRange(i) ? value : earlier[i])),
      );
      part.run(6, 8);
      part.run(0, 1);
      expectSameBits(part.dTable.floats(), whole);
    });
  });
});
