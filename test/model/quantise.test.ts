/** Quantised models: what they compute, what that costs, how they are kept, and what they refuse. */
import { describe, expect, test } from "vitest";
import { writeParameter } from "../../ts/graph/parameter.js";
import {
  adam,
  crossEntropy,
  dense,
  embedding,
  FormatError,
  features,
  gru,
  InputError,
  inspect,
  load,
  lstm,
  model,
  quantise,
  squaredError,
  tensor,
  tokens,
} from "../../ts/index.js";
import { readSafetensors } from "../../ts/io/safetensors.js";
import { writeSealed } from "../../ts/io/sealed.js";
import { data, drawn, inputs, kept, quantised, vector } from "../cells/quantised.js";
import { distance, expectSameBits } from "../reference/compare.js";
import { indices, normals } from "../reference/draw.js";
import { int8Product } from "../reference/int8.js";
import { matrix } from "../reference/matrix.js";

test.each([1, 3, 4, 5, 8, 13, 64])("dense of %i units has the bits of its definition", async (units) => {
  const net = await quantised(await drawn(dense(units)));
  const given = data(2, 5);
  const bias = vector(net, "bias");
  const product = int8Product(matrix(10, inputs, given.data), kept(net, "weight"), 127).values;
  expectSameBits(
    (await net.predict(given)).data,
    product.map((value, i) => bias[i % units]! + value),
  );
});

test.each([1, 3, 4, 5, 8, 13, 64])(
  "an embedding of %i numbers gives rows of whole numbers, scaled",
  async (units) => {
    const net = await quantised(await model(tokens(7), embedding(units)));
    const { numbers, scales } = kept(net, "weight");
    expect(scales.length).toBe(7);
    const ids = indices(20, 7, 1);
    const expected = Array.from(ids).flatMap((id) =>
      Array.from(numbers.subarray(id * units, (id + 1) * units), (number) => number * scales[id]!),
    );
    expectSameBits((await net.predict(ids)).data, expected);
  },
);

test("dense stays as near to float32 as the steps of its whole numbers allow", async () => {
  for (const [seed, width] of [
    [1, 1],
    [2, 5],
    [3, 64],
    [4, 300],
  ] as const) {
    const net = await model(features(width), dense(13, { bias: false }), { seed });
    const small = await quantised(net);
    const x = normals(width, seed);
    const weight = vector(net, "weight");
    const { scales } = kept(small, "weight");
    vector(small, "weight").forEach((rounded, i) => {
      expect(Math.abs(rounded - weight[i]!)).toBeLessThanOrEqual((scales[i % 13]! / 2) * 1.0001);
    });
    const exact = (await net.predict([[...x]])).data;
    const rounded = (await small.predict([[...x]])).data;
    const stepX = Math.max(...x.map(Math.abs)) / 127;
    for (let column = 0; column < 13; column++) {
      const stepW = scales[column]!;
      let bound = 1e-6;
      for (let k = 0; k < width; k++) {
        bound +=
          (Math.abs(x[k]!) * stepW + Math.abs(weight[k * 13 + column]!) * stepX) / 2 + (stepX * stepW) / 4;
      }
      expect(Math.abs(exact[column]! - rounded[column]!)).toBeLessThan(bound);
    }
  }
});

test("in fast precision predicts nearly the same, and streams with the bits of a batch", async () => {
  const net = await drawn(lstm(33), gru(17), dense(5));
  const given = data(1, 8);
  const { model: small, report } = await quantise(net, { threads: 1, precision: "fast", data: given });
  // Numbers of 7 bits in the place of 8; where the host has no relaxed SIMD, the same.
  const fast = small.precision.name === "fast";
  expect(report.outputs!.error).toBeLessThan(fast ? 0.06 : 0.03);
  const { data: batch } = await small.predict(given);
  const same = (await (await quantised(net)).predict(given)).data.every((value, i) => value === batch[i]);
  expect(same).toBe(!fast);
  const stream = small.stream();
  for (let t = 0; t < 8; t++) {
    expectSameBits(stream.step(given.data.subarray(t * 3, t * 3 + 3)), batch.subarray(t * 5, t * 5 + 5));
  }
  const plain = await load(small.save(), { threads: 1 });
  expectSameBits((await plain.predict(given)).data, (await (await quantised(net)).predict(given)).data);
});

