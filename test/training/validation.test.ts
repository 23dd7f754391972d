/** Validation while training: when it happens, when it ends training, which parameters are left. */
import { expect, test } from "vitest";
import {
  accuracy,
  adam,
  averaged,
  crossEntropy,
  dense,
  embedding,
  InputError,
  lstm,
  type Model,
  model,
  perplexity,
  plateau,
  sgd,
  tokens,
  type Validation,
  type ValidationOptions,
  validation,
  windows,
} from "../../ts/index.js";
import { random } from "../../ts/random.js";

const { integer } = random(5);
const ids = Uint32Array.from({ length: 400 }, (_, i) => (integer(3) + i) % 8);
const text = windows(ids.subarray(0, 300), { batch: 3, steps: 9 });
const heldOut = windows(ids.subarray(300), { batch: 1, steps: 9 });
const make = () => model(tokens(8), embedding(5), lstm(6), dense(8), { seed: 1 });
const options = { loss: crossEntropy(), optimiser: adam(0.01) };

function flat(net: Model): number[] {
  return net.parameters().flatMap(({ data }) => [...data]);
}

/** A validation whose losses are these, whatever the model. */
function scripted(losses: readonly number[], given: ValidationOptions): Validation {
  let index = 0;
  return {
    ...validation(heldOut, given),
    async measure() {
      const loss = losses[index++]!;
      return { loss, metrics: {}, score: loss };
    },
  };
}

test("where there is an average of the parameters, it is what is validated", async () => {
  const net = await make();
  for await (const { validation: seen } of net.train(text, {
    ...options,
    average: 0.9,
    epochs: 2,
    validation: validation(heldOut),
  })) {
    if (!seen) continue;
    expect(seen.loss).toBe(await averaged(net, () => net.evaluate(heldOut, options)));
    expect(seen.loss).not.toBe(await net.evaluate(heldOut, options));
  }
  const without = await make();
  await without.fit(text, { ...options, epochs: 2 });
  expect(flat(net)).toEqual(flat(without)); // and the parameters are in their place again
});

test("a validation follows each epoch, and is what evaluate gives then", async () => {
  const net = await make();
  const steps: number[] = [];
  for await (const { step, validation: seen } of net.train(text, {
    ...options,
    epochs: 3,
    validation: validation(heldOut),
  })) {
    if (!seen) continue;
    steps.push(step);
    const loss = await net.evaluate(heldOut, options);
    expect(seen).toEqual({ step, loss, metrics: {}, score: loss });
  }
  expect(steps).toEqual([1, 2, 3].map((epoch) => epoch * text.length - 1));
});

test("a validation follows so many steps, and the last one", async () => {
  const net = await make();
  const every = validation(heldOut, { every: 4 });
  const stepsOf = async (limits: { steps?: number; epochs?: number; accumulate?: number }) =>
    (await net.fit(text, { ...options, ...limits, validation: every })).validations.map(({ step }) => step);
  expect(await stepsOf({ steps: 10 })).toEqual([3, 7, 9]);
  expect(await stepsOf({ steps: 8 })).toEqual([3, 7]);
  expect(text.length).toBe(12);
  expect(await stepsOf({ epochs: 1 })).toEqual([3, 7, 11]);
  expect(await stepsOf({ epochs: 1, accumulate: 2 })).toEqual([3, 5]);
});

test("metrics are measured with the loss, and one of them can say which validation is better", async () => {
  const net = await make();
  const right = accuracy();
  const seen: { bits: number[]; accuracy: number }[] = [];
  for await (const { validation: found } of net.train(text, {
    ...options,
    epochs: 12,
    validation: validation(heldOut, { metrics: [perplexity()], by: right, greater: true, restore: true }),
  })) {
    if (!found) continue;
    const measure = accuracy();
    const loss = await net.evaluate(heldOut, { ...options, metrics: [measure] });
    expect(found).toMatchObject({ loss, score: -measure.value });
    expect(found.metrics).toEqual({ perplexity: expect.closeTo(Math.exp(loss), 4), accuracy: measure.value });
    seen.push({ bits: flat(net), accuracy: measure.value });
  }
  const best = seen.reduce((best, each) => (each.accuracy > best.accuracy ? each : best));
  expect(seen.at(-1)!.accuracy).not.toBe(seen[0]!.accuracy);
  expect(flat(net)).toEqual(best.bits);
});

test("a validation changes nothing about the training", async () => {
  const [looking, blind] = [await make(), await make()];
  const { loss } = await looking.fit(text, {
    ...options,
    epochs: 2,
    validation: validation(heldOut, { every: 3 }),
  });
  expect(loss).toEqual((await blind.fit(text, { ...options, epochs: 2 })).loss);
  expect(flat(looking)).toEqual(flat(blind));
});

