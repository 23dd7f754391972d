/** The loop of training. */
import { expect, test } from "vitest";
import { DivergedError } from "../../ts/errors.js";
import { passes, type WordProgress } from "../../ts/words/training.js";

test("goes through the batches of every epoch and says how far it is", async () => {
  const seen: WordProgress[] = [];
  const learn = (batch: number, epoch: number, fraction: number) => ({
    loss: 10 * epoch + batch,
    rate: fraction,
  });
  for await (const progress of passes("test", [30, 40], { epochs: 2 }, learn)) seen.push(progress);
  expect(seen).toEqual([
    { epoch: 0, fraction: 30 / 80, done: 30, loss: 0, rate: 0 },
    { epoch: 0, fraction: 0.5, done: 40, loss: 1, rate: 30 / 80 },
    { epoch: 1, fraction: 70 / 80, done: 70, loss: 10, rate: 0.5 },
    { epoch: 1, fraction: 1, done: 80, loss: 11, rate: 70 / 80 },
  ]);
});

test.each([Number.NaN, Infinity])("ends with a typed error at a loss of %d", async (wrong) => {
  const run = async () => {
    const learn = (batch: number) => ({ loss: batch === 1 ? wrong : 1, rate: 1 });
    for await (const { done } of passes("glove", [5, 9], { epochs: 1 }, learn)) expect(done).toBe(5);
  };
  await expect(run()).rejects.toThrow(DivergedError);
  await expect(run()).rejects.toMatchObject({ step: 1, operation: "glove" });
});

test("does not begin when it is aborted already", async () => {
  const signal = AbortSignal.abort("no");
  const run = async () => {
    for await (const _ of passes("test", [1], { signal }, () => ({ loss: 1, rate: 1 })))
      throw new Error("began");
  };
  await expect(run()).rejects.toBe("no");
});
