/** Batches have every row once, padded, in an order that seed and epoch alone decide. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type BatchOptions, batches, type PaddedBatch } from "../../ts/data/batches.js";
import type { Row } from "../../ts/data/rows.js";
import { tensor } from "../../ts/data/tensor.js";
import { InputError } from "../../ts/errors.js";

/** Rows of these lengths whose numbers tell their place: row r has 100 r + 1, 100 r + 2, and so on. */
const rowsOf = (lengths: readonly number[]): Row[] =>
  lengths.map((length, row) => ({
    inputs: Array.from({ length }, (_, step) => 100 * row + step + 1),
    targets: row,
  }));

const cases = fc
  .record({
    lengths: fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 40 }),
    size: fc.nat(40),
    buckets: fc.integer({ min: 1, max: 4 }),
    seed: fc.option(fc.nat(), { nil: undefined }),
    epoch: fc.nat(1000),
  })
  .map(({ size, seed, buckets, ...rest }) => ({
    ...rest,
    options: { batch: 1 + (size % rest.lengths.length), buckets, ...(seed !== undefined && { seed }) },
  }));

const orderOf = (passed: Iterable<PaddedBatch>) => [...passed].map(({ rows }) => [...rows]);

describe("batches", () => {
  test("pad the rows of a batch to one length", () => {
    const [first, second] = batches(rowsOf([3, 1, 2]), { batch: 2 });
    expect(first).toEqual({
      inputs: { shape: [2, 3], data: Uint32Array.of(1, 2, 3, 101, 0, 0) },
      targets: { shape: [2, 1], data: Uint32Array.of(0, 1) },
      lengths: Uint32Array.of(3, 1),
      rows: Uint32Array.of(0, 1),
    });
    expect(second).toMatchObject({ inputs: { shape: [1, 3] }, lengths: Uint32Array.of(2) });
  });

  test("have every row once in every pass, and all of it", () => {
    fc.assert(
      fc.property(cases, ({ lengths, options, epoch }) => {
        const made = batches(rowsOf(lengths), options);
        const passed = [...made.epoch(epoch)];
        expect(passed.length).toBe(made.length);
        const seen = passed.flatMap(({ inputs, targets, lengths: steps, rows }) =>
          [...rows].map((row, place) => {
            const length = steps?.[place] ?? inputs.shape[1];
            const numbers = [...inputs.data].slice(place * inputs.shape[1], (place + 1) * inputs.shape[1]);
            expect(numbers).toEqual(numbers.map((_, step) => (step < length ? 100 * row + step + 1 : 0)));
            expect(length).toBe(lengths[row]);
            expect(targets.data[place]).toBe(row);
            return row;
          }),
        );
        expect(seen.sort((a, b) => a - b)).toEqual([...lengths.keys()]);
      }),
    );
  });

  test("have rows of one bucket each, and no more sizes than buckets but for what is left over", () => {
    fc.assert(
      fc.property(cases, ({ lengths, options, epoch }) => {
        const passed = [...batches(rowsOf(lengths), options).epoch(epoch)];
        const steps = new Set(passed.map(({ inputs }) => inputs.shape[1]));
        expect(steps.size).toBeLessThanOrEqual(options.buckets);
        for (const { inputs, rows } of passed)
          for (const row of rows) {
            const fitting = [...steps].filter((padding) => lengths[row] <= padding);
            expect(inputs.shape[1]).toBe(Math.min(...fitting));
          }
        const small = passed.filter(({ rows }) => rows.length < options.batch);
        expect(small.length).toBeLessThanOrEqual(steps.size);
      }),
    );
  });

  test("come in the same order for the same seed and epoch, whatever was asked before", () => {
    fc.assert(
      fc.property(cases, ({ lengths, options, epoch }) => {
        const made = batches(rowsOf(lengths), options);
        const first = orderOf(made.epoch(epoch));
        orderOf(made.epoch(epoch + 1));
        expect(orderOf(made.epoch(epoch))).toEqual(first);
        expect(orderOf(batches(rowsOf(lengths), options).epoch(epoch))).toEqual(first);
        expect(orderOf(made)).toEqual(orderOf(made.epoch(0)));
      }),
    );
  });

  test("come in another order each epoch and for another seed, and without one as the rows do", () => {
    const rows = rowsOf(Array(30).fill(4));
    const order = (options: Omit<BatchOptions, "batch">, epoch: number) =>
      orderOf(batches(rows, { batch: 5, ...options }).epoch(epoch)).flat();
    const orders = [order({ seed: 1 }, 0), order({ seed: 1 }, 1), order({ seed: 2 }, 0), order({}, 0)];
    expect(new Set(orders.map(String)).size).toBe(4);
    expect(orders[3]).toEqual([...rows.keys()]);
    expect(order({}, 7)).toEqual(orders[3]);
  });

  test("of long rows come among those of short ones", () => {
    const rows = rowsOf([...Array(20).fill(2), ...Array(20).fill(9)]);
    const passed = [...batches(rows, { batch: 2, buckets: 2, seed: 1 }).epoch(0)];
    const steps = passed.map(({ inputs }) => inputs.shape[1]);
    const changes = steps.filter((step, i) => i > 0 && step !== steps[i - 1]).length;
    expect(changes).toBeGreaterThan(5);
  });

  test("shuffle so that each row is as likely anywhere", () => {
    const made = batches(rowsOf([1, 1, 1, 1]), { batch: 1, seed: 5 });
    const counts = Array.from({ length: 4 }, () => Array(4).fill(0));
    for (let epoch = 0; epoch < 2000; epoch++)
      for (const [place, [row]] of orderOf(made.epoch(epoch)).entries()) counts[place][row]++;
    // Five standard deviations of a binomial count.
    for (const count of counts.flat())
      expect(Math.abs(count - 500)).toBeLessThan(5 * Math.sqrt(2000 * 0.25 * 0.75));
  });

  test("have rows of numbers, targets for each step, and weights", () => {
    const rows: Row[] = [
      {
        inputs: [
          [1, 2],
          [3, 4],
        ],
        targets: [5, 6],
        weight: 0.5,
      },
      { inputs: tensor(Float32Array.of(7, 8), [1, 2]), targets: tensor(Uint32Array.of(9), [1]) },
    ];
    const [batch] = batches(rows, { batch: 2 });
    expect(batch).toEqual({
      inputs: { shape: [2, 2, 2], data: Float32Array.of(1, 2, 3, 4, 7, 8, 0, 0) },
      targets: { shape: [2, 2], data: Uint32Array.of(5, 6, 9, 0) },
      lengths: Uint32Array.of(2, 1),
      weights: Float32Array.of(0.5, 0.5, 1, 1),
      rows: Uint32Array.of(0, 1),
    });
  });

  test("read rows that are made when they are asked for", () => {
    const rows = { length: 3, at: (index: number) => ({ inputs: [[index]], targets: [[-index]] }) };
    const [first] = batches(rows, { batch: 3 });
    expect(first.inputs).toEqual({ shape: [3, 1, 1], data: Float32Array.of(0, 1, 2) });
    expect(first.targets).toEqual({ shape: [3, 1, 1], data: Float32Array.of(-0, -1, -2) });
    expect(first.lengths).toBeUndefined();
  });
});

