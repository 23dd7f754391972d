/** Models that are written as ONNX files: onnxruntime gives their numbers. */
import { describe, expect, test } from "vitest";
import { writeOther } from "../test/onnx/draw.js";
import { models, ofTwo, oneWay } from "../test/onnx/models.js";
import { indices, normals } from "../test/reference/draw.js";
import { features, inputs, model } from "../ts/index.js";
import { toOnnx } from "../ts/onnx/index.js";
import { run, worst } from "./onnxruntime.js";

describe.each(Object.entries({ ...models, ...oneWay }))("%s", (_, definition) => {
  test.each([
    [1, 2],
    [3, 5],
    [4, 17],
  ])("gives its numbers for %i rows of %i steps", async (batch, steps) => {
    const [input, ...layers] = definition();
    const net = await model(input, ...layers, { memory: 16 });
    writeOther(net);
    const isTokens = input.kind === "tokens";
    const shape = isTokens ? [batch, steps] : [batch, steps, input.width];
    const data = isTokens ? indices(batch * steps, input.width, 2) : normals(batch * steps * input.width, 2);
    const expected = await net.predict({ shape, data });
    const { output } = await run(toOnnx(net), {
      input: { type: isTokens ? "int64" : "float32", shape, data },
    });
    expect(output!.shape).toEqual(expected.shape);
    const scale = Math.max(1, ...expected.data.map(Math.abs));
    expect(worst(output!.data, expected.data) / scale).toBeLessThan(2e-6);
  });
});

test.each(Object.entries(ofTwo))("%s: two inputs give its numbers", async (_, make) => {
  const net = await model(inputs({ input: features(4), other: features(3) }), make(), { memory: 16 });
  writeOther(net);
  const data = {
    input: { shape: [3, 4, 4], data: normals(48, 2) },
    other: { shape: [3, 5, 3], data: normals(45, 3) },
  };
  const given = Object.entries(data).map(([name, each]) => [name, { type: "float32", ...each }] as const);
  const expected = await net.predict(data);
  const { output } = await run(toOnnx(net), Object.fromEntries(given));
  expect(output!.shape).toEqual(expected.shape);
  expect(worst(output!.data, expected.data)).toBeLessThan(2e-6);
});
