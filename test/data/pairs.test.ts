/** Pairs of sequences in batches: every pair once, little padding, in an order that seed and epoch alone decide. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Pair, type PairBatch, type PairOptions, pairs } from "../../ts/data/pairs.js";
import type { Tensor } from "../../ts/data/tensor.js";
import { InputError } from "../../ts/errors.js";
import { random } from "../../ts/random.js";

const [start, end] = [1, 2];
const rowsOf = ({ shape, data }: Tensor<Uint32Array>) =>
  Array.from({ length: shape[0]! }, (_, row) => [...data.subarray(row * shape[1]!, (row + 1) * shape[1]!)]);
const orderOf = (passed: Iterable<PairBatch>) => [...passed].map(({ rows }) => [...rows]);

/** Pairs of these lengths; the numbers of pair p are 1000 p + 10 and more. */
const pairsOf = (lengths: readonly (readonly [source: number, target: number])[]): Pair[] =>
  lengths.map(([source, target], p) => ({
    source: Array.from({ length: source }, (_, i) => 1000 * p + 10 + i),
    target: Uint32Array.from({ length: target }, (_, i) => 1000 * p + 500 + i),
  }));

const length = fc.integer({ min: 1, max: 12 });
const cases = fc.record({
  lengths: fc.array(fc.tuple(length, length), { minLength: 1, maxLength: 60 }),
  batch: fc.integer({ min: 1, max: 9 }),
  pool: fc.integer({ min: 1, max: 40 }),
  seed: fc.option(fc.nat(), { nil: undefined }),
  epoch: fc.nat(1000),
});

