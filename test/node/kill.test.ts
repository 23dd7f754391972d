/** Processes that are killed while they save: `npm run kill` does it a thousand times, this twenty. */
import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

test("twenty kills lose no checkpoint that was said to be saved", { timeout: 120_000 }, () => {
  const { stdout, stderr } = spawnSync(process.execPath, ["scripts/kill.js", "--count", "20"], {
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  const { saves, ...result } = JSON.parse(stdout);
  expect(result).toEqual({ killed: 20, unloadable: 0, older: 0, strays: 0 });
  expect(saves).toBeGreaterThanOrEqual(20);
});
