/** Models as ONNX files and back: the same numbers for every model that has a form there, and what is refused. */
import { describe, expect, test } from "vitest";
import {
  attention,
  dense,
  embedding,
  features,
  InputError,
  inputs,
  lstm,
  minGru,
  model,
  multiHeadAttention,
  quantise,
  tokens,
  wiring,
} from "../../ts/index.js";
import { fromOnnx, toOnnx } from "../../ts/onnx/index.js";
import { indices, normals } from "../reference/draw.js";
import { writeOther } from "./draw.js";
import { models, ofTwo } from "./models.js";

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

test.each(Object.entries(ofTwo))("%s: two inputs go there and back", async (_, make) => {
  const net = await model(inputs({ input: features(4), other: features(3) }), make(), {
    memory: 16,
    seed: 3,
  });
  writeOther(net);
  const data = {
    input: { shape: [3, 4, 4], data: normals(48, 2) },
    other: { shape: [3, 5, 3], data: normals(45, 3) },
  };
  const made = await fromOnnx(toOnnx(net), { memory: 16 });
  expect(made.sources).toEqual([{ name: "other", axes: ["batch", "steps2", 3] }]);
  const [expected, actual] = [await net.predict(data), await made.model.predict(data)];
  expect(actual.shape).toEqual(expected.shape);
  const worst = Math.max(...actual.data.map((value, i) => Math.abs(value - expected.data[i]!)));
  expect(worst).toBeLessThan(1e-6);
});

test("a model of symbols and symbols of another kind goes there and back", async () => {
  const look = wiring({
    nodes: [
      { name: "written", of: embedding(4), inputs: ["input"] },
      { name: "read", of: embedding(4), inputs: ["source"] },
      { name: "look", of: multiHeadAttention(4, { heads: 2 }), inputs: ["written", "read"] },
    ],
  });
  const net = await model(inputs({ target: tokens(7), source: tokens(5) }), look, { memory: 16, seed: 3 });
  const data = {
    target: { shape: [2, 3], data: indices(6, 7, 1) },
    source: { shape: [2, 4], data: indices(8, 5, 2) },
  };
  const made = await fromOnnx(toOnnx(net), { memory: 16 });
  expect(made.sources).toEqual([{ name: "source", axes: ["batch", "steps2"] }]);
  const [expected, actual] = [await net.predict(data), await made.model.predict(data)];
  const worst = Math.max(...actual.data.map((value, i) => Math.abs(value - expected.data[i]!)));
  expect(worst).toBeLessThan(1e-6);
});

describe("toOnnx refuses", () => {
  test.each([
    ["a function", () => model(features(2), (x) => dense(2)(x)), /layers that can be saved/],
    [
      "an input called as the output",
      () => model(inputs({ output: features(2), b: features(2) }), dense(2)),
      /inputs of other names, got output/,
    ],
    [
      "a cell that ONNX has not",
      () => model(features(2), minGru(2)),
      /0.minGru: expected a layer that ONNX has/,
    ],
    [
      "coverage",
      () => model(features(2), attention({ coverage: true })),
      /0.attention: expected an attention without coverage/,
    ],
    [
      "predicted centres",
      () => model(features(2), attention({ window: 2, centre: "predicted" })),
      /0.attention: expected an attention without .* got predicted centres/,
    ],
    [
      "a window of another sequence",
      () =>
        model(
          inputs({ a: features(2), b: features(2) }),
          wiring({
            nodes: [{ name: "look", of: attention({ score: "dot", window: 2 }), inputs: ["input", "b"] }],
          }),
        ),
      /0.wiring.look: expected a window of the own sequence/,
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
