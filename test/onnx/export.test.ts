/** Models as ONNX files and back: the same numbers for every model that has a form there, and what is refused. */
import { describe, expect, test } from "vitest";
import { dense, features, InputError, inputs, lstm, minGru, model, quantise } from "../../ts/index.js";
import { fromOnnx, toOnnx } from "../../ts/onnx/index.js";
import { indices, normals } from "../reference/draw.js";
import { writeOther } from "./draw.js";
import { models } from "./models.js";

describe.each(Object.entries(models))("%s", (_, definition) => {
  test("becomes a file that is read back to a model with the same numbers", async () => {
    const [input, ...layers] = definition();
    const net = await model(input, ...layers, { memory: 16, seed: 3 });
    writeOther(net);
    const shape = [3, 4];
    const data =
      input.kind === "tokens"
        ? { shape, data: indices(12, input.width, 2) }
        : { shape: [...shape, input.width], data: normals(12 * input.width, 2) };
    const made = await fromOnnx(toOnnx(net), { memory: 16 });
    expect(made.warnings).toEqual([]);
    expect(made.input.axes.slice(0, 2)).toEqual(["batch", "steps"]);
    const [expected, actual] = [await net.predict(data), await made.model.predict(data)];
    expect(actual.shape).toEqual(expected.shape);
    const worst = Math.max(...actual.data.map((value, i) => Math.abs(value - expected.data[i]!)));
    expect(worst).toBeLessThan(1e-6);
    expect(made.model.size).toBeGreaterThanOrEqual(net.size - 1);
  });
});

describe("toOnnx refuses", () => {
  test.each([
    ["a function", () => model(features(2), (x) => dense(2)(x)), /layers that can be saved/],
    [
      "several inputs",
      () => model(inputs({ a: features(2), b: features(2) }), dense(2)),
      /one input, got one with several/,
    ],
    [
      "a cell that ONNX has not",
      () => model(features(2), minGru(2)),
      /0.minGru: expected a layer that ONNX has/,
    ],
    [
      "a projection",
      () => model(features(2), lstm(4, { projection: 2 })),
      /0.lstm: expected a cell .* got projection/,
    ],
    [
      "zoneout",
      () => model(features(2), lstm(4, { zoneout: 0.1 })),
      /0.lstm: expected a cell .* got zoneout/,
    ],
    [
      "a clipped cell",
      () => model(features(2), lstm(2, { cellActivation: { name: "clip", alpha: 1 } })),
      /0.lstm: expected an activation .* got clip/,
    ],
    [
      "int8",
      async () => (await quantise(await model(features(4), lstm(4)))).model,
      /float32, got one in int8/,
    ],
  ])("%s", async (_, make, message) => {
    const made = await make();
    expect(() => toOnnx(made)).toThrow(InputError);
    expect(() => toOnnx(made)).toThrow(message);
  });
});