test("training stops after as many validations without a better one as it has patience, with the best parameters", async () => {
  const net = await make();
  const seen: number[][] = [];
  const losses: number[] = [];
  for await (const { validation: found } of net.train(text, {
    ...options,
    epochs: 99,
    validation: scripted([5, 4, 4.5, 3, 3, 3.5, 3.1], { patience: 3 }),
  })) {
    if (!found) continue;
    losses.push(found.loss);
    seen.push(flat(net));
  }
  expect(losses).toEqual([5, 4, 4.5, 3, 3, 3.5, 3.1]);
  expect(flat(net)).toEqual(seen[3]);
  expect(seen[3]).not.toEqual(seen[6]);
});

test("the best parameters come back at the end of the epochs too, and only if they are wanted", async () => {
  for (const restore of [true, false]) {
    const net = await make();
    const seen: number[][] = [];
    const given = scripted([3, 2, 4], { restore });
    for await (const step of net.train(text, { ...options, epochs: 3, validation: given })) {
      if (step.validation) seen.push(flat(net));
    }
    expect(flat(net)).toEqual(seen[restore ? 1 : 2]);
  }
});

test("a loop that is left keeps the parameters of its last step", async () => {
  const net = await make();
  let last: number[] = [];
  const given = scripted([3, 4, 5], { patience: 9 });
  for await (const { epoch } of net.train(text, { ...options, epochs: 3, validation: given })) {
    last = flat(net);
    if (epoch === 2) break;
  }
  expect(flat(net)).toEqual(last);
});

test("a loss that is not better by the threshold counts as no better, and one that is no number never is", async () => {
  const stepsOf = async (losses: number[], given: ValidationOptions) => {
    const net = await make();
    return (await net.fit(text, { ...options, epochs: 99, validation: scripted(losses, given) })).validations
      .length;
  };
  expect(await stepsOf([5, 4.95, 4.91], { patience: 2, threshold: 0.1 })).toBe(3);
  expect(await stepsOf([NaN, NaN, NaN], { patience: 3 })).toBe(3);
  expect(await stepsOf([NaN, 2, NaN, NaN], { patience: 2 })).toBe(4);
});

test("the average is what is validated, and what the best of it leaves", async () => {
  const net = await make();
  const settings = { ...options, optimiser: sgd(1), average: 0.8, epochs: 2 };
  for await (const step of net.train(text, { ...settings, validation: validation(heldOut) })) {
    if (!step.validation) continue;
    const { loss } = step.validation;
    expect(await averaged(net, () => net.evaluate(heldOut, options))).toBe(loss);
    expect(await net.evaluate(heldOut, options)).not.toBe(loss);
  }
  const best: number[][] = [];
  for await (const step of net.train(text, {
    ...settings,
    validation: scripted([1, 2], { restore: true }),
  })) {
    if (step.validation) best.push(await averaged(net, () => flat(net)));
  }
  expect(flat(net)).toEqual(best[0]);
  expect(await averaged(net, () => flat(net))).toEqual(best[0]);
});

test("a plateau of the validation loss lowers the rate", async () => {
  const net = await make();
  const optimiser = sgd(plateau(1, { factor: 0.5, patience: 0 }));
  const { rate } = await net.fit(text, {
    ...options,
    optimiser,
    steps: 5,
    validation: scripted([3, 4, 2, 2, 1], { every: 1 }),
  });
  expect(rate).toEqual([1, 1, 0.5, 0.5, 0.25]);
});

test("training with validations again and again takes no more memory", async () => {
  const net = await make();
  const train = () => net.fit(text, { ...options, validation: validation(heldOut, { patience: 1 }) });
  for (let i = 0; i < 3; i++) await train();
  const taken = net.memory;
  for (let i = 0; i < 20; i++) await train();
  expect(net.memory).toBe(taken);
});

test("the number of steps is told where it is known", async () => {
  const net = await make();
  const totalOf = async (examples: Parameters<Model["train"]>[0], limits: object) => {
    for await (const { total } of net.train(examples, { ...options, ...limits })) return total;
    return NaN;
  };
  expect(await totalOf(text, { epochs: 2 })).toBe(2 * text.length);
  expect(await totalOf(text, { epochs: 2, accumulate: 4 })).toBe(2 * Math.ceil(text.length / 4));
  expect(await totalOf(text, { epochs: 2, steps: 5 })).toBe(5);
  expect(await totalOf(text, { epochs: Infinity })).toBe(undefined);
  expect(await totalOf({ [Symbol.iterator]: () => text[Symbol.iterator]() }, {})).toBe(undefined);
});

test.each<[string, ValidationOptions]>([
  ["no steps", { every: 0 }],
  ["no patience", { patience: 0 }],
  ["a negative threshold", { threshold: -1 }],
])("%s is refused", (_, given) => {
  expect(() => validation(heldOut, given)).toThrow(InputError);
});
