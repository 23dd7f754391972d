/** What a step of training is made of: several batches, bounds for the gradient, a moving average of the parameters. */
import { expect, test } from "vitest";
import {
  adam,
  averaged,
  type Clip,
  clipEach,
  clipNorm,
  clipValue,
  crossEntropy,
  DivergedError,
  dense,
  dropout,
  embedding,
  features,
  InputError,
  lstm,
  type Model,
  model,
  sgd,
  squaredError,
  tensor,
  tokens,
  windows,
} from "../../ts/index.js";
import { random } from "../../ts/random.js";
import { distance, expectClose } from "../reference/compare.js";

const { integer } = random(3);
const ids = Uint32Array.from({ length: 600 }, (_, i) => (integer(3) + i) % 8);
const text = windows(ids, { batch: 3, steps: 10 });
const make = () => model(tokens(8), embedding(5), lstm(6), dense(8), { seed: 1 });
const options = { loss: crossEntropy(), optimiser: sgd(0.5) };

function flat(net: Model): number[] {
  return net.parameters().flatMap(({ data }) => [...data]);
}

test("batches that make a step together do what one batch of all does, however long each is", async () => {
  const rows = [
    [1, 2, 3],
    [4, 5, 6],
    [7, 0, 1],
    [2, 3, 4],
    [5, 6, 7],
  ];
  const targets = rows.map((row) => row.map((id) => (id + 1) % 8));
  const part = (from: number, to: number) => ({
    inputs: rows.slice(from, to),
    targets: targets.slice(from, to),
    ...(to - from === 1 && { lengths: [2] }),
  });
  const [apart, together] = [await make(), await make()];
  const norms: number[] = [];
  const losses: number[] = [];
  for (const [net, examples, accumulate] of [
    [apart, [part(0, 2), part(2, 3), part(3, 5)], 3],
    [together, [{ inputs: rows, targets, lengths: [3, 3, 2, 3, 3] }], 1],
  ] as const) {
    for await (const { loss, gradientNorm } of net.train(examples, { ...options, accumulate })) {
      losses.push(loss);
      norms.push(gradientNorm);
    }
  }
  expect(losses.length).toBe(2);
  expectClose([losses[0]!], [losses[1]!], 1e-6);
  expectClose([norms[0]!], [norms[1]!], 1e-6);
  expectClose(flat(apart), flat(together), 1e-6);
});

test("the last step of an epoch takes the batches that are left", async () => {
  const net = await make();
  const steps: number[] = [];
  for await (const { step, epoch } of net.train(text, { ...options, accumulate: 7, epochs: 2 })) {
    steps.push(epoch);
    expect(step).toBe(steps.length - 1);
  }
  const each = Math.ceil(text.length / 7);
  expect(text.length % 7).not.toBe(0);
  expect(steps).toEqual([...Array(each).fill(0), ...Array(each).fill(1)]);
});

test("each batch of a step has its own dropped numbers", async () => {
  const [a, b] = await Promise.all(
    [0, 1].map(() => model(tokens(8), embedding(5), dropout(0.5), dense(8), { seed: 1 })),
  );
  const [batch] = [...text];
  await a!.fit([batch!], options);
  await b!.fit([batch!, { ...batch!, continues: false }], { ...options, accumulate: 2 });
  expect(distance(flat(b!), flat(a!))).toBeGreaterThan(1e-3); // with one mask they would differ by rounding alone
});

test("clipping by each parameter bounds the norm of its move", async () => {
  const net = await make();
  const before = net.parameters();
  await net.fit(text, { ...options, optimiser: sgd(1), clip: clipEach(0.05), steps: 1 });
  const lengths = net.parameters().map(({ data }, p) => {
    return Math.sqrt(data.reduce((sum, x, i) => sum + (x - before[p]!.data[i]!) ** 2, 0));
  });
  for (const length of lengths) expect(length).toBeLessThan(0.05 + 1e-5);
  expect(lengths.filter((length) => length > 0.0499).length).toBeGreaterThan(0);
  expect(lengths.some((length) => length < 0.049)).toBe(true);
});

test("clipping by value bounds each number", async () => {
  const [net, free] = [await make(), await make()];
  const before = flat(net);
  await net.fit(text, { ...options, optimiser: sgd(1), clip: clipValue(0.01), steps: 1 });
  await free.fit(text, { ...options, optimiser: sgd(1), steps: 1 });
  const wanted = flat(free).map((x, i) => Math.max(-0.01, Math.min(0.01, x - before[i]!)));
  expectClose(
    flat(net).map((x, i) => x - before[i]!),
    wanted,
    1e-5,
  );
});

test.each<[string, () => Clip]>([
  ["a norm of 0", () => clipNorm(0)],
  ["an order below 1", () => clipNorm(1, { order: 0.5 })],
  ["a value that is not a number", () => clipValue(NaN)],
  ["a negative norm", () => clipEach(-1)],
])("%s is refused", (_, make) => {
  expect(make).toThrow(InputError);
});

