/** Softmax and its logarithm as layers: the reference's at any width, saved, and a part of training. */
import { describe, expect, test } from "vitest";
import { createEngine } from "../../ts/engine/create.js";
import {
  adam,
  add,
  crossEntropy,
  dense,
  embedding,
  features,
  load,
  logSoftmax,
  lstm,
  model,
  softmax,
  squaredError,
  tensor,
  tokens,
} from "../../ts/index.js";
import notes from "../golden/notes/softmax.json" with { type: "json" };
import { probe } from "../ops/probe.js";
import { expectAllClose, expectClose, expectSameBits } from "../reference/compare.js";
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
  await net.fit([{ inputs, targets }], { loss: squaredError(), optimiser: adam(0.05), epochs: 400 });
  const { data } = await net.predict(inputs);
  data.forEach((value, i) => {
    expect(Math.abs(value - targets.data[i])).toBeLessThan(1e-3);
  });
});

test("logits of 1000 and -1000 give the lecture notes' probabilities, and two classes are a sigmoid", async () => {
  const net = await model(features(5), softmax());
  expectClose((await net.predict([notes.logits])).data, notes.softmax, 1e-6);
  const two = await model(features(2), softmax());
  for (const { x, first } of notes.two_classes) {
    expectClose((await two.predict([[0, x]])).data, [first, 1 - first], 1e-6);
  }
});

test("the logarithm of a sequence's probability is the sum of its steps', each given the ones before", async () => {
  const [inputs, targets] = [
    [3, 0, 4, 1, 1, 2],
    [0, 4, 1, 1, 2, 3],
  ];
  const layers = [embedding(4), lstm(6), dense(5)];
  const net = await model(tokens(5), ...layers);
  const chain = await model(tokens(5), ...layers, logSoftmax());
  chain.assign(net.save());
  const { data } = await chain.predict(inputs);
  const steps = targets.map((target, t) => data[t * 5 + target]);
  const loss = await net.evaluate([{ inputs, targets }], { loss: crossEntropy() });
  expectClose([steps.reduce((sum, step) => sum + step, 0)], [-loss * targets.length], 1e-6);
});
