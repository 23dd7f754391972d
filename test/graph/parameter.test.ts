/** How parameters lie in memory. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Address } from "../../ts/engine/address.js";
import { createEngine } from "../../ts/engine/create.js";
import { zeros } from "../../ts/graph/initialisers.js";
import {
  type Layout,
  panelColumns,
  panelLayout,
  parameter,
  readParameter,
  rowLayout,
  writeParameter,
} from "../../ts/graph/parameter.js";
import { expectSameBits } from "../reference/compare.js";
import { normals } from "../reference/draw.js";

const width = fc.integer({ min: 1, max: 70 });

function position({ stride, start }: Layout, row: number, column: number): number {
  return row * stride + start(column);
}

function positions(layout: Layout): number[] {
  const { rows, columns } = layout;
  return Array.from({ length: rows * columns }, (_, i) =>
    position(layout, Math.floor(i / columns), i % columns),
  );
}

test("every element of a panel layout has a place of its own inside the range", () => {
  fc.assert(
    fc.property(width, fc.integer({ min: 1, max: 4 }), width, (rows, gates, units) => {
      const layout = panelLayout(rows, gates, units);
      const all = positions(layout);
      expect(new Set(all).size).toBe(all.length);
      expect(Math.max(...all)).toBeLessThan(layout.count);
      expect(layout.count).toBe(rows * panelColumns(gates, units));
    }),
  );
});

test("rows of a row layout start on cache lines and are contiguous", () => {
  fc.assert(
    fc.property(width, width, (rows, columns) => {
      const layout = rowLayout(rows, columns);
      expect(position(layout, rows - 1, 0) % 16).toBe(0);
      expect(position(layout, 0, columns - 1)).toBe(columns - 1);
    }),
  );
});

test("a panel holds four units of all four gates side by side", () => {
  const layout = panelLayout(1, 4, 8);
  const gate = (index: number) =>
    Array.from({ length: 8 }, (_, unit) => position(layout, 0, index * 8 + unit));
  expect(gate(0)).toEqual([0, 1, 2, 3, 16, 17, 18, 19]);
  expect(gate(1)).toEqual([4, 5, 6, 7, 20, 21, 22, 23]);
  expect(gate(3)).toEqual([12, 13, 14, 15, 28, 29, 30, 31]);
});

test("a panel of one gate holds sixteen columns of every row", () => {
  const layout = panelLayout(3, 1, 20);
  expect(position(layout, 2, 15)).toBe(2 * 16 + 15);
  expect(position(layout, 0, 16)).toBe(3 * 16);
});

const engine = await createEngine({ memory: 64, threads: 1 });

test.each([
  ["panels of one gate", panelLayout(300, 1, 500)],
  ["panels of three gates", panelLayout(700, 3, 33)],
  ["rows", rowLayout(20, 33)],
  ["rows without padding", rowLayout(20, 32)],
])("the elements of %s lie where the layout says, and come back", (_, layout) => {
  const { rows, columns, count, stride } = layout;
  const block = engine.allocate(count * 4, "a parameter");
  const made = parameter("weight", { layout, shape: [rows, columns], initialise: zeros, decays: true });
  made.value.address = block.address as Address;
  const values = Float32Array.from(normals(rows * columns, 1));
  writeParameter(engine, made, values);
  const stored = engine.view(block.address, count).slice();
  const expected = new Float32Array(count);
  for (let i = 0; i < values.length; i++) {
    expected[Math.floor(i / columns) * stride + layout.start(i % columns)] = values[i]!;
  }
  expectSameBits(stored, expected);
  expectSameBits(readParameter(engine, made), values);
  engine.release(block);
});
