/** The heap of the host while the library works: a stream's step allocates nothing, training keeps nothing. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { features, model } from "../../ts/index.js";
import { variants } from "../cells/variants.js";

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

describe("a step of a stream allocates nothing, of", () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;

  test.each(Object.entries(variants))("%s", async (_, make) => {
    const net = await model(features(3), make(5));
    const stream = net.stream();
    const row = Float32Array.of(0.1, -0.2, 0.3);
    const run = (steps: number) => {
      for (let i = 0; i < steps; i++) stream.step(row);
    };
    const growth = Array.from({ length: 6 }, () => {
      collect();
      const before = process.memoryUsage().heapUsed;
      run(10_000);
      return (process.memoryUsage().heapUsed - before) / 10_000;
    });
    expect(Math.min(...growth)).toBeLessThan(4); // the first rounds are the compiler's
  });
});
