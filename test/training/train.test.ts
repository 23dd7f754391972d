/** The training loop: what it yields, how it stops, and what it refuses. */
import { expect, test } from "vitest";
import {
  adam,
  adamw,
  crossEntropy,
  DivergedError,
  dense,
  dropout,
  type Examples,
  embedding,
  features,
  historyOf,
  InputError,
  last,
  load,
  lstm,
  type Model,
  model,
  rnn,
  sgd,
  squaredError,
  type TrainOptions,
  tensor,
  tokens,
  windows,
} from "../../ts/index.js";
import { writeSafetensors } from "../../ts/io/safetensors.js";
import { random } from "../../ts/random.js";

const { integer } = random(7);
const ids = Uint32Array.from({ length: 2000 }, (_, i) => (integer(4) + i) % 8);
const text = windows(ids, { batch: 3, steps: 10 });
const options: TrainOptions = { loss: crossEntropy(), optimiser: adam(0.01) };

function small(seed = 0): Promise<Model> {
  return model(tokens(8), embedding(5), lstm(6), dense(8), { seed });
}

async function lossesOf(net: Model, examples: Examples, options: TrainOptions): Promise<number[]> {
  return (await net.fit(examples, options)).loss;
}

function bits(net: Model): number[] {
  return net.parameters().flatMap(({ data }) => [...new Uint32Array(data.buffer)]);
}

test("training makes the loss smaller and yields each step in order", async () => {
  const net = await small();
  const seen: number[] = [];
  const losses: number[] = [];
  for await (const { step, loss, gradientNorm, rate, epoch } of net.train(text, { ...options, epochs: 6 })) {
    seen.push(step);
    losses.push(loss);
    expect(gradientNorm).toBeGreaterThan(0);
    expect(rate).toBe(0.01);
    expect(epoch).toBe(Math.floor(step / text.length));
  }
  expect(seen).toEqual(Array.from({ length: 6 * text.length }, (_, i) => i));
  expect(losses.at(-1)!).toBeLessThan(losses[0]! - 0.2);
});

test("fit is train run to its end", async () => {
  const [a, b] = [await small(), await small()];
  const { loss: losses } = await a.fit(text, { ...options, steps: 9 });
  const yielded: number[] = [];
  for await (const { loss } of b.train(text, { ...options, steps: 9 })) yielded.push(loss);
  expect(losses).toEqual(yielded);
  expect(bits(a)).toEqual(bits(b));
});

test("the same seed gives the same bits and another seed gives others", async () => {
  const nets = [await small(3), await small(3), await small(4)];
  for (const net of nets) await net.fit(text, { ...options, steps: 5 });
  const [a, b, c] = nets.map(bits);
  expect(a).toEqual(b);
  expect(a).not.toEqual(c);
});

test("state is carried from one window to the next and begins anew with each pass", async () => {
  const rate0 = { ...options, optimiser: sgd(0) };
  const net = await small();
  const [first, second] = await lossesOf(net, text, { ...rate0, steps: 2 });
  const parts = [...text].slice(0, 2);
  const [, alone] = await lossesOf(
    net,
    parts.map((part) => ({ ...part, continues: false })),
    rate0,
  );
  expect(second).not.toBe(alone);
  const whole = windows(ids.subarray(0, 61), { batch: 3, steps: 20 });
  const lanes = windows(ids.subarray(0, 61), { batch: 3, steps: 10 });
  const mean = await net.evaluate(lanes, options);
  expect(mean).toBeCloseTo(await net.evaluate(whole, options), 6);
  const passes = await lossesOf(net, text, { ...rate0, epochs: 2 });
  expect(passes[text.length]).toBe(first);
});

test("a batch that continues nothing is refused", async () => {
  const net = await small();
  const [, second] = [...text];
  await expect(net.fit([second!], options)).rejects.toThrow(/batch 0: expected a first batch/);
});

test("dropout changes with the seed of training and not otherwise", async () => {
  const make = () => model(tokens(8), embedding(5), dropout(0.5), lstm(6), dropout(0.2), dense(8));
  const losses = await Promise.all(
    [1, 1, 2].map(async (seed) => (await make()).fit(text, { ...options, seed, steps: 4 })),
  );
  expect(losses[0]).toEqual(losses[1]);
  expect(losses[0]).not.toEqual(losses[2]);
});