test("threads change no bit", async () => {
  const net = await model(features(64), lstm(128), gru(96), dense(10), { seed: 1 });
  const given = tensor(normals(16 * 20 * 64, 1), [16, 20, 64]);
  const results = [];
  for (const threads of [1, 2]) {
    const { model: small } = await quantise(net, { threads });
    results.push((await small.predict(given)).data);
    await small.close();
  }
  expectSameBits(results[1]!, results[0]!);
});

describe("the report", () => {
  test("tells how far weights and outputs are from float32", async () => {
    const net = await model(tokens(11), embedding(16), gru(24), dense(11), { seed: 2 });
    const given = tensor(indices(60, 11, 1), [3, 20]);
    const { model: small, report } = await quantise(net, { data: given });
    expect(report.weights.map(({ path }) => path)).toEqual([
      ...["0.embedding.weight", "1.gru.weightInput", "1.gru.weightHidden", "2.dense.weight"],
    ]);
    for (const { path, error } of report.weights) {
      expect(error).toBeCloseTo(distance(vector(small, path), vector(net, path)), 10);
      expect(error).toBeGreaterThan(1e-3);
      expect(error).toBeLessThan(1e-2);
    }
    const [before, after] = [(await net.predict(given)).data, (await small.predict(given)).data];
    const { error, largest, agreement } = report.outputs!;
    expect(error).toBeCloseTo(distance(after, before), 10);
    expect(largest).toBe(before.reduce((most, value, i) => Math.max(most, Math.abs(value - after[i]!)), 0));
    const best = (values: Float32Array, t: number) => {
      const row = [...values.subarray(t * 11, (t + 1) * 11)];
      return row.indexOf(Math.max(...row));
    };
    const same = Array.from({ length: 60 }, (_, t) => best(before, t) === best(after, t)).filter(Boolean);
    expect(agreement).toBe(same.length / 60);
  });

  test("has no outputs without data, and no error where all weights are whole numbers of their scale", async () => {
    const net = await model(features(2), dense(2));
    const [weight] = net.network.parameters;
    writeParameter(net.network.engine, weight!, Float32Array.of(127, 0, -64, 0));
    const { model: small, report } = await quantise(net);
    expect(report).toEqual({ weights: [{ path: "0.dense.weight", error: 0 }], outputs: undefined });
    expect([...vector(small, "weight")]).toEqual([127, 0, -64, 0]);
    expect(kept(small, "weight")).toEqual({
      numbers: Int8Array.of(127, 0, -64, 0),
      scales: Float32Array.of(1, 0),
    });
  });
});

test("weights below the normal numbers of float32 stay below them", async () => {
  const net = await model(features(2), dense(1));
  const [weight] = net.network.parameters;
  writeParameter(net.network.engine, weight!, Float32Array.of(1e-42, -1e-44));
  const [a, b] = vector(await quantised(net), "weight");
  expect(Math.abs(a! - 1e-42)).toBeLessThan(2e-43);
  expect(Math.abs(b!)).toBeLessThan(2e-43);
});

test("a row with NaN gives NaN to the end, and other rows what they give alone", async () => {
  const net = await quantised(await drawn(lstm(8), dense(2)));
  const { data: clean } = await net.predict(data(2, 4));
  const spoilt = data(2, 4);
  spoilt.data[(0 * 4 + 1) * inputs] = NaN;
  const { data: result } = await net.predict(spoilt);
  expectSameBits(result.subarray(0, 2), clean.subarray(0, 2));
  expect(result.subarray(2, 8).every(Number.isNaN)).toBe(true);
  expectSameBits(result.subarray(8), clean.subarray(8));
});

describe("size", () => {
  test("of the file and of the weights in memory is about a quarter", async () => {
    const net = await model(tokens(500), embedding(128), lstm(256), dense(500));
    const small = await quantised(net);
    expect(small.save().length).toBeLessThan(0.26 * net.save().length);
    expect(small.network.count).toBeLessThan(0.27 * net.network.count);
    expect(small.size).toBe(net.size);
    expect((await load(small.save())).network.count).toBe(small.network.count);
  });
});

describe("a model with a function among its layers", () => {
  test("is quantised, and its file assigned", async () => {
    const make = (seed: number) => {
      const [a, b] = [dense(4), lstm(5)];
      return model(features(inputs), (x) => b(a(x)), { seed });
    };
    const small = await quantised(await make(1));
    const other = await quantised(await make(2));
    const { data: expected } = await small.predict(data(1, 3));
    other.assign(small.save());
    expectSameBits((await other.predict(data(1, 3))).data, expected);
  });
});

