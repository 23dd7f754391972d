/** The profile names every operation of a run with its part of the time, and leaves the model as it was. */
import { expect, test } from "vitest";
import {
  crossEntropy,
  dense,
  embedding,
  gru,
  lstm,
  model,
  profile,
  rnn,
  tensor,
  tokens,
} from "../../ts/index.js";
import { expectSameBits } from "../reference/compare.js";
import { indices } from "../reference/draw.js";

const [batch, steps] = [8, 16];
const inputs = tensor(Uint32Array.from(indices(batch * steps, 20, 1)), [batch, steps]);
const targets = tensor(Uint32Array.from(indices(batch * steps, 30, 2)), [batch, steps]);

test("operations come in the order of their time, their shares are 1 together, and products have a rate", async () => {
  const net = await model(tokens(20), embedding(32), lstm(64), dense(30));
  const before = net.parameters();
  const forward = await profile(net, inputs, { rounds: 3 });
  const whole = await profile(net, inputs, { loss: crossEntropy(), targets, rounds: 3 });
  for (const operations of [forward, whole]) {
    expect(operations.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 6);
    expect(operations.map(({ milliseconds }) => milliseconds)).toEqual(
      operations.map(({ milliseconds }) => milliseconds).toSorted((a, b) => b - a),
    );
  }
  expect(whole.length).toBeGreaterThan(forward.length);
  const names = whole.map(({ operation }) => operation);
  expect(names).toEqual(
    expect.arrayContaining(["1.lstm lstmForward", "1.lstm lstmBackward", "2.dense matmul"]),
  );
  expect(whole.find(({ operation }) => operation === "1.lstm lstmForward")!.gflops).toBeGreaterThan(0);
  expect(whole.find(({ operation }) => operation === "1.lstm beginStates")!.gflops).toBeUndefined();
  for (const [index, { data }] of net.parameters().entries()) expectSameBits(data, before[index]!.data);
});

test.each([
  ["rnnForward", rnn(32), 32],
  ["gruForward", gru(32), 3 * 32],
  ["lstmForward", lstm(32), 4 * 32],
  ["lstmProjectedForward", lstm(32, { projection: 16 }), 2 * 32 + 16],
] as const)("the rate of %s counts the products of its steps", async (kernel, layer, columns) => {
  const net = await model(tokens(20), embedding(16), layer);
  const [found] = (await profile(net, inputs, { rounds: 3 })).filter(({ operation }) =>
    operation.endsWith(kernel),
  );
  const { gflops, milliseconds } = found!;
  expect((gflops! * milliseconds * 1e6) / 2).toBeCloseTo(batch * steps * 32 * columns, 3);
});

test("what cannot be profiled is refused", async () => {
  const net = await model(tokens(20), embedding(4), dense(30));
  await expect(profile(net, inputs, { rounds: 0 })).rejects.toThrow(
    /profile.rounds: expected a whole number from 1/,
  );
  await expect(profile(net, inputs, { targets })).rejects.toThrow(
    /profile: expected a loss and targets, or neither/,
  );
});
