/** Long runs keep nothing: `npm run endurance` takes a million steps of training, this fewer; what leaks is found out. */
import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

function endure(...options: string[]) {
  const { status, stdout } = spawnSync(process.execPath, ["scripts/endurance.js", ...options], {
    encoding: "utf8",
  });
  return { status, ...JSON.parse(stdout) };
}

test("training and streaming keep nothing on the heap and take no memory", { timeout: 60_000 }, () => {
  const { status, training, streaming } = endure("--steps", "60000", "--stream", "400000");
  expect({ status, training, streaming }).toMatchObject({
    status: 0,
    training: { engine: 0 },
    streaming: { engine: 0 },
  });
});

test("an object kept for every step is found out", { timeout: 60_000 }, () => {
  const { status, training } = endure("--steps", "20000", "--stream", "20000", "--leak");
  expect(status).toBe(1);
  expect(training.heap).toBeGreaterThan(8);
});
