/** Trials in threads of Node.js give what they would without. */

import { Worker } from "node:worker_threads";
import { afterEach, expect, test } from "vitest";
import { EngineError, InputError } from "../../ts/errors.js";
import { gridSearch } from "../../ts/study/search.js";
import { type TrialWorkers, trialWorkers } from "../../ts/study/trial-workers.js";

interface Options {
  readonly what?: string;
  readonly rate?: number;
}

let open: TrialWorkers<Options> | undefined;
let begun = 0;

const pool = (threads?: number) => {
  begun = 0;
  open = trialWorkers<Options>(
    () => {
      begun++;
      return new Worker(new URL("trial.js", import.meta.url), { stderr: true });
    },
    threads === undefined ? {} : { threads },
  );
  return open;
};

afterEach(() => open?.close());

async function scores(threads: number): Promise<number[]> {
  const { run } = pool(threads);
  const found: number[] = [];
  for await (const { score } of gridSearch({ rate: [0.5, 0.1, 0.01, 0.001] }, { run, atOnce: threads }))
    found.push(score);
  return found;
}

test("the same bits on one thread and on two, each of them begun once", async () => {
  const one = await scores(1);
  expect(begun).toBe(1);
  open?.close();
  expect(await scores(2)).toEqual(one);
  expect(begun).toBe(2);
  expect(one).toEqual([...one].sort((a, b) => a - b));
});

test("more trials than threads wait for a worker", async () => {
  const { run } = pool(2);
  const found = await Promise.all([0.5, 0.5, 0.5, 0.5, 0.5].map((rate) => run({ rate })));
  expect(new Set(found).size).toBe(1);
  expect(begun).toBe(2);
});

test("a trial that diverges has the score Infinity", async () => {
  const { run } = pool(1);
  const found: number[] = [];
  for await (const { score } of gridSearch({ what: ["diverge", "train"], rate: [0.1] }, { run }))
    found.push(score);
  expect(found[0]).toBe(Infinity);
  expect(found[1]).toBeLessThan(1);
});

test("an error of the trial is thrown with its words, and the worker goes on", async () => {
  const { run } = pool(1);
  await expect(run({ what: "fail" })).rejects.toThrow("worker: expected a score, got Error: no data");
  expect(await run({ rate: 0.1 })).toBeLessThan(1);
  expect(begun).toBe(1);
});

test("a worker that ends rejects its trial, and another takes its place", async () => {
  const { run } = pool(1);
  await expect(run({ what: "exit" })).rejects.toThrow(EngineError);
  expect(await run({ rate: 0.1 })).toBeLessThan(1);
  expect(begun).toBe(2);
});

test("closed while it works, it rejects what runs and takes nothing more", async () => {
  const { run, close } = pool(2);
  const running = [1, 2, 3].map(() => run({ rate: 0.1 }));
  await Promise.resolve();
  close();
  const ends = await Promise.allSettled(running);
  expect(ends.map((end) => end.status === "rejected" && end.reason.name)).toEqual([
    "EngineError",
    "EngineError",
    "InputError",
  ]);
  await expect(run({ rate: 0.1 })).rejects.toThrow(InputError);
});

test("options that cannot be sent are refused, and there are as many threads as the host has", async () => {
  const { run, threads } = pool();
  expect(threads).toBeGreaterThanOrEqual(1);
  await expect(run({ what: (() => 0) as never })).rejects.toThrow("could not be cloned");
  expect(() => trialWorkers(() => ({}) as never, { threads: 0 })).toThrow("trialWorkers.threads");
});