describe("batches refuse, before the first is made,", () => {
  const good = {
    inputs: [
      [1, 2],
      [3, 4],
    ],
    targets: 0,
  };
  test.each<[string, unknown[], string]>([
    [
      "a NaN",
      [
        good,
        {
          inputs: [
            [1, 2],
            [3, NaN],
          ],
          targets: 0,
        },
      ],
      "rows[1].inputs[1][1]: expected a number that is finite in float32, got NaN",
    ],
    ["a NaN to be given", [{ inputs: [1], targets: [[1], [NaN]] }], "rows[0].targets[1]"],
    ["an index that is none", [{ inputs: [1, -1], targets: 0 }], "rows[0].inputs[1]: expected an index"],
    ["a class that is none", [{ inputs: [1], targets: 1.5 }], "rows[0].targets[0]: expected an index"],
    [
      "rows of another width",
      [good, { inputs: [[1, 2, 3]], targets: 0 }],
      "rows[1].inputs: expected rows of 2 numbers as in row 0, got rows of 3 numbers",
    ],
    [
      "indices among numbers",
      [good, { inputs: [1, 2], targets: 0 }],
      "rows[1].inputs: expected rows of 2 numbers as in row 0, got indices",
    ],
    [
      "targets that fit neither",
      [good, { ...good, targets: [1, 2, 3] }],
      "rows[1].targets: expected 1 steps as in row 0, or as many as the inputs, got 3 of 2",
    ],
    ["a row without steps", [good, { inputs: [], targets: 0 }], "rows[1].inputs"],
    [
      "a weight below 0",
      [{ ...good, weight: -1 }],
      "rows[0].weight: expected a finite number from 0, got -1",
    ],
    ["what is no row", [good, undefined], "rows[1]: expected a row of inputs and targets, got undefined"],
    [
      "a row without targets",
      [{ inputs: [1] }],
      "rows[0].targets: expected numbers, rows of numbers or a tensor, got undefined",
    ],
    ["an empty set", [], "rows: expected at least one row, got none"],
  ])("%s", (_, rows, message) => {
    const refused = () => batches(rows as Row[], { batch: 1 });
    expect(refused).toThrow(InputError);
    expect(refused).toThrow(message);
  });

  test("a batch larger than the set, and options that are none", () => {
    const rows = rowsOf([1, 2]);
    expect(() => batches(rows, { batch: 3 })).toThrow("batches.batch: expected at most the 2 rows, got 3");
    expect(() => batches(rows, { batch: 0 })).toThrow("batches.batch");
    expect(() => batches(rows, { batch: 1, buckets: 1.5 })).toThrow("batches.buckets");
    expect(() => batches(rows, { batch: 1, seed: -1 })).toThrow("batches.seed");
    expect(() => batches(rows, { batch: 1 }).epoch(-1)).toThrow("batches.epoch");
  });
});
