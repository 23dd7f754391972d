/** Windows over a series: the past as it was, the future that came, and nothing of one part in another. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type HorizonOptions, horizons } from "../../ts/data/horizons.js";
import { InputError } from "../../ts/errors.js";

/** Rows [t, 100 + t, 200 + t]: a number is its own place. */
const series = (rows: number) => Array.from({ length: rows }, (_, t) => [t, 100 + t, 200 + t]);
const counting = (rows: number) => Array.from({ length: rows }, (_, t) => t);

const cases = fc
  .record({
    past: fc.integer({ min: 1, max: 6 }),
    future: fc.integer({ min: 1, max: 4 }),
    stride: fc.integer({ min: 1, max: 5 }),
    every: fc.boolean(),
    more: fc.nat(30),
  })
  .map(({ more, ...options }) => ({ options, rows: options.past + options.future + more }));

describe("horizons", () => {
  test("are the rows before a time and those after", () => {
    const made = [...horizons(counting(7), { past: 3, future: 2, stride: 2 })];
    expect(made.map(({ inputs }) => [...inputs.data])).toEqual([
      [0, 1, 2],
      [2, 3, 4],
    ]);
    expect(made.map(({ targets }) => [...targets.data])).toEqual([
      [3, 4],
      [5, 6],
    ]);
    expect(made.map(({ start }) => start)).toEqual([3, 5]);
    expect(made[0].inputs.shape).toEqual([3, 1]);
    expect(made[0].targets.shape).toEqual([1, 2]);
  });

  test("have the columns that are asked for, and what is known in advance beside them", () => {
    const [first] = horizons(series(5), { past: 2, future: 2, inputs: [0], targets: [1], known: [2] });
    expect(first.inputs).toEqual({ shape: [2, 3], data: Float32Array.of(0, 201, 202, 1, 202, 203) });
    expect(first.targets).toEqual({ shape: [1, 2], data: Float32Array.of(102, 103) });
    const [all] = horizons(series(5), { past: 1, known: [1] });
    expect(all.inputs.data).toEqual(Float32Array.of(0, 200, 101));
    expect(all.targets.data).toEqual(Float32Array.of(1, 201));
  });

  test("ask for the future after every step of the past", () => {
    const [first] = horizons(counting(9), { past: 3, future: 2, every: true });
    expect(first.targets).toEqual({ shape: [3, 2], data: Float32Array.of(1, 2, 2, 3, 3, 4) });
    expect(first.start).toBe(3);
  });

  test("follow each other by the stride as far as the series goes, and give what came after each step", () => {
    fc.assert(
      fc.property(cases, ({ options, rows }) => {
        const { past, future, stride, every } = options;
        const made = horizons(counting(rows), options);
        const all = [...made];
        expect(all.length).toBe(made.length);
        expect(all).toEqual(all.map((_, index) => made.at(index)));
        expect([made.at(-1), made.at(made.length)]).toEqual([undefined, undefined]);
        for (const [index, { inputs, targets, start }] of all.entries()) {
          const read = counting(past).map((step) => index * stride + step);
          expect([...inputs.data]).toEqual(read);
          const asked = every ? read : read.slice(-1);
          expect([...targets.data]).toEqual(asked.flatMap((t) => counting(future).map((i) => t + 1 + i)));
          expect(start).toBe(index * stride + past);
        }
        expect(rows - (all.at(-1)!.start + future)).toBeLessThan(stride);
      }),
    );
  });

  test("with the future for a stride, every row after the first past is a target once", () => {
    fc.assert(
      fc.property(cases, ({ options: { past, future }, rows }) => {
        const made = horizons(counting(rows), { past, future, stride: future });
        const given = [...made].flatMap(({ targets }) => [...targets.data]);
        expect(given).toEqual(given.map((_, i) => past + i));
        expect(rows - past - given.length).toBeLessThan(future);
      }),
    );
  });

  test("before a cut and after it share no target, and the earlier read nothing of the later", () => {
    fc.assert(
      fc.property(cases, fc.double({ min: 0.2, max: 0.8, noNaN: true }), ({ options, rows }, share) => {
        const cut = Math.max(options.past + options.future, Math.round(2 * rows * share));
        const targetsOf = (part: Partial<HorizonOptions>) =>
          [...horizons(counting(2 * rows + 10), { ...options, ...part })].flatMap(({ targets }) => [
            ...targets.data,
          ]);
        const earlier = horizons(counting(2 * rows + 10), { ...options, to: cut });
        expect(Math.max(...[...earlier].flatMap(({ inputs }) => [...inputs.data]))).toBeLessThan(cut);
        expect(Math.max(...targetsOf({ to: cut }))).toBeLessThan(cut);
        expect(Math.min(...targetsOf({ from: cut, every: false }))).toBe(cut);
        expect(Math.min(...targetsOf({ from: cut }))).toBeGreaterThanOrEqual(cut);
      }),
    );
  });
});

test("horizons refuse what holds no window, columns that there are not, and what is no number", () => {
  expect(() => horizons(counting(5), { past: 4, future: 2 })).toThrow(InputError);
  expect(() => horizons(counting(9), { past: 4, from: 8, to: 8 })).toThrow(
    "targets from row 8 on, got 9 rows",
  );
  expect(() => horizons(counting(9), { past: 0 })).toThrow("horizons.past");
  expect(() => horizons(counting(9), { past: 1, future: 0.5 })).toThrow("horizons.future");
  expect(() => horizons(counting(9), { past: 1, stride: 0 })).toThrow("horizons.stride");
  expect(() => horizons(counting(9), { past: 1, known: [1] })).toThrow(
    "horizons.known: expected a whole number from 0 to 0",
  );
  expect(() => horizons(counting(9), { past: 1, to: 10 })).toThrow("horizons.to");
  expect(() =>
    horizons(
      [
        [1, 2],
        [3, NaN],
      ],
      { past: 1 },
    ),
  ).toThrow("horizons[1][1]: expected a finite number, got NaN");
});
