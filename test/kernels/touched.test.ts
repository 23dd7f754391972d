/** Rows that a batch touches are taken into a set once each, in order, and are put back where they belong. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { expectSameBits } from "../reference/compare.js";
import { indices, normals } from "../reference/draw.js";
import { createEngine } from "./engine.js";
import { guarded } from "./operands.js";

const engine = await createEngine({ memory: 16 });
/** In the place of a row: that it has none. */
const NONE = 0xffffffff;

interface Batch {
  /** [steps][batch] */
  readonly ids: readonly number[];
  readonly batch: number;
  readonly lengths?: readonly number[] | undefined;
}

/** What the kernel makes of some batches, one after another, in a set that holds rubbish beyond its size of 0. */
function touch(entries: number, padding: number, batches: readonly Batch[]) {
  let result: { list: number[]; places: number[][] } | undefined;
  guarded(engine, (operands) => {
    const words = (values: readonly number[]) => Uint32Array.from(values);
    const [size, list, places] = [
      operands.output(Uint32Array.of(0)),
      operands.output(indices(entries, entries, 1)),
      operands.output(indices(entries, entries, 2)),
    ];
    const read = ({ address }: { address: number }, count: number) => [
      ...engine.words.subarray(address / 4, address / 4 + count),
    ];
    const found = batches.map(({ ids, batch, lengths }) => {
      const y = operands.output(ids.length);
      engine.call("touchRows", {
        ids: operands.input(words(ids)).address,
        lengths: lengths ? operands.input(words(lengths)).address : (0 as typeof y.address),
        y: y.address,
        size: size.address,
        list: list.address,
        places: places.address,
        padding,
        steps: ids.length / batch,
        batch,
      });
      return read(y, ids.length);
    });
    result = { list: read(list, read(size, 1)[0]!), places: found };
  });
  return result!;
}

test("each row is taken in once, in the order in which they come, over all batches of a step", () => {
  const batches = [
    { ids: [5, 2, 5, 0], batch: 2 },
    { ids: [2, 7, 5], batch: 3 },
  ];
  expect(touch(8, NONE, batches)).toEqual({
    list: [5, 2, 0, 7],
    places: [
      [0, 1, 0, 2],
      [1, 3, 0],
    ],
  });
});

test("padding has no place, nor have steps past the length of their row", () => {
  const batch = { ids: [5, 3, 3, 6, 4, 1], batch: 2, lengths: [3, 1] };
  expect(touch(8, 3, [batch])).toEqual({ list: [5, 4], places: [[0, NONE, NONE, NONE, 1, NONE]] });
});

test("whatever the batches, the set is what a Map makes of them", () => {
  const batches = fc.integer({ min: 1, max: 70 }).chain((entries) =>
    fc.record({
      entries: fc.constant(entries),
      padding: fc.option(fc.nat(entries - 1), { nil: NONE }),
      batches: fc.array(
        fc.record({
          ids: fc.array(fc.nat(entries - 1), { minLength: 1, maxLength: 90 }),
          batch: fc.constant(1),
        }),
        { maxLength: 4 },
      ),
    }),
  );
  fc.assert(
    fc.property(batches, ({ entries, padding, batches }) => {
      const set = new Map<number, number>();
      const places = batches.map(({ ids }) =>
        ids.map((id) => {
          if (id === padding) return NONE;
          if (!set.has(id)) set.set(id, set.size);
          return set.get(id)!;
        }),
      );
      expect(touch(entries, padding, batches)).toEqual({ list: [...set.keys()], places });
    }),
  );
});

test("rows are put back where they belong, those of the range and no others", () => {
  const [x, table] = [normals(4 * 16, 1), normals(6 * 16, 2)];
  guarded(engine, (operands) => {
    const put = operands.output(table);
    engine.call("putRows", {
      x: operands.input(x).address,
      ids: operands.input(Uint32Array.of(9, 5, 0, 9)).address, // 9 is no entry: those rows are not read
      table: put.address,
      stride: 16,
      from: 1,
      to: 3,
    });
    const expected = table.slice();
    expected.set(x.subarray(16, 32), 80);
    expected.set(x.subarray(32, 48), 0);
    expectSameBits(put.floats(), expected);
  });
});
