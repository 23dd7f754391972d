/** Strangers' bytes: files that were changed at random give a FormatError or a model that runs, and nothing else happens. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { RecurraError } from "../../ts/errors.js";
import { readOnnx } from "../../ts/onnx/file.js";
import { fromOnnx } from "../../ts/onnx/index.js";
import { trace } from "../../ts/onnx/trace.js";
import { random } from "../../ts/random.js";
import exported from "../golden/onnx/exported.json" with { type: "json" };
import official from "../golden/onnx/official.json" with { type: "json" };
import { graphs } from "./graphs.js";
import { mutated } from "./mutate.js";
import { bytesOf } from "./run.js";

const files = [
  ...Object.values(graphs).map(({ bytes }) => bytes),
  ...exported.cases.filter(({ bytes }) => bytes.length < 10_000).map(({ bytes }) => bytesOf(bytes)),
  ...official.cases.map(({ models }) => bytesOf(models[0]!.bytes)),
];

/** Reads a file up to the point where a model would be made; whether it could be. */
function follow(bytes: Uint8Array): boolean {
  try {
    const file = readOnnx(bytes);
    trace(file, file.outputs[0] ?? "", {});
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(RecurraError);
    return false;
  }
}

test("three thousand changed files are refused with a typed error or followed to the end", () => {
  const source = random(8);
  const before = Object.getOwnPropertyNames(Object.prototype).join();
  let good = 0;
  for (let i = 0; i < 3000; i++) if (follow(mutated(files[i % files.length]!, source))) good++;
  expect(Object.getOwnPropertyNames(Object.prototype).join()).toBe(before);
  expect(good).toBeGreaterThan(300); // else nothing behind the reader has been tried
  expect(good).toBeLessThan(2900);
}, 60_000);

test("a changed file that is taken gives a model that runs", async () => {
  const source = random(9);
  for (let i = 0; i < 200; i++) {
    const bytes = mutated(files[i % files.length]!, source);
    try {
      const { model } = await fromOnnx(bytes, { memory: 16 });
      const { kind, width } = model.network.input;
      if (width > 1000) continue;
      const shape = kind === "tokens" ? [2, 3] : [2, 3, width];
      const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
      const { shape: gives } = await model.predict({ shape, data });
      expect(gives[0]).toBe(2);
    } catch (error) {
      expect(error).toBeInstanceOf(RecurraError);
    }
  }
}, 60_000);

test("bytes of no order at all are refused", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => !follow(bytes)),
    { numRuns: 2000, seed: 1 },
  );
});

test.each([
  ["a length past the end", [0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f]],
  ["a varint without an end", new Array<number>(40).fill(0xff)],
  ["groups in groups in groups", new Array<number>(100_000).fill(0x0b)],
  ["a field without a number", [0x00, 0x00]],
])("%s is refused", (_, bytes) => {
  expect(follow(Uint8Array.from(bytes))).toBe(false);
});
