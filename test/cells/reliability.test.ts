/** What broke recurrent layers of other runtimes, each as a test of ours: a typed error or the documented result, never a trap. */
import { describe, expect, test } from "vitest";
import {
  adam,
  crossEntropy,
  dense,
  EngineError,
  embedding,
  FormatError,
  features,
  gru,
  InputError,
  last,
  load,
  lstm,
  minGru,
  model,
  rnn,
  tensor,
  tokens,
} from "../../ts/index.js";
import { readSafetensors, writeSafetensors } from "../../ts/io/safetensors.js";

const layers = { rnn: rnn(3), gru: gru(3), "gru, reset first": gru(3, { resetAfter: false }), lstm: lstm(3) };
const ones = (...shape: number[]) =>
  tensor(new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1), shape);

describe.each(Object.entries(layers))("%s", (_, layer) => {
  test("rows of length 0 give zeros and pass their state through (onnxruntime 28052)", async () => {
    const net = await model(features(2), layer);
    const { data } = await net.predict(ones(2, 4, 2), { lengths: [0, 4] });
    expect([...data.subarray(0, 12)]).toEqual(Array(12).fill(0));
    expect(data.subarray(12).some((value) => value !== 0)).toBe(true);
    const all = await net.predict(ones(2, 4, 2), { lengths: [0, 0] });
    expect([...all.data]).toEqual(Array(24).fill(0));
  });

  test("lengths past the steps, negative or broken are refused (BlockLSTM, tensorflow 90915 and 125400)", async () => {
    const net = await model(features(2), layer);
    for (const lengths of [[5], [-1], [2 ** 31], [-(2 ** 31)], [NaN], [1.5], [], [1, 1]]) {
      await expect(net.predict(ones(1, 4, 2), { lengths })).rejects.toThrow(InputError);
    }
  });

  test("a sequence without steps, a batch without rows and rows without numbers are refused (TFSA-2020-033)", async () => {
    const net = await model(features(2), layer);
    for (const shape of [
      [1, 0, 2],
      [0, 4, 2],
      [0, 2],
      [1, 4, 0],
    ]) {
      await expect(net.predict(tensor(new Float32Array(0), shape))).rejects.toThrow(InputError);
    }
  });

  test("inputs of every other rank are refused (TFSA-2021-174, TFSA-2022-069, onnx 7879)", async () => {
    const net = await model(features(2), layer);
    for (const shape of [[], [2], [1, 1, 2, 2], [1, 1, 1, 2, 2], [1, 1, 1, 1, 1, 2]]) {
      await expect(net.predict(ones(...shape))).rejects.toThrow(InputError);
    }
  });

  test("inputs of another width are refused (TFSA-2023-020)", async () => {
    const net = await model(features(2), layer);
    for (const width of [1, 3, 64]) await expect(net.predict(ones(1, 4, width))).rejects.toThrow(InputError);
  });

  test("weights that do not fit the units are refused when loading (onnxruntime 29595)", async () => {
    const { tensors, metadata } = readSafetensors((await model(features(2), layer)).save());
    for (const [name, entry] of tensors) {
      const short = { ...entry, shape: [entry.bytes.length / 4 - 1], bytes: entry.bytes.subarray(4) };
      const changed = writeSafetensors(
        [...tensors].map(([key, value]) => [key, key === name ? short : value]),
        metadata,
      );
      await expect(load(changed)).rejects.toThrow(FormatError);
      const flat = { ...entry, shape: [1, ...entry.shape] };
      const reshaped = writeSafetensors(
        [...tensors].map(([key, value]) => [key, key === name ? flat : value]),
        metadata,
      );
      await expect(load(reshaped)).rejects.toThrow(FormatError);
    }
  });

  test("more steps than memory holds are an EngineError, and the model goes on (onnxruntime 28003)", async () => {
    const net = await model(features(2), layer, { memory: 1 });
    const before = await net.predict(ones(1, 2, 2));
    await expect(net.predict(ones(1, 100_000, 2))).rejects.toThrow(EngineError);
    expect(await net.predict(ones(1, 2, 2))).toEqual(before);
  });

  test("first states of another width, of more steps or of another batch are refused (WebNN 949)", async () => {
    await expect(model(features(2), (x) => layer.sequence(x, [dense(4)(last()(x))]).output)).rejects.toThrow(
      /initial hidden state: expected one step of 3 numbers for 1 rows, got 1 steps of 4/,
    );
    await expect(model(features(3), (x) => layer.sequence(x, [x]).output)).rejects.toThrow(
      /got 2 steps of 3/,
    );
  });

  test("numbers that are not finite come out as such, without a trap", async () => {
    const net = await model(features(1), layer);
    for (const value of [Infinity, -Infinity, NaN, 3.4e38, -3.4e38, 1e-45]) {
      const { data } = await net.predict(tensor(Float32Array.of(value, 1, 1), [1, 3, 1]));
      expect(data.length).toBe(9);
      expect(data.some(Number.isNaN)).toBe(Number.isNaN(value));
    }
  });
});

