/** Diagnosis names what was made wrong on purpose, and nothing where all is well; afterwards the model is as before. */
import { describe, expect, test } from "vitest";
import {
  activation,
  adam,
  averaged,
  checkpoint,
  crossEntropy,
  dense,
  diagnose,
  embedding,
  features,
  findRate,
  InputError,
  last,
  lstm,
  type Model,
  model,
  overfitOneBatch,
  resume,
  rnn,
  sgd,
  squaredError,
  tensor,
  tokens,
  windows,
} from "../../ts/index.js";
import { writeSafetensors } from "../../ts/io/safetensors.js";
import { normals } from "../reference/draw.js";

const ids = Uint32Array.from({ length: 400 }, (_, i) => (i * i) % 7);
const text = windows(ids, { batch: 4, steps: 12 });
const language = () => model(tokens(7), embedding(8), lstm(16), dense(7), { seed: 1 });
const reading = { loss: crossEntropy(), optimiser: adam(0.003) };

/** Rows of numbers, and one answer for each row. */
function numbers(steps: number, scale = 1) {
  const inputs = tensor(
    Float32Array.from(normals(8 * steps * 2, 3), (x) => x * scale),
    [8, steps, 2],
  );
  return [{ inputs, targets: tensor(Float32Array.from(normals(8, 4)), [8, 1]) }];
}
const regression = { loss: squaredError(), optimiser: adam(0.003) };

function bits(net: Model): number[] {
  return net.parameters().flatMap(({ data }) => [...new Uint32Array(data.buffer)]);
}

/** Replaces some parameters. */
function change(net: Model, path: string, to: (value: number, index: number) => number) {
  net.assign(
    writeSafetensors(
      net.parameters().map(({ path: name, shape, data }) => {
        const values = name === path ? data.map(to) : data;
        return [name, { dtype: "F32", shape, bytes: new Uint8Array(values.buffer) }];
      }),
    ),
  );
}

const kindsOf = async (...parameters: Parameters<typeof diagnose>) =>
  (await diagnose(...parameters)).findings.map(({ kind, where }) => `${where}: ${kind}`);

describe("diagnose", () => {
  test("finds nothing where all is well, and gives the numbers of every layer", async () => {
    const net = await language();
    const { layers, losses, gradientNorms, findings } = await diagnose(net, text, reading);
    expect(findings).toEqual([]);
    expect(layers.map(({ path }) => path)).toEqual(["0.embedding", "1.lstm", "2.dense"]);
    expect(losses.length).toBe(5);
    expect(losses).toEqual((await net.fit(text, { ...reading, steps: 5 })).loss);
    expect(gradientNorms.length).toBe(5);
    for (const { gradientNorm, updateRatio, dead } of layers) {
      expect(gradientNorm).toBeGreaterThan(0);
      expect(updateRatio).toBeGreaterThan(1e-4);
      expect(dead).toBe(0);
    }
    const [, recurrent] = layers;
    expect(Object.keys(recurrent!.saturated)).toEqual(["input", "forget", "candidate", "output"]);
    expect(recurrent!.reach).toBeGreaterThan(0.1);
  });

  test("the norms of a step's layers are those of the step", async () => {
    const net = await language();
    const { layers, gradientNorms } = await diagnose(net, text, { ...reading, steps: 1 });
    const all = Math.sqrt(layers.reduce((sum, { gradientNorm }) => sum + gradientNorm ** 2, 0));
    expect(all).toBeCloseTo(gradientNorms[0]!, 6);
  });

  test("the update is measured in the size of the parameters", async () => {
    const net = await language();
    const before = net.parameters();
    const { layers } = await diagnose(net, text, { ...reading, optimiser: sgd(0.1), steps: 1 });
    await net.fit(text, { ...reading, optimiser: sgd(0.1), steps: 1 });
    const length = (values: number[]) => Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));
    const [weight] = before;
    const moved = [...net.parameters()[0]!.data].map((x, i) => x - weight!.data[i]!);
    expect(layers[0]!.updateRatio).toBeCloseTo(length(moved) / length([...weight!.data]), 6);
  });

  test("a rate that is too high, and one that is too low", async () => {
    const net = await language();
    expect(await kindsOf(net, text, { ...reading, optimiser: adam(0.5) })).toContain("1.lstm: rate too high");
    const low = await kindsOf(net, text, { ...reading, optimiser: adam(1e-9) });
    expect(low).toEqual(["0.embedding", "1.lstm", "2.dense"].map((path) => `${path}: rate too low`));
  });

  test("data that are not scaled, and the gates that suffer from it", async () => {
    const net = await model(features(2), lstm(8), last(), dense(1), { seed: 1 });
    const found = await kindsOf(net, numbers(10, 300), regression);
    expect(found).toContain("inputs: scale");
    expect(found).toContain("1.lstm: saturated".replace("1.", "0."));
    expect(await kindsOf(net, numbers(10), regression)).toEqual([]);
  });

  test("a gradient that vanishes on its way to the first steps, and one that explodes", async () => {
    const net = await model(features(2), rnn(8), last(), dense(1), { seed: 1 });
    change(net, "0.rnn.weightHidden", (x) => x * 0.2);
    expect(await kindsOf(net, numbers(40), regression)).toEqual(["0.rnn: vanishing"]);
    const linear = await model(features(2), rnn(8, { activation: "identity" }), last(), dense(1), {
      seed: 1,
    });
    change(linear, "0.rnn.weightHidden", (x) => x * 1.5);
    const found = await kindsOf(linear, numbers(20, 1e-4), { ...regression, optimiser: sgd(1e-9) });
    expect(found).toContain("0.rnn: exploding");
  });

  test("units that get no gradient", async () => {
    const net = await model(features(2), dense(8), activation("relu"), last(), dense(1), { seed: 1 });
    change(net, "0.dense.bias", (x, unit) => (unit < 4 ? -100 : x + 3));
    const { layers, findings } = await diagnose(net, numbers(3), regression);
    expect(layers[0]!.dead).toBe(0.5);
    expect(findings.map(({ kind }) => kind)).toContain("dead");
    expect(findings.find(({ kind }) => kind === "dead")!.text).toMatch(
      /^0.dense: 50 % of its units get no gradient/,
    );
  });

  test("a training that diverges", async () => {
    const net = await model(features(2), dense(1), last(), { seed: 1 });
    const found = await kindsOf(net, numbers(3, 1e18), { ...regression, optimiser: sgd(1e10) });
    expect(found[0]).toBe("training: diverged");
  });

  test("no batch is refused", async () => {
    await expect(diagnose(await language(), [], reading)).rejects.toThrow(
      "diagnose: expected at least one batch, got none",
    );
  });
});