test("dropout per sequence takes the same numbers at every step of a row, and others in another row", async () => {
  const net = await model(features(8), dropout(0.5, { perSequence: true }), dense(8), { seed: 1 });
  const identity = Float32Array.from({ length: 64 }, (_, i) => (i % 9 === 0 ? 1 : 0));
  const bytes = (data: Float32Array) => new Uint8Array(data.buffer);
  net.assign(
    writeSafetensors([
      ["1.dense.weight", { dtype: "F32", shape: [8, 8], bytes: bytes(identity) }],
      ["1.dense.bias", { dtype: "F32", shape: [8], bytes: bytes(new Float32Array(8)) }],
    ]),
  );
  // Each input is 1, so the gradient of the weights counts, for each number, the rows and steps that let it through.
  const [batch, steps] = [3, 6];
  const inputs = tensor(new Float32Array(batch * steps * 8).fill(1), [batch, steps, 8]);
  const masks = await Promise.all(
    [0, 1, 2].map(async (row) => {
      const weights = Array.from({ length: batch * steps }, (_, i) =>
        Math.floor(i / steps) === row ? 1 : 0,
      );
      const each = await Promise.all(
        Array.from({ length: steps }, async (_, t) => {
          const copy = await load(net.save());
          const one = weights.map((weight, i) => (i % steps === t ? weight : 0));
          const targets = tensor(new Float32Array(batch * steps * 8), [batch, steps, 8]);
          await copy.fit([{ inputs, targets, weights: one }], { loss: squaredError(), optimiser: sgd(0.1) });
          return copy
            .parameters()[1]!
            .data.map((moved) => (moved === 0 ? 0 : 1))
            .join("");
        }),
      );
      expect(new Set(each).size).toBe(1);
      return each[0];
    }),
  );
  expect(new Set(masks).size).toBeGreaterThan(1);
});

test("dropout does nothing outside training", async () => {
  const plain = await model(tokens(8), embedding(5), dense(8), { seed: 1 });
  const dropped = await model(tokens(8), embedding(5), dropout(0.5), dense(8), { seed: 1 });
  const data = [1, 2, 3];
  expect((await dropped.predict(data)).data).toEqual((await plain.predict(data)).data);
  expect(await dropped.evaluate(text, options)).toBe(await plain.evaluate(text, options));
});

test("clipping bounds the update and nothing else", async () => {
  const [free, bound, wide] = [await small(), await small(), await small()];
  const before = free.parameters();
  const step = { ...options, optimiser: sgd(1), steps: 1 };
  let norm = 0;
  for await (const { gradientNorm } of free.train(text, step)) norm = gradientNorm;
  await bound.fit(text, { ...step, clip: norm / 4 });
  await wide.fit(text, { ...step, clip: norm * 4 });
  const length = (net: Model) =>
    Math.sqrt(
      net
        .parameters()
        .flatMap(({ data }, p) => [...data].map((x, i) => (x - before[p]!.data[i]!) ** 2))
        .reduce((a, b) => a + b),
    );
  expect(length(free)).toBeCloseTo(norm, 4);
  expect(length(bound)).toBeCloseTo(norm / 4, 4);
  expect(bits(wide)).toEqual(bits(free));
});

test("weight decay shrinks matrices and leaves biases alone", async () => {
  const [plain, decayed] = [await small(), await small()];
  await plain.fit(text, { ...options, optimiser: adamw(0.01, { decay: 0 }), steps: 1 });
  await decayed.fit(text, { ...options, optimiser: adamw(0.01, { decay: 0.5 }), steps: 1 });
  const initial = (await small()).parameters();
  const [a, b] = [plain.parameters(), decayed.parameters()];
  for (const [index, { path, data }] of a.entries()) {
    const moved = data.map((x, i) => x - b[index]!.data[i]!);
    const expected = initial[index]!.data.map((x) => (path.endsWith("bias") ? 0 : x * 0.005));
    for (const [i, x] of moved.entries()) expect(x).toBeCloseTo(expected[i]!, 6);
  }
});

test("the rate may be a function of the step", async () => {
  const net = await small();
  const rates: number[] = [];
  for await (const { rate } of net.train(text, {
    ...options,
    optimiser: adam((step) => 0.1 / (step + 1)),
    steps: 3,
  })) {
    rates.push(rate);
  }
  expect(rates).toEqual([0.1, 0.05, 0.1 / 3]);
});

