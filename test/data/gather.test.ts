/** Rows that come one by one make the batches that a set of them would. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { batches } from "../../ts/data/batches.js";
import { gather } from "../../ts/data/gather.js";
import type { Row } from "../../ts/data/rows.js";
import { InputError } from "../../ts/errors.js";

const rowsOf = (lengths: readonly number[]): Row[] =>
  lengths.map((length, row) => ({ inputs: Array(length).fill(row), targets: row }));

/** As a server would give them. */
async function* arriving(rows: readonly Row[]) {
  for (const row of rows) yield await Promise.resolve(row);
}

const collect = async <T>(source: AsyncIterable<T>) => {
  const all: T[] = [];
  for await (const one of source) all.push(one);
  return all;
};

test("with a pool for all, the batches are those of the set", async () => {
  const rows = rowsOf([3, 1, 4, 1, 5]);
  expect(await collect(gather(rows, { batch: 2 }))).toEqual([...batches(rows, { batch: 2 })]);
});

test("every row is once in every pass, whatever the pool, the same way each time", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 40 }),
      fc.record({
        batch: fc.integer({ min: 1, max: 5 }),
        more: fc.nat(20),
        buckets: fc.integer({ min: 1, max: 3 }),
      }),
      fc.nat(),
      async (lengths, { batch, more, buckets }, seed) => {
        const source = { [Symbol.asyncIterator]: () => arriving(rowsOf(lengths)) };
        const gathered = gather(source, { batch, pool: batch + more, buckets, seed });
        for (const epoch of [0, 3]) {
          const passed = await collect(gathered.epoch(epoch));
          expect(passed.flatMap(({ rows }) => [...rows]).sort((a, b) => a - b)).toEqual([...lengths.keys()]);
          for (const { targets, rows } of passed) expect(targets.data).toEqual(rows);
          expect(await collect(gathered.epoch(epoch))).toEqual(passed);
        }
      },
    ),
    { numRuns: 50 },
  );
});

test("epochs differ in order", async () => {
  const gathered = gather(rowsOf(Array(40).fill(2)), { batch: 4, seed: 1 });
  const orders = await Promise.all([0, 1].map(async (epoch) => collect(gathered.epoch(epoch))));
  expect(orders[0].map(({ rows }) => [...rows])).not.toEqual(orders[1].map(({ rows }) => [...rows]));
});

test("a row that cannot be used is named as it came, and a source without rows refused", async () => {
  const rows = [...rowsOf([1, 1, 1, 1]), { inputs: [NaN], targets: 0 }];
  await expect(collect(gather(rows, { batch: 1, pool: 2 }))).rejects.toThrow(
    "rows[4].inputs[0]: expected an index",
  );
  await expect(collect(gather([], { batch: 1 }))).rejects.toThrow(
    "gather: expected at least one row, got none",
  );
  expect(() => gather(rows, { batch: 4, pool: 3 })).toThrow(InputError);
});