test("a penalty on absolute weights pulls matrices by its size, is clipped with the rest, and spares biases", async () => {
  const [plain, pulled, clipped] = [await make(), await make(), await make()];
  const before = plain.parameters();
  const step = { loss: crossEntropy(), optimiser: sgd(0.1), steps: 1 };
  const one = await plain.fit(text, step);
  const two = await pulled.fit(text, { ...step, l1: 0.01 });
  expect(two.loss).toEqual(one.loss);
  for (const [index, { data, shape }] of pulled.parameters().entries()) {
    const without = plain.parameters()[index]!.data;
    const pull = shape.length === 1 ? 0 : 0.1 * 0.01;
    expectClose(
      data,
      without.map((value, i) => value - pull * Math.sign(before[index]!.data[i]!)),
      1e-6,
    );
  }
  await clipped.fit(text, { ...step, l1: 1000, clip: 1 });
  const moved = clipped
    .parameters()
    .flatMap(({ data }, p) => [...data.map((x, i) => x - before[p]!.data[i]!)]);
  expect(Math.hypot(...moved)).toBeCloseTo(0.1, 5);
  await expect(plain.fit(text, { ...step, l1: -1 })).rejects.toThrow(
    /train.l1: expected a finite number from 0/,
  );
});

test("the average follows the parameters, and takes their place where it is asked to", async () => {
  const net = await make();
  let expected = flat(net);
  for await (const _ of net.train(text, { ...options, average: 0.9, steps: 12 })) {
    const now = flat(net);
    expected = expected.map((x, i) => 0.9 * x + 0.1 * now[i]!);
    if (_.step === 5) await averaged(net, () => expectClose(flat(net), expected, 1e-6));
  }
  const last = flat(net);
  const loss = await net.evaluate(text, options);
  const smooth = await averaged(net, () => net.evaluate(text, options));
  expect(smooth).not.toBe(loss);
  const saved = await averaged(net, () => net.save());
  expect(flat(net)).toEqual(last);
  net.assign(saved);
  expectClose(flat(net), expected, 1e-6);
  expect(await net.evaluate(text, options)).toBe(smooth);
});

test("an average comes back after an error, and training without one leaves none", async () => {
  const net = await make();
  await net.fit(text, { ...options, average: 0.5, steps: 2 });
  const before = flat(net);
  await expect(averaged(net, () => Promise.reject(new Error("mine")))).rejects.toThrow("mine");
  expect(flat(net)).toEqual(before);
  await net.fit(text, { ...options, steps: 1 });
  await expect(averaged(net, () => 1)).rejects.toThrow(
    "averaged: expected a model that was trained with the option average, got one that was not",
  );
});

test("training with an average again and again takes no more memory", async () => {
  const net = await make();
  const train = () => net.fit(text, { ...options, average: 0.5, optimiser: adam(0.01), steps: 1 });
  for (let i = 0; i < 3; i++) await train();
  const taken = net.memory;
  for (let i = 0; i < 30; i++) await train();
  expect(net.memory).toBe(taken);
});

const numbers = (...rows: number[]) => ({
  inputs: tensor(Float32Array.from(rows), [rows.length, 1, 1]),
  targets: tensor(new Float32Array(rows.length), [rows.length, 1, 1]),
});

test("steps that are not finite can be skipped, as if their batches were not there", async () => {
  const [skipping, without] = await Promise.all([0, 1].map(() => model(features(1), dense(1), { seed: 1 })));
  const settings = { loss: squaredError(), optimiser: adam(0.1) };
  const good = [numbers(1, 2), numbers(3, 4), numbers(5, 6)];
  const losses = await skipping!.fit([good[0]!, numbers(3e38, 1), good[1]!, good[2]!], {
    ...settings,
    divergence: "skip",
  });
  expect(losses).toEqual(await without!.fit(good, settings));
  expect(flat(skipping!)).toEqual(flat(without!));
});

test("a sequence that a skipped batch would have gone on with goes on from before it", async () => {
  const [skipping, without] = await Promise.all(
    [0, 1].map(() => model(features(1), lstm(3), dense(1), { seed: 1 })),
  );
  const settings = { loss: squaredError(), optimiser: adam(0.1) };
  const first = { ...numbers(1), continues: false };
  const bad = { ...numbers(2), targets: [[[3e38]]], continues: true };
  const last = { ...numbers(3), continues: true };
  const losses = await skipping!.fit([first, bad, last], { ...settings, divergence: "skip" });
  expect(losses).toEqual(await without!.fit([first, last], settings));
});

test("an epoch of which every step was skipped is an error", async () => {
  const net = await model(features(1), dense(1));
  const settings = {
    loss: squaredError(),
    optimiser: adam(0.1),
    divergence: "skip",
    epochs: Infinity,
  } as const;
  await expect(net.fit([numbers(3e38)], settings)).rejects.toThrow(DivergedError);
});

test("training can stop where it diverges, with the parameters of the step before", async () => {
  const [stopping, without] = await Promise.all([0, 1].map(() => model(features(1), dense(1), { seed: 1 })));
  const settings = { loss: squaredError(), optimiser: adam(0.1) };
  const losses = await stopping!.fit([numbers(1), numbers(3e38), numbers(2)], {
    ...settings,
    divergence: "stop",
  });
  expect(losses).toEqual(await without!.fit([numbers(1)], settings));
  expect(flat(stopping!)).toEqual(flat(without!));
});