describe("what a quantised model cannot", () => {
  const batch = { inputs: [[1, 2, 3]], targets: [[0]] };

  test("is to be trained, which changes nothing; evaluation works", async () => {
    const net = await drawn(lstm(4), dense(1));
    const small = await quantised(net);
    const before = small.save();
    const loss = squaredError();
    await expect(small.fit([batch], { loss, optimiser: adam(0.1) })).rejects.toThrow(
      /model: expected weights of float32.*got a quantised model — train the model that it was made from/,
    );
    await expect(inspect(small, [[1, 2, 3]], { loss, targets: [[0]] })).rejects.toThrow(InputError);
    expect(small.save()).toEqual(before);
    expect(await inspect(small, [[1, 2, 3]])).toHaveLength(1);
    expect(await small.evaluate([batch], { loss })).toBeCloseTo(await net.evaluate([batch], { loss }), 1);
    const classifier = await quantised(await model(tokens(3), embedding(4), dense(3)));
    expect(
      await classifier.evaluate([{ inputs: [1], targets: [2] }], { loss: crossEntropy() }),
    ).toBeGreaterThan(0);
  });

  test("is to be quantised again", async () => {
    await expect(quantise(await quantised(await drawn(dense(2))))).rejects.toThrow(
      /quantise: expected a model of float32, got a quantised one/,
    );
  });

  test("is to take weights of float32, nor a model of float32 those of int8", async () => {
    const net = await drawn(lstm(4));
    const small = await quantised(net);
    const [before, after] = [net.save(), small.save()];
    expect(() => small.assign(before)).toThrow(/weightInput: expected I8, as the model keeps it, got F32/);
    expect(() => net.assign(after)).toThrow(/weightInput: expected F32, got I8/);
    expect([net.save(), small.save()]).toEqual([before, after]);
  });

  test("are weights that are not finite", async () => {
    const net = await drawn(dense(2));
    const [weight] = net.network.parameters;
    for (const wrong of [NaN, Infinity]) {
      writeParameter(net.network.engine, weight!, Float32Array.of(1, 2, wrong, 3, 4, 5));
      await expect(quantise(net)).rejects.toThrow(`0.dense.weight: expected finite weights, got ${wrong}`);
    }
  });

  test("are more inputs than can be summed in 32 bits", async () => {
    const net = await model(features(131073), dense(1));
    await expect(quantise(net)).rejects.toThrow(/0.dense.weight: expected at most 131072 inputs.*got 131073/);
  });
});

describe("a file in int8 is refused", () => {
  const good = (async () => (await quantised(await drawn(lstm(4), dense(2)))).save())();

  test.each<[string, (tensors: Map<string, unknown>) => void, RegExp]>([
    [
      "without scales",
      (tensors) => tensors.delete("0.lstm.weightInput.scales"),
      /scales: expected shape \[16\], got no such tensor/,
    ],
    [
      "with too few scales",
      (tensors) => tensors.set("1.dense.weight.scales", f32(1)),
      /scales: expected shape \[2\], got \[1\]/,
    ],
    [
      "with scales in int8",
      (tensors) => tensors.set("1.dense.weight.scales", i8(2)),
      /scales: expected F32, got I8/,
    ],
    [
      "with one weight in float32",
      (tensors) => tensors.set("1.dense.weight", f32(4, 2)),
      /weight: expected I8.*got F32/,
    ],
    ["with a bias in int8", (tensors) => tensors.set("1.dense.bias", i8(2)), /bias: expected F32, got I8/],
    [
      "with scales of a bias",
      (tensors) => tensors.set("1.dense.bias.scales", f32(2)),
      /only the model's tensors, got "1.dense.bias.scales"/,
    ],
  ])("%s", async (_, change, message) => {
    const { tensors, metadata } = readSafetensors(await good);
    const changed = new Map(tensors);
    change(changed as Map<string, unknown>);
    const loading = load(writeSealed(changed, metadata));
    await expect(loading).rejects.toThrow(FormatError);
    await expect(loading).rejects.toThrow(message);
  });

  const count = (shape: readonly number[]) => shape.reduce((a, b) => a * b);
  const f32 = (...shape: number[]) => ({ dtype: "F32", shape, bytes: new Uint8Array(4 * count(shape)) });
  const i8 = (...shape: number[]) => ({ dtype: "I8", shape, bytes: new Uint8Array(count(shape)) });
});
