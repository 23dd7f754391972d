/** Windows read every lane of the text once, in order, each symbol followed by its successor. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Batch, windows } from "../../ts/data/windows.js";
import { InputError } from "../../ts/errors.js";

/** The ids 0, 1, 2, ...: an id is its own place in the text. */
const places = (count: number) => Uint32Array.from({ length: count }, (_, place) => place);

const row = (tensor: { shape: readonly number[]; data: Uint32Array }, index: number) =>
  [...tensor.data].slice(index * tensor.shape[1], (index + 1) * tensor.shape[1]);

/** A text with at least one window, and the size of the batches. */
const cases = fc
  .record({ batch: fc.integer({ min: 1, max: 6 }), steps: fc.integer({ min: 1, max: 9 }), more: fc.nat(80) })
  .map(({ batch, steps, more }) => ({ batch, steps, count: batch * steps + 1 + more }));

describe("windows", () => {
  test("cuts 9 symbols into 2 lanes and windows of 2 steps", () => {
    const batches = [...windows(places(9), { batch: 2, steps: 2 })];
    expect(batches.map(({ inputs }) => [...inputs.data])).toEqual([
      [0, 1, 4, 5],
      [2, 3, 6, 7],
    ]);
    expect(batches.map(({ targets }) => [...targets.data])).toEqual([
      [1, 2, 5, 6],
      [3, 4, 7, 8],
    ]);
    expect(batches.map(({ continues }) => continues)).toEqual([false, true]);
    expect(batches[0].inputs.shape).toEqual([2, 2]);
    expect(batches[0].targets.shape).toEqual([2, 2]);
  });

  /** The places of a row's targets that count. */
  const counted = ({ targets, weights }: Batch, index: number) =>
    row(targets, index).filter((_, step) => (weights?.[index * targets.shape[1] + step] ?? 1) === 1);

  test("goes on to the end of lanes of which one is longer, and counts nothing past it", () => {
    const [, last] = windows(places(14), { batch: 2, steps: 4 });
    expect(last.inputs.data).toEqual(new Uint32Array([4, 5, 6, 0, 11, 12, 0, 0]));
    expect(last.targets.data).toEqual(new Uint32Array([5, 6, 7, 0, 12, 13, 0, 0]));
    expect(last.weights).toEqual(new Float32Array([1, 1, 1, 0, 1, 1, 0, 0]));
  });

  test("tiles each lane without gap or overlap, and each row goes on where it stopped", () => {
    fc.assert(
      fc.property(cases, ({ batch, steps, count }) => {
        const batches = [...windows(places(count), { batch, steps })];
        let next = 0;
        for (let b = 0; b < batch; b++) {
          const read = batches.flatMap((window) => counted(window, b));
          expect(read).toEqual(read.map((_, i) => next + 1 + i));
          expect(read.length).toBeGreaterThanOrEqual(Math.floor((count - 1) / batch));
          next += read.length;
        }
        expect(next).toBe(count - 1);
      }),
    );
  });

  test("has for target the symbol after each input", () => {
    fc.assert(
      fc.property(cases, ({ batch, steps, count }) => {
        for (const { inputs, targets, weights } of windows(places(count), { batch, steps }))
          for (const [i, place] of inputs.data.entries())
            if ((weights?.[i] ?? 1) === 1) expect(targets.data[i]).toBe(place + 1);
      }),
    );
  });

  test("tells its length and its symbols, and begins anew each time it is iterated", () => {
    fc.assert(
      fc.property(cases, ({ batch, steps, count }) => {
        const made = windows(places(count), { batch, steps });
        const first = [...made];
        expect(made.length).toBe(first.length);
        expect(made.symbols).toBe(count - 1);
        expect(first.map(({ continues }) => continues)).toEqual(first.map((_, index) => index > 0));
        expect([...made]).toEqual(first);
      }),
    );
  });

  test("reads any list of whole numbers", () => {
    const [only] = windows([5, 6, 7], { batch: 1, steps: 2 });
    expect(only.inputs.data).toEqual(new Uint32Array([5, 6]));
    expect(only.targets.data).toEqual(new Uint32Array([6, 7]));
  });

  test("needs one symbol more than its lanes have steps", () => {
    expect(windows(places(13), { batch: 3, steps: 4 }).length).toBe(1);
    expect(() => windows(places(12), { batch: 3, steps: 4 })).toThrow(
      "windows.batch: expected at least 13 symbols for 3 lanes of 4 steps, got 12",
    );
    expect(() => windows([], { batch: 1, steps: 1 })).toThrow(InputError);
  });

  test.each([0, -1, 1.5, NaN, Infinity])("refuses a batch or steps of %d", (value) => {
    expect(() => windows(places(99), { batch: value, steps: 1 })).toThrow("windows.batch");
    expect(() => windows(places(99), { batch: 1, steps: value })).toThrow("windows.steps");
  });

  test.each([-1, 0.5, NaN, 2 ** 32])("refuses the id %d", (id) => {
    expect(() => windows([0, id, 2], { batch: 1, steps: 1 })).toThrow(
      "windows[1]: expected an index, a whole number from 0",
    );
  });

  test("that overlap count each target once and carry the state to where the next one begins", () => {
    fc.assert(
      fc.property(cases, fc.integer({ min: 1, max: 9 }), ({ batch, steps, count }, most) => {
        const advance = Math.min(most, steps);
        const all = windows(places(count), { batch, steps, advance });
        const batches = [...all];
        expect(batches.length).toBe(all.length);
        const counted = batches.flatMap(({ targets, weights }) =>
          [...targets.data].filter((_, i) => weights === undefined || weights[i] === 1),
        );
        expect(counted.sort((a, b) => a - b)).toEqual([...places(count)].slice(1));
        expect(all.symbols).toBe(counted.length);
        for (const [index, { inputs, advance: carried = steps }] of batches.slice(0, -1).entries())
          for (let b = 0; b < batch; b++) {
            const next = row(batches[index + 1].inputs, b)[0];
            if (next !== 0) expect(next).toBe(row(inputs, b)[0] + carried); // else the lane has ended
          }
      }),
    );
  });

  test("do not advance by more than their steps", () => {
    expect(() => windows(places(20), { batch: 1, steps: 3, advance: 4 })).toThrow(
      "windows.advance: expected at most 3, the steps, got 4",
    );
  });

  test("of numbers have the next row for target, or what is given for each", () => {
    const rows = Array.from({ length: 5 }, (_, t) => [t, -t]);
    const [next] = windows(rows, { batch: 2, steps: 2 });
    expect(next.inputs).toEqual({ shape: [2, 2, 2], data: Float32Array.of(0, -0, 1, -1, 2, -2, 3, -3) });
    expect(next.targets).toEqual({ shape: [2, 2, 2], data: Float32Array.of(1, -1, 2, -2, 3, -3, 4, -4) });
    const labels = [5, 6, 7, 8, 9];
    const [first, second] = windows(rows, { batch: 1, steps: 3, targets: labels });
    expect(first.targets).toEqual({ shape: [1, 3], data: Uint32Array.of(5, 6, 7) });
    expect(second.inputs.data).toEqual(Float32Array.of(3, -3, 4, -4, 0, 0));
    expect(second.targets.data).toEqual(Uint32Array.of(8, 9, 0));
    expect(second.weights).toEqual(Float32Array.of(1, 1, 0));
  });

  test("with targets of their own count each of them once", () => {
    fc.assert(
      fc.property(cases, fc.integer({ min: 1, max: 9 }), ({ batch, steps, count }, most) => {
        const options = { batch, steps, advance: Math.min(most, steps), targets: places(count) };
        const all = windows(places(count), options);
        const counted = [...all].flatMap(({ inputs, targets, weights }) => {
          const some = [...targets.data].filter((_, i) => (weights?.[i] ?? 1) === 1);
          expect(some).toEqual([...inputs.data].filter((_, i) => (weights?.[i] ?? 1) === 1));
          return some;
        });
        expect(counted.sort((a, b) => a - b)).toEqual([...places(count)]);
        expect(all.symbols).toBe(count);
      }),
    );
  });

  test("refuse targets of another length, and what is not a finite number", () => {
    expect(() => windows([[1], [2]], { batch: 1, steps: 1, targets: [0] })).toThrow(
      "windows.targets: expected 2 steps as in the series, got 1",
    );
    expect(() =>
      windows(
        [
          [1, 2],
          [3, NaN],
        ],
        { batch: 1, steps: 1 },
      ),
    ).toThrow("windows[1][1]: expected");
  });
});
