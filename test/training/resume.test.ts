/** Training that is interrupted and taken up again has the bits of one that never was. */
import { describe, expect, test } from "vitest";
import {
  adadelta,
  adagrad,
  adam,
  adamax,
  adamw,
  averaged,
  checkpoint,
  crossEntropy,
  dense,
  dropout,
  type Examples,
  embedding,
  FormatError,
  features,
  InputError,
  lion,
  load,
  lstm,
  type Model,
  model,
  nadam,
  type Optimiser,
  plateau,
  radam,
  resume,
  rmsprop,
  sgd,
  squaredError,
  type TrainOptions,
  tokens,
  validation,
  warmup,
  windows,
} from "../../ts/index.js";
import { readSafetensors, writeSafetensors } from "../../ts/io/safetensors.js";
import { random } from "../../ts/random.js";

const { integer } = random(11);
const ids = Uint32Array.from({ length: 500 }, (_, i) => (integer(3) + i) % 8);
const text = windows(ids.subarray(0, 400), { batch: 3, steps: 9 });
const heldOut = windows(ids.subarray(400), { batch: 1, steps: 9 });
const options = { loss: crossEntropy(), optimiser: adam(0.01) };

const make = (seed = 1) =>
  model(tokens(8), embedding(5), dropout(0.3), lstm(6), lstm(5), dropout(0.2), dense(8), { seed });

function bits(net: Model): number[] {
  return net.parameters().flatMap(({ data }) => [...new Uint32Array(data.buffer)]);
}

/** Trains for so many steps and gives the checkpoint of the last. */
async function interrupted(
  net: Model,
  examples: Examples,
  given: TrainOptions,
  steps: number,
): Promise<Uint8Array> {
  for await (const { step } of net.train(examples, given)) if (step === steps - 1) return checkpoint(net);
  throw new Error("training ended before it was interrupted");
}

/** What training gives when it is interrupted after each of `at` steps, each time to go on in a new model. */
async function inParts(examples: Examples, given: TrainOptions, at: readonly number[]) {
  let start = given.start;
  for (const steps of at) {
    const bytes = await interrupted(await make(99), examples, { ...given, ...(start && { start }) }, steps);
    start = resume(bytes);
  }
  const net = await make(99);
  const { loss } = await net.fit(examples, { ...given, ...(start && { start }) });
  return { net, loss };
}

/** Fails unless training in parts gives the bits of training at once, from the last part's first step on. */
async function expectSame(examples: Examples, given: TrainOptions, at: readonly number[]): Promise<Model> {
  const first = await interrupted(await make(1), examples, given, at[0]!);
  const whole = await make(1);
  const { loss } = await whole.fit(examples, given);
  const parts = await inParts(examples, { ...given, start: resume(first) }, at.slice(1));
  expect(parts.loss.length).toBeGreaterThan(0);
  expect(parts.loss).toEqual(loss.slice(at.at(-1)));
  expect(bits(parts.net)).toEqual(bits(whole));
  return parts.net;
}

const optimisers: readonly (readonly [name: string, Optimiser])[] = [
  ["sgd", sgd(0.1)],
  ["sgd with momentum", sgd(0.1, { momentum: 0.9, nesterov: true })],
  ["sgd with dampening", sgd(0.1, { momentum: 0.9, dampening: 0.5 })],
  ["adam", adam(0.01)],
  ["adam with AMSGrad", adam(0.01, { amsgrad: true })],
  ["adamw", adamw(0.01)],
  ["nadam", nadam(0.01)],
  ["radam", radam(0.01)],
  ["adamax", adamax(0.01)],
  ["rmsprop", rmsprop(0.01)],
  ["rmsprop centred, with momentum", rmsprop(0.01, { centred: true, momentum: 0.9 })],
  ["adagrad", adagrad(0.1, { rateDecay: 0.1, initial: 0.1 })],
  ["adadelta", adadelta()],
  ["lion", lion(0.001)],
];

describe("2N steps are N, a checkpoint, and N", () => {
  test.each(optimisers)("%s", async (_, optimiser) => {
    // Within an epoch, so that the next batch continues from the states of the last.
    await expectSame(text, { ...options, optimiser, steps: 12 }, [6]);
  });
});

test("a training goes on with the same bits on one thread and on two, for every optimiser", async () => {
  const make = (threads: number) =>
    model(tokens(8), embedding(32), dropout(0.3), lstm(64), dense(8), { seed: 1, threads });
  const batches = windows(ids, { batch: 12, steps: 16 });
  const [one, two, taken] = [await make(1), await make(2), await make(2)];
  for (const optimiser of optimisers.map(([, optimiser]) => optimiser)) {
    for (const net of [two, taken]) net.assign(one.save());
    const given = { ...options, optimiser, steps: 4 };
    const bytes = await interrupted(two, batches, given, 2);
    await taken.fit(batches, { ...given, start: resume(bytes) });
    await one.fit(batches, given);
    expect(bits(taken)).toEqual(bits(one));
  }
  for (const net of [two, taken]) await net.close();
});