test("a rate that a function makes of nothing is refused before the update", async () => {
  const [net, other] = [await small(), await small()];
  const optimiser = adam((step) => (step === 2 ? NaN : 0.01));
  await expect(net.fit(text, { ...options, optimiser })).rejects.toThrow(
    "adam.rate(2): expected a finite number from 0, got NaN",
  );
  await other.fit(text, { ...options, steps: 2 });
  expect(bits(net)).toEqual(bits(other));
});

test("an aborted signal stops between steps with its reason and leaves the model usable", async () => {
  const [net, other] = [await small(), await small()];
  const controller = new AbortController();
  const reason = new Error("enough");
  const loop = async () => {
    for await (const { step } of net.train(text, { ...options, signal: controller.signal })) {
      if (step === 2) controller.abort(reason);
    }
  };
  await expect(loop()).rejects.toBe(reason);
  await other.fit(text, { ...options, steps: 3 });
  expect(bits(net)).toEqual(bits(other));
  await net.fit(text, { ...options, steps: 1 });
});

test("a signal that is aborted already does no work", async () => {
  const net = await small();
  const before = bits(net);
  await expect(net.fit(text, { ...options, signal: AbortSignal.abort("never") })).rejects.toBe("never");
  expect(bits(net)).toEqual(before);
});

test("a signal aborts in the middle of a long step, with the parameters of the last whole one", async () => {
  const make = () => model(features(256), dense(512), dense(512), dense(256), { seed: 1 });
  const row = Array.from({ length: 256 }, (_, i) => (i % 7) / 7);
  const example = { inputs: Array(256).fill([row]), targets: Array(256).fill([row]) };
  const [net, other] = [await make(), await make()];
  const settings = { loss: squaredError(), optimiser: adam(0.001), epochs: 99 };
  const controller = new AbortController();
  let steps = 0;
  const loop = async () => {
    for await (const _ of net.train([example], { ...settings, signal: controller.signal })) {
      // A task that can only run while the next step lets the event loop turn.
      if (++steps === 2) setTimeout(() => controller.abort("enough"), 0);
    }
  };
  await expect(loop()).rejects.toBe("enough");
  expect(steps).toBeLessThan(99);
  await other.fit([example], { ...settings, steps });
  expect(bits(net)).toEqual(bits(other));
  await net.fit([example], { ...settings, steps: 1 });
});

test("two trainings of a model take turns, step by step", async () => {
  const net = await small();
  const [first, second] = [
    net.train(text, { ...options, steps: 3 }),
    net.train(text, { ...options, steps: 3 }),
  ];
  const steps = await Promise.all([first, second].map((training) => historyOf(training)));
  expect(steps.map(({ loss }) => loss.length)).toEqual([3, 3]);
  expect(steps[1]!.loss[0]).toBeLessThan(steps[0]!.loss[0]!);
});

test("leaving the loop gives its memory back", async () => {
  const net = await small();
  for (let i = 0; i < 3; i++) for await (const _ of net.train(text, options)) break;
  const taken = net.memory;
  for (let i = 0; i < 50; i++) for await (const _ of net.train(text, options)) break;
  expect(net.memory).toBe(taken);
});

test("numbers that are not finite stop training before the update, and are traced to where they come from", async () => {
  const net = await model(features(2), dense(2, { bias: false }));
  const weights = (data: number[]) =>
    writeSafetensors([
      [
        "0.dense.weight",
        { dtype: "F32", shape: [2, 2], bytes: new Uint8Array(Float32Array.from(data).buffer) },
      ],
    ]);
  const batch = (...rows: number[]) => ({
    inputs: tensor(Float32Array.from(rows), [1, 2, 2]),
    targets: [0, 1],
  });
  const failure = async (examples: Examples) => {
    const before = bits(net);
    const error = await net.fit(examples, options).catch((error) => error);
    expect(error).toBeInstanceOf(DivergedError);
    expect(bits(net)).toEqual(before);
    return error;
  };
  net.assign(weights([1, 1, 1, 1]));
  await expect(net.fit([batch(1, 1, 1, NaN)], options)).rejects.toThrow(
    "batch 0.inputs[0][1][1]: expected a finite float32 number, got NaN",
  );
  expect(await failure([batch(1, 1, 3e38, 3e38)])).toMatchObject({
    step: 0,
    operation: "0.dense matmul",
    tensor: "0.dense",
  });
  expect(await net.evaluate([batch(1, 2, 3, 4)], options)).toBeCloseTo(Math.log(2), 6);
  net.assign(weights([1, NaN, 1, 1]));
  expect(await failure([batch(1, 1, 1, 1)])).toMatchObject({
    step: 0,
    operation: "0.dense.weight",
    tensor: "0.dense.weight",
  });
});

