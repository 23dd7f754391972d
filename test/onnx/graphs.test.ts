/** The operators around the recurrent ones: onnxruntime's numbers, which `npm run conformance` has kept. */
import { describe, expect, test } from "vitest";
import { fromOnnx } from "../../ts/onnx/index.js";
import golden from "../golden/onnx/graphs.json" with { type: "json" };
import { graphs } from "./graphs.js";
import { type Numbers, toOnnx, toOurs } from "./run.js";

const kept = golden as unknown as Record<string, Numbers>;

test("there are numbers for every graph", () => {
  expect(Object.keys(kept).sort()).toEqual(Object.keys(graphs).sort());
});

describe.each(Object.entries(graphs))("%s", (name, { bytes, input }) => {
  test("has onnxruntime's numbers", async () => {
    const made = await fromOnnx(bytes, { memory: 16 });
    const predicted = await made.model.predict(toOurs(input, made.input.axes, input.tokens));
    const actual = toOnnx(predicted, made.output.axes);
    const { data } = kept[name]!;
    expect(actual.length).toBe(data.length);
    expect(Math.max(...actual.map((value, i) => Math.abs(value - data[i]!)))).toBeLessThan(2e-6);
  });
});

test("a bias that is added behind a product becomes the dense layer's own", async () => {
  const { model } = await fromOnnx(graphs["MatMul whose bias is added before it"]!.bytes);
  expect(model.parameters().map(({ shape }) => shape)).toEqual([[4, 5], [5]]);
});