test.each([0, -1, 0.5, NaN, Infinity, 2 ** 31, "3", null])(
  "%s units are refused (onnxruntime 28189)",
  (units) => {
    for (const layer of [rnn, gru, lstm]) expect(() => layer(units as number)).toThrow(InputError);
  },
);

test("indices past the table, negative or broken are refused (onnxruntime 27444)", async () => {
  const net = await model(tokens(5), embedding(2));
  for (const id of [5, -1, 2 ** 32, 2 ** 32 + 1, 2 ** 53, -(2 ** 31), 0.5, NaN, Infinity]) {
    await expect(net.predict([id])).rejects.toThrow(InputError);
  }
});

test("targets past the classes or negative are refused (TFSA-2021-096)", async () => {
  const net = await model(features(1), dense(3));
  for (const target of [3, -1, 2 ** 32 - 1, NaN]) {
    const fit = net.fit([{ inputs: ones(1, 1, 1), targets: [target] }], {
      loss: crossEntropy(),
      optimiser: adam(0.1),
    });
    await expect(fit).rejects.toThrow(InputError);
  }
});

test.each<[string, () => unknown, RegExp]>([
  [
    "an activation",
    () => rnn(3, { activation: "swish" as never }),
    /rnn.activation: expected one of identity, tanh/,
  ],
  [
    "an activation from the prototype",
    () => rnn(3, { activation: "constructor" as never }),
    /rnn.activation/,
  ],
  ["a gate's activation", () => lstm(3, { gateActivation: "softmax" as never }), /lstm.gateActivation/],
  [
    "an activation's constant",
    () => gru(3, { candidateActivation: { name: "elu", alpha: NaN } }),
    /candidateActivation.alpha/,
  ],
  ["a negative clip", () => lstm(3, { clip: -1 }), /lstm.clip: expected a number from 0/],
  [
    "a projection wider than the units",
    () => lstm(3, { projection: 4 }),
    /lstm.projection: expected at most 3 units, got 4/,
  ],
  [
    "a projection with peepholes",
    () => lstm(3, { projection: 2, peepholes: true }),
    /expected the plain cell, got peepholes beside it/,
  ],
  [
    "an update",
    () => gru(3, { update: "both" as never }),
    /gru.update: expected "state" or "candidate", got both/,
  ],
  [
    "an option",
    () => lstm(3, { peephole: true } as never),
    /lstm: expected only the options reverse, bias, .*, got peephole/,
  ],
  [
    "an option of another layer",
    () => minGru(3, { clip: 1 } as never),
    /minGru: expected only the options .*, got clip/,
  ],
  [
    "an option of dense",
    () => dense(3, { relu: true } as never),
    /dense: expected only the options bias, got relu/,
  ],
  [
    "a beginning",
    () => rnn(3, { initial: "random" as never }),
    /rnn.initial: expected "zero" or "learned", got random/,
  ],
])("%s that there is not is refused where it is written", (_, make, message) => {
  expect(make).toThrow(message);
  expect(make).toThrow(InputError);
});