describe("overfitOneBatch", () => {
  test("says that a batch is learned", async () => {
    const [batch] = [...text];
    const { learned, losses, text: words } = await overfitOneBatch(await language(), batch!, reading);
    expect(learned).toBe(true);
    expect(losses.length).toBe(300);
    expect(words).toMatch(/^The batch is learned: the loss went from 1\.9\d to \S+ in 300 steps\.$/);
  });

  test("says that targets which do not belong to their inputs are not", async () => {
    const example = { inputs: [[1], [1], [1], [1]], targets: [[1], [2], [3], [4]] };
    const net = await model(tokens(7), embedding(4), dense(7));
    const { learned, text: words } = await overfitOneBatch(net, example, { loss: crossEntropy() });
    expect(learned).toBe(false);
    expect(words).toContain("Look whether targets belong to their inputs");
  });

  test("takes a batch out of the middle of a sequence", async () => {
    const [, second] = [...text];
    expect((await overfitOneBatch(await language(), second!, { ...reading, steps: 2 })).losses.length).toBe(
      2,
    );
  });

  test("says that a training diverges", async () => {
    const net = await model(features(1), dense(1));
    const example = { inputs: [[3e38]], targets: [[1]] };
    const { learned, text: words } = await overfitOneBatch(net, example, { loss: squaredError() });
    expect(learned).toBe(false);
    expect(words).toContain("lower the rate");
  });
});

describe("findRate", () => {
  test("finds a rate that learns, between one that does not and one that diverges", async () => {
    const net = await language();
    const { rate, rates, losses } = await findRate(net, text, reading);
    expect(rates[0]).toBeCloseTo(1e-6, 12);
    expect(rates.length).toBe(losses.length);
    for (let i = 1; i < rates.length; i++) expect(rates[i]! / rates[i - 1]!).toBeCloseTo(10 ** (7 / 99), 9);
    expect(rate).toBeGreaterThan(1e-4);
    expect(rate).toBeLessThan(1);
    const learned = async (rate: number) =>
      (await (await language()).fit(text, { ...reading, optimiser: adam(rate), epochs: 2 })).loss.at(-1)!;
    expect(await learned(rate!)).toBeLessThan((await learned(1e-6)) - 0.2);
  });

  test("stops where the loss grows", async () => {
    const net = await model(features(2), rnn(8), last(), dense(1), { seed: 1 });
    const { rates } = await findRate(net, numbers(5), { loss: squaredError(), optimiser: sgd(0), to: 1e6 });
    expect(rates.at(-1)).toBeLessThan(1e5);
  });

  test.each([
    ["a first rate of 0", { from: 0 }],
    ["a last rate below the first", { from: 1, to: 0.1 }],
    ["too few steps", { steps: 5 }],
  ])("%s is refused", async (_, wrong) => {
    await expect(findRate(await language(), text, { ...reading, ...wrong })).rejects.toThrow(InputError);
  });
});

test("the model is as before, its average and a training in progress too", async () => {
  const [net, other] = [await language(), await language()];
  const options = { ...reading, average: 0.9, steps: 8 };
  const checks = async () => {
    await diagnose(net, text, reading);
    await findRate(net, text, { ...reading, steps: 20 });
    await overfitOneBatch(net, [...text][0]!, { ...reading, steps: 5 });
  };
  const before = bits(net);
  await checks();
  expect(bits(net)).toEqual(before);
  let bytes: Uint8Array | undefined;
  for await (const { step } of net.train(text, options)) {
    if (step !== 3) continue;
    await checks();
    bytes = checkpoint(net);
  }
  await other.fit(text, options);
  expect(bits(net)).toEqual(bits(other));
  expect(await averaged(net, () => bits(net))).toEqual(await averaged(other, () => bits(other)));
  const resumed = await language();
  await resumed.fit(text, { ...options, start: resume(bytes!) });
  expect(bits(resumed)).toEqual(bits(net));
});

test("checks again and again take no more memory", async () => {
  const net = await language();
  const check = () => diagnose(net, text, { ...reading, steps: 1 });
  for (let i = 0; i < 3; i++) await check();
  const taken = net.memory;
  for (let i = 0; i < 20; i++) await check();
  expect(net.memory).toBe(taken);
});