test("a run whose rate is far too high ends with the step, before a parameter is lost", async () => {
  const net = await model(features(1), dense(1));
  const examples = [{ inputs: [[1], [2]], targets: [[3], [5]] }];
  const unstable = { loss: squaredError(), optimiser: sgd(1e3), epochs: 99 };
  const error = await net.fit(examples, unstable).catch((error) => error);
  expect(error).toBeInstanceOf(DivergedError);
  expect(error.step).toBeGreaterThan(0);
  expect(error.message).toMatch(/^train step [1-9]: .* — the step was not applied/);
  expect(net.parameters().every(({ data }) => data.every(Number.isFinite))).toBe(true);
});

test("a rate that would take the parameters out of float32 ends the run at that step, with nothing moved", async () => {
  const net = await small();
  const before = bits(net);
  for (const optimiser of [sgd(1e38), adam(1e38)]) {
    const error = await net.fit(text, { ...options, optimiser }).catch((error) => error);
    expect(error).toBeInstanceOf(DivergedError);
    expect(error).toMatchObject({ step: 0, operation: `${optimiser.name} update` });
    expect(bits(net)).toEqual(before);
  }
});

test.each<[string, Partial<TrainOptions>, RegExp]>([
  ["steps of 0", { steps: 0 }, /train.steps: expected a whole number from 1, got 0/],
  ["epochs of 1.5", { epochs: 1.5 }, /train.epochs/],
  ["half a seed", { seed: 0.5 }, /train.seed: expected a whole number/],
  ["a seed past 32 bits", { seed: 2 ** 32 }, /train.seed/],
  ["a clip of 0", { clip: 0 }, /clipNorm: expected a number above 0, got 0/],
])("%s is refused", async (_, wrong, message) => {
  const net = await small();
  const refused = net.fit(text, { ...options, ...wrong });
  await expect(refused).rejects.toThrow(message);
  await expect(refused).rejects.toThrow(InputError);
});

test.each<[string, () => unknown]>([
  ["a negative rate", () => adam(-1)],
  ["a rate that is not a number", () => sgd(NaN)],
  ["a momentum of 1", () => sgd(1, { momentum: 1 })],
  ["a beta above 1", () => adam(1, { beta1: 1.5 })],
  ["an epsilon of 0", () => adam(1, { epsilon: 0 })],
  ["a negative decay", () => adamw(1, { decay: -1 })],
])("%s is refused", (_, make) => {
  expect(make).toThrow(InputError);
});

test("targets of another shape, outside the classes, or of no batch at all are refused before anything changes", async () => {
  const net = await small();
  const before = bits(net);
  const inputs = [[1, 2, 3]];
  await expect(net.fit([{ inputs, targets: [[1, 2]] }], options)).rejects.toThrow(
    "batch 0.targets: expected targets for 1 rows of 3 steps, got 1 rows of 2 steps",
  );
  await expect(net.fit([{ inputs, targets: [[1, 2, 8]] }], options)).rejects.toThrow(
    "batch 0.targets[0][2]: expected a token from 0 to 7, got 8",
  );
  await expect(net.fit([], options)).rejects.toThrow("train epoch 0: expected at least one batch, got none");
  await expect(net.evaluate([], options)).rejects.toThrow("evaluate: expected at least one batch, got none");
  expect(bits(net)).toEqual(before);
});

test("an iterator that is used up is explained", async () => {
  const net = await small();
  const once = text[Symbol.iterator]();
  const iterable = { [Symbol.iterator]: () => once };
  await expect(net.fit(iterable, { ...options, epochs: 2 })).rejects.toThrow(/gone through once only/);
});