test("a training may be interrupted after any step, also the last of an epoch", async () => {
  const { length } = text;
  const given = { ...options, epochs: 2 };
  for (const at of [1, length - 1, length, length + 1, 2 * length - 1]) await expectSame(text, given, [at]);
  await expectSame(text, given, [3, 5, length, length + 3]);
});

test("all that a step can depend on is taken up", async () => {
  const given: TrainOptions = {
    ...options,
    optimiser: adamw(warmup(plateau(0.05, { factor: 0.5, patience: 0 }), { steps: 6 })),
    clip: 0.5,
    accumulate: 3,
    average: 0.9,
    epochs: 4,
    seed: 7,
    groups: [{ parameters: "2.lstm", rate: 0.5 }],
    validation: validation(heldOut, { every: 2, patience: 40, restore: true }),
  };
  const each = Math.ceil(text.length / 3);
  for (const at of [[2], [each], [each + 1, 2 * each + 1]]) await expectSame(text, given, at);
  const smooth = async (net: Model) => averaged(net, () => bits(net));
  const whole = await make(1);
  await whole.fit(text, { ...given, validation: validation(heldOut, { every: 2 }) });
  const cut = await interrupted(await make(1), text, given, 3);
  const rest = await make(2);
  await rest.fit(text, { ...given, validation: validation(heldOut, { every: 2 }), start: resume(cut) });
  expect(await smooth(rest)).toEqual(await smooth(whole));
});

test("patience counts what was before the checkpoint", async () => {
  const losses = [3, 4, 4, 4, 4, 4];
  const scripted = (from: number) => {
    let index = from;
    return {
      ...validation(heldOut, { every: 1, patience: 3 }),
      async measure() {
        const loss = losses[index++]!;
        return { loss, metrics: {}, score: loss };
      },
    };
  };
  const net = await make();
  const bytes = await interrupted(net, text, { ...options, validation: scripted(0) }, 3);
  const taken = await make();
  const { loss, validations } = await taken.fit(text, {
    ...options,
    validation: scripted(3),
    start: resume(bytes),
  });
  expect(loss.length).toBe(1);
  expect(validations).toEqual([{ step: 3, loss: 4, metrics: {}, score: 4 }]);
  const first = await make();
  await first.fit(text, { ...options, steps: 1 });
  expect(bits(taken)).toEqual(bits(first));
});

test("a training that is over gives no step more", async () => {
  const net = await make();
  const bytes = await interrupted(net, text, { ...options, steps: 5 }, 5);
  const again = await make(2);
  expect((await again.fit(text, { ...options, steps: 5, start: resume(bytes) })).loss).toEqual([]);
  expect(bits(again)).toEqual(bits(net));
  const last = await interrupted(await make(), text, { ...options, epochs: 1 }, text.length);
  expect((await again.fit(text, { ...options, epochs: 1, start: resume(last) })).loss).toEqual([]);
});

test("examples come in the order of their epoch", async () => {
  const batches = [...text].map((batch) => ({ ...batch, continues: false }));
  const shuffled = {
    epoch(index: number) {
      const order = [...batches];
      random(5, index).shuffle(order);
      return order;
    },
    [Symbol.iterator]: () => batches[Symbol.iterator](),
  };
  await expectSame(shuffled, { ...options, epochs: 3 }, [text.length + 2]);
});

test("steps that were skipped stay skipped", async () => {
  const numbers = (x: number) => ({ inputs: [[x]], targets: [[x]] });
  const examples = [1, 3e38, 2, 3e38, 3, 4].map(numbers);
  const given = { loss: squaredError(), optimiser: adam(0.1), divergence: "skip" } as const;
  const make = () => model(features(1), dropout(0.5), dense(1), { seed: 1 });
  const whole = await make();
  const { loss } = await whole.fit(examples, given);
  expect(loss.length).toBe(4);
  const taken = await make();
  const start = resume(await interrupted(await make(), examples, given, 2));
  expect((await taken.fit(examples, { ...given, start })).loss).toEqual(loss.slice(2));
  expect(bits(taken)).toEqual(bits(whole));
});

test("a checkpoint is a model file too", async () => {
  const net = await make();
  const bytes = await interrupted(net, text, options, 3);
  const loaded = await load(bytes);
  expect(bits(loaded)).toEqual(bits(net));
  const assigned = await make(5);
  assigned.assign(bytes);
  expect(bits(assigned)).toEqual(bits(net));
});

