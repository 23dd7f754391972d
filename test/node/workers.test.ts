/** Worker threads in Node.js: they end with the model that nobody can reach, and never keep a program from ending. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

test.skipIf(process.platform !== "linux")("forgotten models leave no workers, and the program ends", () => {
  const script = fileURLToPath(new URL("./workers.js", import.meta.url));
  const output = execFileSync(process.execPath, ["--expose-gc", script], { encoding: "utf8" });
  const { used, counts } = JSON.parse(output) as { used: object; counts: number[] };
  expect(used).toEqual({ count: 2 });
  expect(Math.max(...counts.slice(-3)) - counts[0]!).toBeLessThanOrEqual(2);
});
