/** Reading ahead changes when examples are asked for, and nothing else. */

import { expect, test } from "vitest";
import { prefetch } from "../../ts/data/prefetch.js";

/** Counts up, and tells how far it was asked and whether it was left. */
function source(count: number, failing = Infinity) {
  const seen = { asked: 0, left: false };
  return {
    seen,
    async *[Symbol.asyncIterator]() {
      try {
        for (; seen.asked < count; ) {
          if (seen.asked === failing) throw new Error("torn");
          yield seen.asked++;
        }
      } finally {
        seen.left = true;
      }
    },
  };
}

const collect = async <T>(from: AsyncIterable<T>) => {
  const all: T[] = [];
  for await (const one of from) all.push(one);
  return all;
};

test("gives the same examples in the same order", async () => {
  expect(await collect(prefetch(source(9), { ahead: 3 }))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  expect(await collect(prefetch([5, 6, 7]))).toEqual([5, 6, 7]);
  expect(await collect(prefetch([]))).toEqual([]);
});

test("asks for as many more as it is told, and no more", async () => {
  const from = source(20);
  for await (const one of prefetch(from, { ahead: 3 })) {
    await new Promise((resolve) => setTimeout(resolve));
    expect(from.seen.asked).toBe(Math.min(20, one + 4));
  }
});

test("throws an error where its example would have come", async () => {
  const got: number[] = [];
  const reading = async () => {
    for await (const one of prefetch(source(9, 4), { ahead: 6 })) got.push(one);
  };
  await expect(reading()).rejects.toThrow("torn");
  expect(got).toEqual([0, 1, 2, 3]);
});

test("leaves the source when it is left", async () => {
  const from = source(20);
  for await (const one of prefetch(from, { ahead: 2 })) if (one === 3) break;
  expect(from.seen.left).toBe(true);
});

test("passes epochs on", async () => {
  const epochs = {
    epoch: (index: number) => [index, index + 1],
    [Symbol.iterator]: () => [9][Symbol.iterator](),
  };
  expect(await collect(prefetch(epochs).epoch(4))).toEqual([4, 5]);
  expect(await collect(prefetch(epochs))).toEqual([0, 1]);
});

test.each([0, -1, 1.5])("does not read %d ahead", (ahead) => {
  expect(() => prefetch([], { ahead })).toThrow("prefetch.ahead");
});