describe("pairs", () => {
  test("give the decoder its target one step late, and padding after the end", () => {
    const examples = [
      { source: [7, 8, 9], target: [5] },
      { source: [6], target: [4, 3] },
    ];
    const [only, ...rest] = pairs(examples, { batch: 2, start, end });
    expect(rest).toEqual([]);
    expect(only).toEqual({
      inputs: {
        target: { shape: [2, 3], data: Uint32Array.of(1, 5, 0, 1, 4, 3) },
        source: { shape: [2, 3], data: Uint32Array.of(7, 8, 9, 6, 0, 0) },
      },
      lengths: { target: Uint32Array.of(2, 3), source: Uint32Array.of(3, 1) },
      targets: { shape: [2, 3], data: Uint32Array.of(5, 2, 0, 4, 3, 2) },
      rows: Uint32Array.of(0, 1),
    });
  });

  test("are all there once in every pass, whole", () => {
    fc.assert(
      fc.property(cases, ({ lengths, seed, epoch, ...options }) => {
        const examples = pairsOf(lengths);
        const made = pairs(examples, { ...options, start, end, ...(seed !== undefined && { seed }) });
        const passed = [...made.epoch(epoch)];
        expect(passed.length).toBe(made.length);
        for (const { inputs, lengths, targets, rows } of passed) {
          expect(inputs.target.shape[1]).toBe(Math.max(...lengths.target));
          expect(inputs.source.shape[1]).toBe(Math.max(...lengths.source));
          const [given, read, answers] = [inputs.target, inputs.source, targets].map(rowsOf);
          for (const [place, row] of rows.entries()) {
            const { source, target } = examples[row]!;
            const padded = (ids: number[], steps: number) => [...ids, ...Array(steps - ids.length).fill(0)];
            expect(read![place]).toEqual(padded([...(source as number[])], inputs.source.shape[1]!));
            expect(given![place]).toEqual(padded([start, ...Array.from(target)], targets.shape[1]!));
            expect(answers![place]).toEqual(padded([...Array.from(target), end], targets.shape[1]!));
            expect([lengths.source[place], lengths.target[place]]).toEqual([
              source.length,
              target.length + 1,
            ]);
          }
        }
        expect(
          orderOf(passed)
            .flat()
            .sort((a, b) => a - b),
        ).toEqual([...lengths.keys()]);
      }),
    );
  });

  test("come in an order of their own each epoch, the same whenever it is asked for", () => {
    const examples = pairsOf(Array.from({ length: 40 }, (_, i) => [1 + (i % 5), 1 + (i % 3)]));
    const options = { batch: 4, start, end, seed: 3 };
    const orders = [0, 1, 2].map((epoch) => orderOf(pairs(examples, options).epoch(epoch)));
    expect(new Set(orders.map(String)).size).toBe(3);
    expect(orderOf(pairs(examples, options).epoch(1))).toEqual(orders[1]);
    expect(orderOf(pairs(examples, options))).toEqual(orders[0]);
    expect(orderOf(pairs(examples, { ...options, seed: 4 }))).not.toEqual(orders[0]);
    const sorted = orders[0]!.map(([row]) => examples[row!]!.target.length);
    expect(sorted).not.toEqual(sorted.toSorted((a, b) => a - b)); // the batches are shuffled too
  });

  test("stay as they are without a seed where lengths shall not matter", () => {
    const examples = pairsOf([
      [3, 9],
      [9, 2],
      [1, 5],
    ]);
    expect(orderOf(pairs(examples, { batch: 2, start, end, pool: 1 }))).toEqual([[0, 1], [2]]);
    expect(orderOf(pairs(examples, { batch: 2, start, end }))).toEqual([[1, 2], [0]]);
  });

  test("of like length come together, so that less than a tenth is padding", () => {
    const draw = random(5);
    const examples = pairsOf(
      Array.from({ length: 5000 }, () => {
        const source = 1 + draw.integer(25);
        return [source, Math.max(1, source - 3 + draw.integer(7))] as const;
      }),
    );
    const padding = (options: Partial<PairOptions>) => {
      let [all, real] = [0, 0];
      for (const { inputs, lengths } of pairs(examples, { batch: 32, start, end, seed: 1, ...options })) {
        all += inputs.source.data.length + inputs.target.data.length;
        for (const steps of [...lengths.source, ...lengths.target]) real += steps;
      }
      return 1 - real / all;
    };
    expect(padding({})).toBeLessThan(0.1);
    expect(padding({ pool: 1 })).toBeGreaterThan(0.4);
  });

  test("that are empty or too long are refused, or left out and counted", () => {
    const examples = pairsOf([
      [2, 2],
      [0, 1],
      [1, 4],
      [1, 0],
      [3, 3],
    ]);
    const options = { batch: 2, start, end, longest: 3 };
    expect(() => pairs(examples, options)).toThrow("pairs[1].source: expected from 1 to 3 ids, got 0");
    expect(() => pairs(pairsOf([[1, 0]]), { batch: 1, start, end })).toThrow(
      "pairs[0].target: expected at least one id",
    );
    const kept = pairs(examples, { ...options, unfit: "drop" });
    expect([kept.length, kept.dropped]).toEqual([1, 3]);
    expect(orderOf(kept).flat().sort()).toEqual([0, 4]);
    expect(() => pairs(pairsOf([[9, 9]]), { ...options, unfit: "drop" })).toThrow(
      "neither empty nor too long",
    );
  });

  test("weigh what they are told, over the steps that they have", () => {
    const examples = [
      { source: [4], target: [4], weight: 0.5 },
      { source: [4], target: [4, 4] },
    ];
    const [only] = pairs(examples, { batch: 2, start, end });
    expect(only!.weights).toEqual(Float32Array.of(0.5, 0.5, 0, 1, 1, 1));
  });

  test.each<[Partial<PairOptions> & { examples?: unknown }, string]>([
    [{ batch: 0 }, "pairs.batch"],
    [{ start: -1 }, "pairs.start"],
    [{ end: undefined as unknown as number }, "pairs.end"],
    [{ seed: 0.5 }, "pairs.seed"],
    [{ longest: 0 }, "pairs.longest"],
    [{ pool: 0 }, "pairs.pool"],
    [{ unfit: "keep" as "drop" }, "pairs.unfit"],
    [{ examples: [] }, "at least one pair"],
    [{ examples: [{ source: [1] }] }, "pairs[0]: expected a source and a target"],
    [{ examples: [null] }, "pairs[0]: expected a source and a target"],
    [{ examples: [{ source: [1, 1.5], target: [1] }] }, "pairs[0].source[1]"],
    [{ examples: [{ source: [1], target: [-1] }] }, "pairs[0].target[0]"],
    [{ examples: [{ source: [1], target: [1], weight: -1 }] }, "pairs[0].weight"],
  ])("refuse %j", ({ examples = pairsOf([[1, 1]]), ...options }, message) => {
    const make = () => pairs(examples as Pair[], { batch: 1, start, end, ...options });
    expect(make).toThrow(InputError);
    expect(make).toThrow(message);
  });

  test("have no epoch before the first", () => {
    expect(() => pairs(pairsOf([[1, 1]]), { batch: 1, start, end }).epoch(-1)).toThrow("pairs.epoch");
  });
});
