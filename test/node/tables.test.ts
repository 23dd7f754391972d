/** The tables of the README that scripts write: what stands there is what the tests find. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { measureSizes, sizeTable } from "../../scripts/sizes.js";
import { between, runtimeTable } from "../../scripts/tables.js";
import features from "../golden/bits/runtimes.json" with { type: "json" };

const readme = readFileSync("README.md", "utf8");
const advice = "npm run tables writes them anew";

test("of runtimes, whose features test/node/runtimes.test.ts and test/everywhere compare with what they find", () => {
  expect(between(readme, "runtimes").table, advice).toBe(runtimeTable(features as never));
});

test("of sizes, to a tenth", { timeout: 60_000 }, async () => {
  const numbers = (table: string) => [...table.matchAll(/(\d+) KB/g)].map(([, size]) => Number(size));
  const [written, measured] = [between(readme, "sizes").table, sizeTable(await measureSizes())];
  expect(written.replaceAll(/\d+/g, "")).toBe(measured.replaceAll(/\d+/g, ""));
  for (const [index, size] of numbers(measured).entries()) {
    expect(Math.abs(numbers(written)[index]! / size - 1), advice).toBeLessThan(0.1);
  }
});
