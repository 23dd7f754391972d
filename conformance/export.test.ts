/** Models that are written as ONNX files: onnxruntime gives their numbers. */
import { describe, expect, test } from "vitest";
import { writeOther } from "../test/onnx/draw.js";
import { models } from "../test/onnx/models.js";
import { indices, normals } from "../test/reference/draw.js";
import { model } from "../ts/index.js";
import { toOnnx } from "../ts/onnx/index.js";
import { run, worst } from "./onnxruntime.js";

describe.each(Object.entries(models))("%s", (_, definition) => {
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
