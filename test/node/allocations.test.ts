/** The heap of the host while the library works: a stream's step allocates nothing, training keeps nothing. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const script = fileURLToPath(new URL("./heap.js", import.meta.url));
const { stepping, training, engine } = JSON.parse(
  execFileSync(process.execPath, ["--expose-gc", script], { encoding: "utf8" }),
) as { stepping: number; training: number; engine: number[] };

test("a step of a stream allocates nothing", () => {
  expect(stepping).toBeLessThan(4); // bytes a step; one boxed number would be 12 or more
});

test("thousands of steps of training keep nothing on the heap", () => {
  expect(training).toBeLessThan(0.5);
});

test("thousands of steps of training take no more of the engine's memory", () => {
  expect(engine).toEqual(engine.map(() => 0));
});
