/** Conditional random fields: losses, gradients and tags are those of all sequences tried one by one. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createEngine } from "../../ts/engine/create.js";
import {
  adam,
  adamw,
  crf,
  crfLoss,
  dense,
  embedding,
  features,
  gru,
  InputError,
  load,
  lstm,
  model,
  sgd,
  softmax,
  tags,
  tensor,
  tokens,
} from "../../ts/index.js";
import { expectClose, expectSameBits } from "../reference/compare.js";
import { type Field, fieldLoss, pathsOf, scoreOf } from "../reference/crf.js";
import { indices, normals } from "../reference/draw.js";
import { onOutputs } from "./on-outputs.js";

const engine = await createEngine({ memory: 16 });

const fieldOf = (tags: number, seed: number): Field => ({
  transitions: normals(tags * tags, seed),
  start: normals(tags, seed + 1),
  end: normals(tags, seed + 2),
});

const ending = ({ transitions, start, end }: Field) => ({
  layer: crf(),
  parameters: { "0.crf.transitions": transitions, "0.crf.start": start, "0.crf.end": end },
});

test("losses and gradients are those of all sequences, for up to five steps", () => {
  const trials = fc.record({
    steps: fc.integer({ min: 1, max: 5 }),
    width: fc.integer({ min: 1, max: 4 }),
    lengths: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 4 }),
    deviation: fc.constantFrom(0, 1, 5, 30),
    seed: fc.nat(1000),
  });
  fc.assert(
    fc.property(trials, ({ steps, width, lengths: given, deviation, seed }) => {
      const lengths = given.map((length) => Math.min(length, steps));
      fc.pre(lengths.some((length) => length > 0));
      const batch = lengths.length;
      const outputs = tensor(normals(batch * steps * width, seed, deviation), [batch, steps, width]);
      const targets = tensor(indices(batch * steps, width, seed), [batch, steps]);
      const field = fieldOf(width, seed + 3);
      const result = onOutputs(engine, crfLoss(), { outputs, targets, lengths, ending: ending(field) });
      const counted = lengths.reduce((a, b) => a + b);
      expect(result.counted).toBe(counted);
      let loss = 0;
      const slopes: number[] = [];
      const sums = {
        transitions: new Float64Array(width * width),
        start: new Float64Array(width),
        end: new Float64Array(width),
      };
      for (const [row, length] of lengths.entries()) {
        const own = new Array<number>(steps * width).fill(0);
        if (length > 0) {
          const at = (step: number) => (row * steps + step) * width;
          const rows = Array.from({ length }, (_, t) => outputs.data.subarray(at(t), at(t + 1)));
          const expected = fieldLoss(rows, field, targets.data.subarray(row * steps, row * steps + length));
          loss += expected.loss / counted;
          for (const [i, slope] of expected.emissions.entries()) own[i] = slope / counted;
          for (const name of ["transitions", "start", "end"] as const) {
            for (const [i, slope] of expected[name].entries()) sums[name][i] += slope / counted;
          }
        }
        slopes.push(...own);
      }
      expect(Math.abs(result.loss - loss)).toBeLessThanOrEqual(2e-6 * (1 + loss));
      const near = (actual: ArrayLike<number>, wanted: ArrayLike<number>, what: string) => {
        for (let i = 0; i < wanted.length; i++) {
          expect(Math.abs(actual[i] - wanted[i]), `${what} ${i}`).toBeLessThanOrEqual(5e-6);
        }
      };
      near(result.gradient, slopes, "slope");
      for (const [name, sum] of Object.entries(sums)) near(result.gradients.get(`0.crf.${name}`)!, sum, name);
    }),
    { seed: 3, numRuns: 150 },
  );
});

test("the gradients are those of central differences", () => {
  const [steps, width] = [4, 3];
  const outputs = tensor(normals(steps * width, 7), [1, steps, width]);
  const targets = [[1, 0, 2, 2]];
  const field = fieldOf(width, 8);
  const result = onOutputs(engine, crfLoss(), { outputs, targets, ending: ending(field) });
  const numbers = {
    emissions: Float64Array.from(outputs.data),
    transitions: Float64Array.from(field.transitions),
    start: Float64Array.from(field.start),
    end: Float64Array.from(field.end),
  };
  const lossNow = () => {
    const rows = Array.from({ length: steps }, (_, t) =>
      numbers.emissions.subarray(t * width, (t + 1) * width),
    );
    return fieldLoss(rows, numbers, targets[0]).loss / steps;
  };
  for (const [name, values] of Object.entries(numbers)) {
    const differences = Array.from(values, (value, i) => {
      const [above, below] = [1e-6, -1e-6].map((step) => {
        values[i] = value + step;
        return lossNow();
      });
      values[i] = value;
      return (above - below) / 2e-6;
    });
    const actual = name === "emissions" ? result.gradient : result.gradients.get(`0.crf.${name}`)!;
    expectClose(actual, differences, 1e-5, name);
  }
});

test("a row counts by the mean of its steps' weights", () => {
  const [batch, steps, width] = [3, 4, 3];
  const outputs = tensor(normals(batch * steps * width, 9), [batch, steps, width]);
  const targets = tensor(indices(batch * steps, width, 10), [batch, steps]);
  const field = ending(fieldOf(width, 11));
  const weights = [1, 1, 1, 1, 0, 0, 0, 0, 2, 0, 1, 1];
  const weighed = onOutputs(engine, crfLoss(), { outputs, targets, weights, ending: field });
  const each = [0, 1, 2].map((row) =>
    onOutputs(engine, crfLoss(), {
      outputs: tensor(outputs.data.slice(row * 12, row * 12 + 12), [1, steps, width]),
      targets: [[...targets.data.subarray(row * 4, row * 4 + 4)]],
      ending: field,
    }),
  );
  expect(weighed.counted).toBe(8);
  expect(weighed.loss).toBeCloseTo((each[0].loss + each[2].loss) / 2, 6);
  expectClose(
    weighed.gradient,
    [0.5, 0, 0.5].flatMap((share, row) => [...each[row].gradient].map((x) => x * share)),
    2e-6,
  );
});

test("rows of a batch do not disturb each other", () => {
  const [batch, steps, width] = [5, 6, 5];
  const outputs = tensor(normals(batch * steps * width, 12), [batch, steps, width]);
  const targets = tensor(indices(batch * steps, width, 13), [batch, steps]);
  const field = ending(fieldOf(width, 14));
  const lengths = [6, 1, 4, 6, 2];
  const slopes = new Array(batch * steps).fill(1);
  const together = onOutputs(engine, crfLoss(), { outputs, targets, lengths, slopes, ending: field });
  for (const [row, length] of lengths.entries()) {
    const alone = onOutputs(engine, crfLoss(), {
      outputs: tensor(outputs.data.slice(row * 30, row * 30 + 30), [1, steps, width]),
      targets: [[...targets.data.subarray(row * 6, row * 6 + 6)]],
      lengths: [length],
      slopes: new Array(steps).fill(1),
      ending: field,
    });
    expectSameBits(alone.gradient, together.gradient.slice(row * 30, row * 30 + 30));
    expect(alone.losses[0]).toBe(together.losses[row]);
  }
});

test("a thousand steps lose no precision: the gradient of every step sums to 0", () => {
  const [steps, width] = [1000, 6];
  const outputs = tensor(normals(steps * width, 15, 4), [1, steps, width]);
  const targets = [[...indices(steps, width, 16)]];
  const slopes = new Array(steps).fill(1);
  const { loss, gradient, gradients } = onOutputs(engine, crfLoss(), {
    outputs,
    targets,
    slopes,
    ending: ending(fieldOf(width, 17)),
  });
  expect(loss).toBeGreaterThan(1);
  for (let t = 0; t < steps; t++) {
    const sum = gradient.slice(t * width, (t + 1) * width).reduce((a, b) => a + b);
    expect(Math.abs(sum), `step ${t}`).toBeLessThan(1e-6);
  }
  const all = gradients.get("0.crf.transitions")!.reduce((a, b) => a + b);
  expect(Math.abs(all)).toBeLessThan(1e-3);
});

test("emissions of ±1000 give the losses of the definition, and finite gradients", () => {
  const high = (tag: number) => [0, 1, 2].map((i) => (i === tag ? 1000 : -1000));
  const rows = [1, 0, 2, 2].map(high);
  const outputs = tensor(Float32Array.from(rows.flat()), [1, 4, 3]);
  const field = fieldOf(3, 18);
  for (const target of [
    [1, 0, 2, 2],
    [0, 1, 1, 1],
  ]) {
    const { loss, gradient } = onOutputs(engine, crfLoss(), {
      outputs,
      targets: [target],
      ending: ending(field),
    });
    expect(loss).toBeCloseTo(fieldLoss(rows, field, target).loss / 4, 3);
    expect(gradient.every(Number.isFinite)).toBe(true);
  }
});

/** Tags that depend on the one before more than on what is read: 2 comes after 1 only, and is read as 0 is. */
function alternating(rows: number, steps: number, seed: number) {
  const draws = indices(rows * steps, 2, seed);
  const wanted = Array.from({ length: rows }, (_, row) => {
    const tags: number[] = [];
    for (let t = 0; t < steps; t++) {
      if (tags[t - 1] === 1) tags.push(2);
      else tags.push(draws[row * steps + t]);
    }
    return tags;
  });
  return { inputs: wanted.map((tags) => tags.map((tag) => tag % 2)), targets: wanted };
}

