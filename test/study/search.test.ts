/** Searches try what they say, in an order of their own, however many at once. */

import { describe, expect, test } from "vitest";
import { DivergedError, InputError } from "../../ts/errors.js";
import { random } from "../../ts/random.js";
import { gridSearch, logUniformly, randomSearch, type Trial, uniformly } from "../../ts/study/search.js";

async function collect<T>(trials: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const trial of trials) all.push(trial);
  return all;
}

const later = (turns: number) =>
  Array.from({ length: turns }).reduce<Promise<unknown>>(
    (before) => before.then(() => undefined),
    Promise.resolve(),
  );

describe("a grid", () => {
  test("has every combination once, the last option first", async () => {
    const trials = await collect(
      gridSearch(
        { units: [8, 16], cell: ["gru", "lstm", "rnn"] },
        { run: ({ units, cell }) => units + cell.length },
      ),
    );
    expect(trials.map(({ options }) => `${options.cell} ${options.units}`)).toEqual([
      "gru 8",
      "lstm 8",
      "rnn 8",
      "gru 16",
      "lstm 16",
      "rnn 16",
    ]);
    expect(trials.map(({ index, score }) => [index, score])).toEqual([
      [0, 11],
      [1, 12],
      [2, 11],
      [3, 19],
      [4, 20],
      [5, 19],
    ]);
  });

  test("of no options is one trial, of an option without values refused", async () => {
    expect(await collect(gridSearch({}, { run: () => 1 }))).toEqual([{ index: 0, options: {}, score: 1 }]);
    expect(() => gridSearch({ units: [] }, { run: () => 1 })).toThrow(
      "gridSearch.units: expected at least one value",
    );
  });
});

describe("a random search", () => {
  const space = { units: [8, 16, 32], rate: logUniformly(1e-4, 1e-1), dropout: uniformly(0, 0.5) };
  const draw = (trials: number, seed: number) =>
    collect(randomSearch(space, { trials, seed, run: ({ rate }) => rate }));

  test("draws each trial by seed and index alone", async () => {
    const ten = await draw(10, 1);
    expect(await draw(4, 1)).toEqual(ten.slice(0, 4));
    expect(await draw(10, 2)).not.toEqual(ten);
    expect(new Set(ten.map(({ options }) => options.rate)).size).toBe(10);
  });

  test("draws from the whole of each range, rates by their order of magnitude", async () => {
    const trials = await draw(900, 3);
    const share = (
      of: (options: Trial<{ units: number; rate: number; dropout: number }>["options"]) => boolean,
    ) => trials.filter(({ options }) => of(options)).length / 900;
    for (const units of space.units)
      expect(share((options) => options.units === units)).toBeCloseTo(1 / 3, 1);
    for (const low of [1e-4, 1e-3, 1e-2])
      expect(share(({ rate }) => rate >= low && rate < 10 * low)).toBeCloseTo(1 / 3, 1);
    expect(share(({ dropout }) => dropout < 0.25)).toBeCloseTo(1 / 2, 1);
    for (const { options } of trials) expect(options.dropout).toBeLessThan(0.5);
  });

  test("refuses ranges that are none", () => {
    expect(() => uniformly(1, 1)).toThrow(
      "uniformly: expected two finite numbers, the lower first, got 1 and 1",
    );
    expect(() => uniformly(0, Infinity)).toThrow(InputError);
    expect(() => logUniformly(0, 1)).toThrow("logUniformly: expected numbers above 0, got 0");
    expect(() => randomSearch({ units: [] }, { trials: 1, seed: 0, run: () => 0 })).toThrow(
      "randomSearch.units",
    );
    expect(() => randomSearch({}, { trials: 0, seed: 0, run: () => 0 })).toThrow("randomSearch.trials");
    expect(logUniformly(1, 2)(random(0))).toBeGreaterThanOrEqual(1);
  });
});

describe("trials side by side", () => {
  const grid = { n: [5, 1, 4, 0, 3, 2, 7, 6] };

  test.each([1, 2, 3, 20])("are at most %d at once, and come in order", async (atOnce) => {
    let [running, most] = [0, 0];
    const run = async ({ n }: { n: number }) => {
      most = Math.max(most, ++running);
      await later(5 * n);
      running--;
      return n;
    };
    const trials = await collect(gridSearch(grid, { run, atOnce }));
    expect(trials.map(({ index }) => index)).toEqual([...grid.n.keys()]);
    expect(trials.map(({ score }) => score)).toEqual(grid.n);
    expect(most).toBe(Math.min(atOnce, grid.n.length));
  });

  test("of which one diverges go on; any other error ends them", async () => {
    const diverging = new DivergedError({
      where: "t",
      expected: "",
      got: "",
      step: 3,
      operation: "o",
      tensor: "t",
    });
    const failing = (error: Error) => ({
      atOnce: 2,
      run: async ({ n }: { n: number }) => {
        await later(n);
        if (n === 4) throw error;
        return n;
      },
    });
    const trials = await collect(gridSearch(grid, failing(diverging)));
    expect(trials.map(({ score }) => score)).toEqual([5, 1, Infinity, 0, 3, 2, 7, 6]);
    const seen: number[] = [];
    const reading = async () => {
      for await (const { index } of gridSearch(grid, failing(new Error("no data")))) seen.push(index);
    };
    await expect(reading()).rejects.toThrow("no data");
    expect(seen).toEqual([0, 1]);
    await expect(collect(gridSearch({ n: [1] }, { run: () => NaN }))).rejects.toThrow(
      "search trial 0: expected a score, got NaN",
    );
  });

  test("end when they are left or aborted, and none begins after", async () => {
    const begun: number[] = [];
    const run = async (_: object, index: number) => {
      begun.push(index);
      await later(3);
      return index;
    };
    for await (const { index } of gridSearch(grid, { run, atOnce: 2 })) if (index === 1) break;
    const before = begun.length;
    expect(before).toBeLessThan(grid.n.length);
    await later(50);
    expect(begun.length).toBe(before);

    const controller = new AbortController();
    const reading = async () => {
      for await (const { index } of gridSearch(grid, { run, signal: controller.signal }))
        if (index === 1) controller.abort();
    };
    await expect(reading()).rejects.toThrow(expect.objectContaining({ name: "AbortError" }));
  });
});
