/** A recurrence that a user writes in TypeScript from the primitive operations is a model like any other. */
import { describe, expect, test } from "vitest";
import {
  activation,
  adam,
  add,
  at,
  crossEntropy,
  dense,
  features,
  lstm,
  model,
  multiply,
  stack,
  type Value,
  zeros,
} from "../../ts/index.js";
import { normalMatrix } from "../reference/draw.js";

/** The sum of the first step's number and the last one's: above 0 or not. */
const examples = Array.from({ length: 40 }, (_, seed) => {
  const { values } = normalMatrix(8 * 5, 1, seed);
  const inputs = Array.from({ length: 8 }, (_, row) =>
    Array.from({ length: 5 }, (_, step) => [values[row * 5 + step]]),
  );
  return { inputs, targets: inputs.map((row) => row.map(() => (row[0][0] + row[4][0] > 0 ? 1 : 0))) };
});

describe("a recurrence of one's own, given to a model as a function,", () => {
  const elman = (x: Value) => {
    const input = dense(8);
    const hidden = dense(8, { bias: false });
    const squash = activation("tanh");
    let h = zeros(x, 8);
    const outputs: Value[] = [];
    for (let t = 0; t < x.steps; t++) {
      h = squash(add(input(at(x, t)), hidden(h)));
      outputs.push(h);
    }
    return dense(2)(stack(outputs.map(() => h)));
  };

  const gated = (x: Value) => {
    const [keep, write] = [dense(8), dense(8)];
    const [gate, squash, rest] = [
      activation("sigmoid"),
      activation("tanh"),
      activation("affine", { alpha: -1, beta: 1 }),
    ];
    let h = zeros(x, 8);
    for (let t = 0; t < x.steps; t++) {
      const z = gate(add(keep(at(x, t)), h));
      h = add(multiply(z, h), multiply(rest(z), squash(write(at(x, t)))));
    }
    return dense(2)(stack(Array.from({ length: x.steps }, () => h)));
  };

  test.each([
    ["Elman's", elman],
    ["a gated one", gated],
  ])("trains: %s", async (_, recurrence) => {
    const made = await model(features(1), recurrence);
    const before = await made.evaluate(examples, { loss: crossEntropy() });
    await made.fit(examples, { loss: crossEntropy(), optimiser: adam(0.02), epochs: 12 });
    const after = await made.evaluate(examples, { loss: crossEntropy() });
    expect(after).toBeLessThan(0.7 * before);
  });

  test("has the same parameters for every length, and names them", async () => {
    const made = await model(features(1), elman);
    expect(made.parameters().map(({ path, shape }) => `${path} [${shape}]`)).toEqual([
      "0.dense.weight [1,8]",
      "0.dense.bias [8]",
      "1.dense.weight [8,8]",
      "3.dense.weight [8,2]",
      "3.dense.bias [2]",
    ]);
    const short = await made.predict([[0.5], [1]]);
    const long = await made.predict([[0.5], [1], [-1]]);
    expect([short.shape, long.shape]).toEqual([
      [1, 2, 2],
      [1, 3, 2],
    ]);
  });

  test("refuses to be streamed, which would begin it anew at every step", async () => {
    const made = await model(features(1), elman);
    expect(() => made.stream()).toThrow(
      "stream: expected layers that go from the first step to the last, got at",
    );
    const last = await model(features(1), lstm(2), (x) => at(x, -1));
    expect([...last.stream().step([1])]).toEqual([...(await last.predict([[1]])).data]);
  });
});
