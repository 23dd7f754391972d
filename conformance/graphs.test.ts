/** The operators around the recurrent ones: onnxruntime's numbers, which the suite keeps, and this library's. */
import { describe, expect, test } from "vitest";
import { graphs } from "../test/onnx/graphs.js";
import { toOnnx, toOurs } from "../test/onnx/run.js";
import { fromOnnx } from "../ts/onnx/index.js";
import { run, worst } from "./onnxruntime.js";

const kept: Record<string, unknown> = {};

describe.each(Object.entries(graphs))("%s", (name, { bytes, input }) => {
  test("has onnxruntime's numbers", async () => {
    const { shape, data, tokens } = input;
    const { y } = await run(bytes, { x: { type: tokens ? "int64" : "float32", shape, data } });
    kept[name] = { shape: y!.shape, data: [...y!.data] };
    const made = await fromOnnx(bytes, { memory: 16 });
    const predicted = await made.model.predict(toOurs(input, made.input.axes, tokens));
    expect(worst(toOnnx(predicted, made.output.axes), y!.data)).toBeLessThan(2e-6);
  });
});

test("they are those that the suite compares with", async () => {
  await expect(`${JSON.stringify(kept, null, 1)}\n`).toMatchFileSnapshot("../test/golden/onnx/graphs.json");
});