test("a field learns what follows what, where each step alone cannot tell", async () => {
  const net = await model(tokens(2), embedding(4), dense(3), crf(), { seed: 1 });
  const { inputs, targets } = alternating(8, 12, 19);
  const { loss } = await net.fit([{ inputs, targets }], {
    loss: crfLoss(),
    optimiser: adam(0.1),
    epochs: 120,
  });
  expect(loss.at(-1)!).toBeLessThan(0.05);
  const held = alternating(4, 20, 20);
  expect(await tags(net, held.inputs)).toEqual(held.targets);
  const lengths = [20, 3, 0, 7];
  expect(await tags(net, held.inputs, { lengths })).toEqual(
    held.targets.map((row, i) => row.slice(0, lengths[i])),
  );
});

test("transitions are learned where the emissions are given", async () => {
  const net = await model(features(3), crf());
  const { targets } = alternating(8, 12, 21);
  const inputs = targets.map((row) => row.map((tag) => [0, 1, 2].map((i) => (i % 2 === tag % 2 ? 2 : -2))));
  await net.fit([{ inputs, targets }], { loss: crfLoss(), optimiser: adam(0.1), epochs: 100 });
  expect(await tags(net, inputs)).toEqual(targets);
});

test("a model is saved and loaded with its field", async () => {
  const net = await model(features(3), lstm(4), dense(3), crf({ tags: ["O", "B-x", "I-x"], scheme: "BIO" }), {
    seed: 3,
  });
  const inputs = tensor(normals(2 * 5 * 3, 22), [2, 5, 3]);
  const targets = [
    [0, 1, 2, 2, 0],
    [1, 1, 0, 1, 2],
  ];
  await net.fit([{ inputs, targets }], { loss: crfLoss(), optimiser: adam(0.05), epochs: 20 });
  const again = await load(net.save());
  expect(again.definition).toEqual(net.definition);
  for (const [i, { path, data }] of again.parameters().entries()) {
    expect(path).toBe(net.parameters()[i].path);
    expectSameBits(data, net.parameters()[i].data);
  }
  expect(await tags(again, inputs)).toEqual(await tags(net, inputs));
});

