/** Trials in workers of a page. */

import { expect, test } from "vitest";
import { gridSearch } from "../../ts/study/search.js";
import { trialWorkers } from "../../ts/study/trial-workers.js";

test("workers answer, and say what went wrong", async () => {
  const { run, threads, close } = trialWorkers<{ x: number }>(
    () => new Worker(new URL("trial.ts", import.meta.url), { type: "module" }),
    { threads: 2 },
  );
  try {
    const scores: number[] = [];
    for await (const { score } of gridSearch({ x: [2, 0, -1, 1.5] }, { run, atOnce: threads }))
      scores.push(score);
    expect(scores).toEqual([4, 0, 1, 2.25]);
    await expect(run({ x: 3 })).rejects.toThrow("worker: expected a score, got RangeError: 3 is too much");
    expect(await run({ x: 1 })).toBe(1);
  } finally {
    close();
  }
});
