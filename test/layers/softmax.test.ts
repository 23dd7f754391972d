/** Softmax and its logarithm as layers: the reference's at any width, saved, and a part of training. */
import { describe, expect, test } from "vitest";
import { createEngine } from "../../ts/engine/engine.js";
import {
  adam,
  add,
  dense,
  features,
  load,
  logSoftmax,
  model,
  softmax,
  squaredError,
  tensor,
  tokens,
} from "../../ts/index.js";
import { probe } from "../ops/probe.js";
import { expectAllClose, expectSameBits } from "../reference/compare.js";
import { normalMatrix, normals } from "../reference/draw.js";
import { logSoftmax as logarithms, softmax as shares } from "../reference/softmax.js";

const engine = await createEngine({ memory: 32 });
const layers = [
  ["softmax", softmax, shares],
  ["logSoftmax", logSoftmax, logarithms],
] as const;

describe.each(layers)("%s", (name, layer, reference) => {
  test.each([1, 3, 4, 5, 8, 13, 64])("of %i numbers is the reference's, forward and backward", (width) => {
    const x = normalMatrix(10, width, 1, 3);
    const upstream = normalMatrix(10, width, 2);
    const result = probe(engine, {
      batch: 5,
      inputs: [x],
      record: (x) => [layer()(x)],
      upstream: [upstream],
    });
    const y = reference.forward(x);
    expectAllClose(
      [
        ["y", result.outputs[0].values, y.values],
        ["dx", result.gradients[0].values, reference.backward(y, upstream).values],
      ],
      2e-6,
    );
  });

  test("leaves its input to other readers", () => {
    const x = normalMatrix(6, 5, 1);
    const upstream = normalMatrix(6, 5, 2);
    const { outputs, gradients } = probe(engine, {
      batch: 3,
      inputs: [x],
      record: (x) => [add(layer()(x), x)],
      upstream: [upstream],
    });
    const y = reference.forward(x);
    const dx = reference.backward(y, upstream);
    expectAllClose(
      [
        ["y", outputs[0].values, y.values.map((value, i) => value + x.values[i])],
        ["dx", gradients[0].values, dx.values.map((value, i) => value + upstream.values[i])],
      ],
      2e-6,
    );
  });

  test("is saved and loaded", async () => {
    const net = await model(features(3), dense(5), layer());
    expect(net.definition?.layers.at(-1)).toEqual({ layer: name });
    const again = await load(net.save());
    const x = [[...normals(3, 1)]];
    expectSameBits((await again.predict(x)).data, (await net.predict(x)).data);
  });

  test("of tokens is refused", async () => {
    await expect(model(tokens(3), layer())).rejects.toThrow(/softmax: expected rows of numbers, got tokens/i);
  });
});

test("probabilities are learned through a softmax", async () => {
  const net = await model(features(2), dense(3), softmax(), { seed: 1 });
  const inputs = tensor(Float32Array.of(1, 0, 0, 1), [2, 1, 2]);
  const targets = tensor(Float32Array.of(0.7, 0.2, 0.1, 0.1, 0.3, 0.6), [2, 1, 3]);
  await net.fit([{ inputs, targets }], { loss: squaredError, optimiser: adam(0.05), epochs: 400 });
  const { data } = await net.predict(inputs);
  data.forEach((value, i) => {
    expect(Math.abs(value - targets.data[i])).toBeLessThan(1e-3);
  });
});