describe("a scheme", () => {
  const names = ["I-x", "B-x", "O", "I-y", "B-y"];
  const valid = (path: readonly number[]) =>
    path.every((tag, t) => {
      const [letter, kind] = names[tag].split("-");
      const before = t > 0 ? names[path[t - 1]] : "O";
      return letter !== "I" || before === `B-${kind}` || before === `I-${kind}`;
    });

  test("keeps what it forbids from being found, whatever the emissions, and from being learned", async () => {
    const net = await model(features(5), crf({ tags: names, scheme: "BIO" }));
    const inputs = tensor(normals(20 * 8 * 5, 23, 40), [20, 8, 5]);
    for (const path of await tags(net, inputs)) expect(valid(path)).toBe(true);
    const free = await model(features(5), crf());
    expect((await tags(free, inputs)).some((path) => !valid(path))).toBe(true);

    const targets = new Array(20).fill([1, 0, 0, 2, 4, 3, 2, 1]);
    await net.fit([{ inputs, targets }], {
      loss: crfLoss(),
      optimiser: adamw(0.1, { decay: 0.1 }),
      epochs: 10,
    });
    const learned = net.parameters()[0];
    const forbidden = [...learned.data].filter((score) => score < -100);
    expect(forbidden.length).toBe(2 * 3);
    expect(new Set(forbidden)).toEqual(new Set([-10_000]));
    expect([...learned.data].some((score) => score !== 0 && score > -100)).toBe(true);
  });

  test("leaves the probability to sequences that it allows", async () => {
    const [steps, width] = [3, 5];
    const outputs = tensor(normals(steps * width, 24), [1, steps, width]);
    const rows = [0, 1, 2].map((t) => outputs.data.subarray(t * width, (t + 1) * width));
    const target = [1, 0, 2];
    const zeros = { transitions: new Float64Array(25), start: new Float64Array(5), end: new Float64Array(5) };
    const allowed = pathsOf(steps, width)
      .filter(valid)
      .map((path) => Math.exp(scoreOf(path, rows, zeros)));
    const expected = Math.log(allowed.reduce((a, b) => a + b)) - scoreOf(target, rows, zeros);
    const layer = crf({ tags: names, scheme: "BIO" });
    const begun = (await model(features(width), layer)).parameters();
    const parameters = Object.fromEntries(begun.map(({ path, data }) => [path, data]));
    const { loss } = onOutputs(engine, crfLoss(), {
      outputs,
      targets: [target],
      ending: { layer, parameters },
    });
    expect(loss * steps).toBeCloseTo(expected, 5);
  });
});

