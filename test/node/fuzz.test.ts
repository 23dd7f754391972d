/** Damaged files are refused or are models that run: `npm run fuzz` damages as many as it is told, this fewer. */
import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { formatNames } from "../../ts/convert/index.js";

function fuzz(...words: string[]) {
  return spawnSync(process.execPath, ["scripts/fuzz.js", ...words], { encoding: "utf8" });
}

test.each(formatNames)("files of %s", { timeout: 120_000 }, (format) => {
  const { status, stdout, stderr } = fuzz(format, "--files", "400", "--seed", "3");
  expect([status, stderr]).toEqual([0, ""]);
  const [, refused, ran] = /(\d+) refused, .* (\d+) models that ran/.exec(stdout)!.map(Number);
  expect(refused).toBeGreaterThan(100);
  expect(ran).toBeGreaterThan(5);
});

test("a format that is not there, and a file that is not", { timeout: 60_000 }, () => {
  expect(fuzz("none").status).toBe(1);
  expect(fuzz("pt", "--good", "nothing.pt").stderr).toContain("ENOENT");
});