test("there is a checkpoint only of a model in training", async () => {
  const net = await make();
  expect(() => checkpoint(net)).toThrow(
    "checkpoint: expected a model in training, between two steps, got one that is not being trained",
  );
  for await (const _ of net.train(text, options)) break;
  expect(() => checkpoint(net)).toThrow(InputError);
  const step = net.train(text, options).next();
  await Promise.resolve();
  await Promise.resolve();
  await step;
  expect(checkpoint(net).length).toBeGreaterThan(0);
});

test("checkpoints again and again take no memory of the engine's", async () => {
  const net = await make();
  const bytes = await interrupted(net, text, { ...options, average: 0.9 }, 2);
  const train = () => net.fit(text, { ...options, average: 0.9, steps: 4, start: resume(bytes) });
  for (let i = 0; i < 3; i++) await train();
  const taken = net.memory;
  for (let i = 0; i < 20; i++) await train();
  expect(net.memory).toBe(taken);
});

describe("a checkpoint is refused, and nothing changed,", () => {
  const refused = async (given: Partial<TrainOptions>, bytes: Uint8Array, other?: Model) => {
    const net = other ?? (await make(3));
    const before = bits(net);
    const taken = net.memory;
    const error = await net.fit(text, { ...options, ...given, start: resume(bytes) }).catch((error) => error);
    expect(bits(net)).toEqual(before);
    await net.fit(text, { ...options, steps: 1 });
    expect(net.memory).toBeLessThanOrEqual(taken + 1_000_000);
    return error;
  };
  const made = async () => interrupted(await make(), text, { ...options, seed: 4 }, 2);

  test("of another model", async () => {
    const other = await model(tokens(8), embedding(5), lstm(7), dense(8));
    const error = await refused({}, await made(), other);
    expect(error).toBeInstanceOf(FormatError);
    expect(error.message).toMatch(/^model file tensor .*: expected shape/);
  });

  test("of another optimiser", async () => {
    const error = await refused({ optimiser: sgd(0.1) }, await made());
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toBe("train.optimiser: expected adam, as in the checkpoint, got sgd");
  });

  test("of an optimiser that keeps less", async () => {
    const error = await refused({ optimiser: adam(0.01, { amsgrad: true }) }, await made());
    expect(error).toBeInstanceOf(FormatError);
    expect(error.message).toContain("training/optimiser/greatest/");
  });

  test("with another seed", async () => {
    const error = await refused({ seed: 5 }, await made());
    expect(error.message).toBe("train.seed: expected 4, as in the checkpoint, got 5");
  });

  test("that is a model alone", async () => {
    const net = await make();
    expect(() => resume(net.save())).toThrow(
      "checkpoint: expected a training in progress, got a model alone",
    );
    expect(() => resume(net.save())).toThrow(FormatError);
  });

  test.each<[string, unknown]>([
    ["no JSON", undefined],
    ["a list", []],
    ["a negative step", { cursor: { step: -1, epoch: 0, examples: 0, batches: 0 } }],
    ["no cursor", { cursor: null }],
    ["half a seed", { seed: 0.5 }],
    ["validations that are none", { validations: [3] }],
    ["a batch of nothing", { size: { batch: 0, steps: 3 } }],
    ["a size that is a text", { size: { batch: 1, steps: 3, advance: "2" } }],
  ])("that says %s", async (_, wrong) => {
    const { tensors, metadata } = readSafetensors(await made());
    const said = JSON.parse(metadata.get("training")!);
    const json =
      wrong === undefined
        ? "{"
        : JSON.stringify(Array.isArray(wrong) ? wrong : { ...said, ...(wrong as object) });
    const others = [...metadata].filter(([key]) => key !== "checksum" && key !== "format");
    const bytes = writeSafetensors(tensors, new Map([...others, ["training", json]]));
    expect(() => resume(bytes)).toThrow(FormatError);
    expect(() => resume(bytes)).toThrow(/^checkpoint training/);
  });
});

test("every flipped bit and every truncation of a checkpoint is detected", async () => {
  const net = await model(tokens(2), embedding(1), dense(2));
  const bytes = await interrupted(net, [{ inputs: [0, 1], targets: [1, 0] }], options, 1);
  resume(bytes);
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = bytes.slice();
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    let error: unknown;
    try {
      resume(flipped);
    } catch (thrown) {
      error = thrown;
    }
    if (!(error instanceof FormatError)) expect.fail(`bit ${bit} flipped gave ${error}`);
  }
  for (let length = 0; length < bytes.length; length++) {
    expect(() => resume(bytes.slice(0, length)), `${length} bytes`).toThrow(FormatError);
  }
  await expect(load(bytes.slice(0, -1))).rejects.toThrow(FormatError);
});