test("a model that ends in one step learns one answer for each row, of numbers too", async () => {
  const { uniform } = random(3);
  const values = Float32Array.from({ length: 64 * 6 }, () => uniform() - 0.5);
  const sums = Float32Array.from({ length: 64 }, (_, row) =>
    values.subarray(row * 6, row * 6 + 6).reduce((a, b) => a + b),
  );
  const net = await model(features(1), rnn(16), last(), dense(1), { seed: 1 });
  const example = { inputs: tensor(values, [64, 6, 1]), targets: tensor(sums, [64, 1]) };
  const losses = await lossesOf(net, [example], { loss: squaredError(), optimiser: adam(0.01), epochs: 150 });
  expect(losses.at(-1)!).toBeLessThan(0.01);
  expect((await net.predict(example.inputs)).shape).toEqual([64, 1, 1]);
});

test("steps past the length of a row count for nothing", async () => {
  const [a, b] = [await small(), await small()];
  const short = { inputs: [[1, 2, 3]], targets: [[2, 3, 4]] };
  const padded = { inputs: [[1, 2, 3, 99, -1]], targets: [[2, 3, 4, NaN, 12]], lengths: [3] };
  expect(await b.fit([padded], options)).toEqual(await a.fit([short], options));
  expect(bits(b)).toEqual(bits(a));
  expect(await b.evaluate([padded], options)).toBe(await a.evaluate([short], options));
});

test.each<[string, number[], RegExp]>([
  ["a length past the steps", [4], /batch 0.inputs lengths\[0\]: expected a whole number from 0 to 3, got 4/],
  ["a negative length", [-1], /lengths\[0\]: .* got -1/],
  ["half a length", [1.5], /lengths\[0\]/],
  ["too few lengths", [], /batch 0.inputs lengths: expected one for each of 1 rows, got 0/],
  ["no step that counts", [0], /batch 0: expected at least one step that counts, got none/],
])("%s is refused", async (_, lengths, message) => {
  const net = await small();
  await expect(net.fit([{ inputs: [[1, 2, 3]], targets: [[1, 2, 3]], lengths }], options)).rejects.toThrow(
    message,
  );
});

test("weights are a mask, with holes if need be", async () => {
  const [a, b] = [await small(), await small()];
  const example = { inputs: [[1, 2, 3, 4]], targets: [[2, 3, 4, 5]] };
  const [all] = await lossesOf(a, [example], { ...options, optimiser: sgd(0) });
  const each = await Promise.all(
    [0, 1, 2, 3].map((t) =>
      a.evaluate([{ ...example, weights: [0, 1, 2, 3].map((i) => (i === t ? 1 : 0)) }], options),
    ),
  );
  expect(all).toBeCloseTo(each.reduce((sum, loss) => sum + loss) / 4, 6);
  const holes = await a.evaluate([{ ...example, weights: [1, 0, 3, 0] }], options);
  expect(holes).toBeCloseTo((each[0]! + 3 * each[2]!) / 4, 6);
  await a.fit([{ ...example, weights: [1, 1, 0, 0] }], { ...options, optimiser: sgd(1) });
  await b.fit([{ inputs: [[1, 2]], targets: [[2, 3]] }], { ...options, optimiser: sgd(1) });
  expect(bits(a)).toEqual(bits(b));
});

test.each<[string, number[], RegExp]>([
  ["too few weights", [1], /batch 0.weights: expected 1 rows of 2 weights, got 1 weights/],
  ["a negative weight", [1, -1], /batch 0.weights\[1\]: expected a finite number from 0, got -1/],
  ["weights of nothing", [0, 0], /batch 0: expected at least one step that counts, got none/],
])("%s is refused", async (_, weights, message) => {
  const net = await small();
  await expect(net.fit([{ inputs: [[1, 2]], targets: [[2, 3]], weights }], options)).rejects.toThrow(message);
});

test("training draws as many batches as it takes steps, and no more", async () => {
  const net = await small();
  let drawn = 0;
  function* batches() {
    for (const batch of text) {
      drawn++;
      yield { ...batch, continues: false };
      if (drawn === 3) return;
    }
  }
  expect((await lossesOf(net, batches(), { ...options, steps: 3 })).length).toBe(3);
  expect(drawn).toBe(3);
});