describe("refused:", () => {
  const train = async (net: ReturnType<typeof model>) =>
    (await net).fit(
      [
        {
          inputs: [
            [
              [1, 2],
              [3, 4],
            ],
          ],
          targets: [[0, 1]],
        },
      ],
      { loss: crfLoss(), optimiser: sgd(0.1) },
    );
  test.each<[string, () => Promise<unknown>]>([
    ["crfLoss: expected a model that ends in crf(), got another", () => train(model(features(2), dense(2)))],
    ["crfLoss: expected a model that ends in crf()", () => train(model(features(2), crf(), softmax()))],
    [
      "tags: expected a model that ends in crf()",
      async () => tags(await model(features(2), gru(2)), [[[1, 2]]]),
    ],
    ["tags: expected features of shape", async () => tags(await model(features(2), crf()), [1, 2])],
    ["0.crf: expected rows of numbers, got tokens", () => model(tokens(3), crf())],
    [
      "batch 0.targets[0][1]: expected a token from 0 to 1, got 2",
      async () => {
        const net = await model(features(2), crf());
        const targets = [[0, 2]];
        return net.fit(
          [
            {
              inputs: [
                [
                  [1, 2],
                  [3, 4],
                ],
              ],
              targets,
            },
          ],
          { loss: crfLoss(), optimiser: sgd(0.1) },
        );
      },
    ],
  ])("%s", async (message, attempt) => {
    await expect(attempt()).rejects.toThrow(InputError);
    await expect(attempt()).rejects.toThrow(message);
  });
});
