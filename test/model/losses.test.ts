/** What the losses' options do to a batch: what counts, what the mean is divided by, and what is refused before anything runs. */
import { describe, expect, test } from "vitest";
import { createEngine } from "../../ts/engine/create.js";
import {
  adam,
  binaryCrossEntropy,
  concat,
  cosine,
  cosineEmbedding,
  crossEntropy,
  ctc,
  dense,
  embedding,
  features,
  gru,
  huber,
  InputError,
  kullbackLeibler,
  type Loss,
  last,
  lstm,
  model,
  sgd,
  squaredError,
  tensor,
  tokens,
} from "../../ts/index.js";
import { expectClose } from "../reference/compare.js";
import { indices, normals } from "../reference/draw.js";
import { distribution } from "../reference/losses.js";
import { onOutputs } from "./on-outputs.js";

const engine = await createEngine({ memory: 16 });
const tolerance = 2e-6;
const logits = (batch: number, steps: number, width: number, deviation = 2) =>
  tensor(normals(batch * steps * width, 1, deviation), [batch, steps, width]);

describe("cross-entropy", () => {
  const outputs = logits(2, 3, 4);
  const row = (i: number) => outputs.data.slice(i * 4, i * 4 + 4);
  const losses = (targets: readonly number[]) =>
    targets.map(
      (target, i) =>
        distribution(
          row(i),
          [0, 1, 2, 3].map((c) => (c === target ? 1 : 0)),
        ).loss,
    );

  test("divides by the weights of the targets' classes, row weights and all", () => {
    const targets = [0, 1, 3, 2, 2, 0];
    const classWeights = [0.5, 2, 0, 3];
    const weights = [1, 0.25, 1, 2, 0, 1];
    const each = targets.map((target, i) => weights[i] * classWeights[target]);
    const total = each.reduce((a, b) => a + b);
    const { loss, counted } = onOutputs(engine, crossEntropy({ classWeights }), {
      outputs,
      targets: [targets.slice(0, 3), targets.slice(3)],
      weights,
    });
    expect(counted).toBeCloseTo(total, 12);
    expectClose(
      [loss],
      [losses(targets).reduce((sum, value, i) => sum + (value * each[i]) / total, 0)],
      tolerance,
    );
  });

  test("passes over ignored targets, inside or outside of the classes, and over what is past a length", () => {
    for (const ignore of [-100, 3, 255]) {
      const targets = [0, ignore, 2, 1, 77, -1];
      const kept = [0, 2, 3];
      const { loss, counted, gradient } = onOutputs(engine, crossEntropy({ ignore }), {
        outputs,
        targets: [targets.slice(0, 3), targets.slice(3)],
        lengths: [3, 1],
      });
      expect(counted).toBe(3);
      const expected = losses(targets);
      expectClose([loss], [kept.reduce((sum, i) => sum + expected[i] / 3, 0)], tolerance);
      const silent = [1, 4, 5].flatMap((i) => [...gradient.slice(i * 4, i * 4 + 4)]);
      expect(silent.every((slope) => slope === 0)).toBe(true);
    }
  });

  test("of distributions that are all one class is that of classes, whatever the options", () => {
    const ids = [0, 1, 3, 2, 2, 0];
    const rows = ids.map((id) => [0, 1, 2, 3].map((c) => (c === id ? 1 : 0)));
    const classes = onOutputs(engine, crossEntropy({ smoothing: 0.2 }), {
      outputs,
      targets: [ids.slice(0, 3), ids.slice(3)],
    });
    const distributions = onOutputs(engine, crossEntropy({ targets: "distributions", smoothing: 0.2 }), {
      outputs,
      targets: [rows.slice(0, 3), rows.slice(3)],
    });
    expectClose([distributions.loss], [classes.loss], tolerance);
    expectClose(distributions.gradient, classes.gradient, tolerance);
  });

  test("less the entropy of the targets is the divergence, with the same gradient", () => {
    const targets = [0.5, 0.25, 0.25, 0];
    const example = { outputs: logits(1, 1, 4), targets: [targets] };
    const entropy = 1.5 * Math.LN2;
    const cross = onOutputs(engine, crossEntropy({ targets: "distributions" }), example);
    const divergence = onOutputs(engine, kullbackLeibler(), example);
    expectClose([divergence.loss + entropy], [cross.loss], tolerance);
    expect([...divergence.gradient]).toEqual([...cross.gradient]);
  });

  test("over batches is the mean over all, each by what its targets count", async () => {
    const net = await model(features(3), dense(4));
    const examples = [2, 5, 1].map((rows, seed) => ({
      inputs: tensor(normals(rows * 3, seed), [rows, 1, 3]),
      targets: Array.from({ length: rows }, (_, i) => [(i + seed) % 4]),
    }));
    const loss = crossEntropy({ classWeights: [1, 0.1, 2, 0.5], ignore: 3 });
    const together = {
      inputs: tensor(Float32Array.from(examples.flatMap(({ inputs }) => [...inputs.data])), [8, 1, 3]),
      targets: examples.flatMap(({ targets }) => targets),
    };
    const [apart, whole] = [await net.evaluate(examples, { loss }), await net.evaluate([together], { loss })];
    expectClose([apart], [whole], tolerance);
  });

  test("with two labels for each step learns both", async () => {
    const net = await model(tokens(4), embedding(4), lstm(8), dense(2));
    const example = {
      inputs: [[0, 1, 2, 3]],
      targets: [
        [
          [0, 0],
          [0, 1],
          [1, 0],
          [1, 1],
        ],
      ],
    };
    const options = {
      loss: binaryCrossEntropy({ positiveWeight: [1, 2] }),
      optimiser: adam(0.05),
      epochs: 200,
    };
    expect((await net.fit([example], options)).loss.at(-1)).toBeLessThan(0.05);
    const { data } = await net.predict(example.inputs);
    expect(Array.from(data, (logit) => Number(logit > 0))).toEqual([0, 0, 0, 1, 1, 0, 1, 1]);
  });
});

test("cosineEmbedding brings alike rows together and keeps others apart", async () => {
  const tower = dense(3, { bias: false });
  const net = await model(features(8), (x) => concat(tower(x), dense(3)(x)));
  const inputs = tensor(normals(6 * 8, 3), [6, 1, 8]);
  const targets = [[1], [0], [1], [0], [1], [0]];
  const options = { loss: cosineEmbedding(), optimiser: adam(0.05), epochs: 300 };
  const { loss: losses } = await net.fit([{ inputs, targets }], options);
  expect(losses.at(-1)!).toBeLessThan(losses[0] / 5);
  const bad = { inputs, targets: [...targets.slice(1), [2]] };
  await expect(net.fit([bad], options)).rejects.toThrow("targets[5][0]: expected a token from 0 to 1, got 2");
});

describe("refused when made:", () => {
  test.each<[string, () => unknown]>([
    ["smoothing: expected a number from 0 to below 1, got 1", () => crossEntropy({ smoothing: 1 })],
    ["smoothing: expected a number", () => crossEntropy({ smoothing: NaN })],
    ['targets: expected "classes"', () => crossEntropy({ targets: "both" as "classes" })],
    ["ignore: expected a whole number", () => crossEntropy({ ignore: 0.5 })],
    ["ignore: expected a whole number", () => crossEntropy({ ignore: 1, targets: "distributions" })],
    [
      "classWeights[1]: expected a finite number from 0, got -1",
      () => crossEntropy({ classWeights: [1, -1] }),
    ],
    ["positiveWeight[0]: expected", () => binaryCrossEntropy({ positiveWeight: NaN })],
    ["convention: expected", () => squaredError({ convention: "sum" as "half" })],
    ["delta: expected a finite number above 0, got 0", () => huber({ delta: 0 })],
    ["margin: expected a number from -1 to 1, got 2", () => cosineEmbedding({ margin: 2 })],
    ["blank: expected a whole number from 0, got -1", () => ctc({ blank: -1 })],
    ["impossible: expected", () => ctc({ impossible: "never" as "zero" })],
  ])("%s", (message, attempt) => {
    expect(attempt).toThrow(InputError);
    expect(attempt).toThrow(message);
  });
});

describe("refused with a batch, before anything changes:", () => {
  const inputs = [[0], [1]].map((row) => [row, row, row]);
  const nan = Number.NaN;
  test.each<[string, Loss, unknown, object?]>([
    [
      "targets[1][2]: expected a token from 0 to 2, got 3",
      crossEntropy(),
      [
        [0, 1, 2],
        [0, 1, 3],
      ],
    ],
    [
      "targets[0][0]: expected a token from 0 to 2, got -100",
      crossEntropy({ ignore: -1 }),
      [
        [-100, 1, 2],
        [0, 1, 2],
      ],
    ],
    [
      "targets[0][1]: expected a token",
      crossEntropy(),
      [
        [0, nan, 2],
        [0, 1, 2],
      ],
    ],
    [
      "one step that counts, got none",
      crossEntropy({ ignore: 0 }),
      [
        [0, 0, 0],
        [0, 0, 0],
      ],
    ],
    [
      "classWeights: expected one for each class, 3, got 2",
      crossEntropy({ classWeights: [1, 1] }),
      [
        [0, 1, 2],
        [0, 1, 2],
      ],
    ],
    [
      "targets[1][0][2]: expected a finite float32 number, got NaN",
      squaredError(),
      [
        [
          [0, 0, 0],
          [0, 0, 0],
          [0, 0, 0],
        ],
        [
          [0, 0, nan],
          [0, 0, 0],
          [0, 0, 0],
        ],
      ],
    ],
    [
      "targets[0][2][1]: expected a number from 0 to 1, got 2",
      binaryCrossEntropy(),
      [
        [
          [0, 0, 0],
          [0, 0, 0],
          [0, 2, 0],
        ],
        [
          [0, 0, 0],
          [0, 0, 0],
          [0, 0, 0],
        ],
      ],
    ],
    [
      "cosineEmbedding: expected two rows of one width side by side, got width 3",
      cosineEmbedding(),
      [
        [1, 0, 0],
        [0, 0, 0],
      ],
    ],
    ["targets[1][1]: expected a label from 0 to 2, not the blank 0, got 0", ctc(), [[1], [1, 0]]],
    ["targets[0][0]: expected a label from 0 to 2, not the blank 2, got 3", ctc({ blank: 2 }), [[3], [1]]],
    ["targets: expected an array of 2 sequences of labels, got 1", ctc(), [[1]]],
    ["targets[1]: expected an array of labels, got number 1", ctc(), [[1], 1]],
    [
      "targets: expected an array of 2 sequences of labels, got an object",
      ctc(),
      tensor(new Float32Array(2), [2, 1]),
    ],
    ["blank: expected a class below 3, got 3", ctc({ blank: 3 }), [[1], [1]]],
    [
      "weights: expected 2 rows of 1 weights, got 6 weights",
      ctc(),
      [[1], [1]],
      { weights: [1, 1, 1, 1, 1, 1] },
    ],
  ])("%s", async (message, loss, targets, more = {}) => {
    const net = await model(features(1), dense(3));
    const before = net.save();
    const example = { inputs, targets: targets as number[][], ...more };
    const attempt = net.fit([example], { loss, optimiser: sgd(1) });
    await expect(attempt).rejects.toThrow(InputError);
    await expect(net.evaluate([example], { loss })).rejects.toThrow(message);
    expect(net.save()).toEqual(before);
  });

  test("numbers in the inputs that are none, but not past a length", async () => {
    const net = await model(features(2), lstm(2), last(), dense(2));
    const example = {
      inputs: [
        [
          [1, 2],
          [3, nan],
        ],
      ],
      targets: [[1]],
    };
    const options = { loss: crossEntropy(), optimiser: sgd(1) };
    await expect(net.fit([example], options)).rejects.toThrow(
      "batch 0.inputs[0][1][1]: expected a finite float32 number, got NaN",
    );
    expect((await net.fit([{ ...example, lengths: [1] }], options)).loss).toHaveLength(1);
  });
});

test("a loss that reads tokens is refused by name", async () => {
  const net = await model(tokens(3), (x) => x);
  for (const loss of [
    crossEntropy(),
    squaredError(),
    binaryCrossEntropy(),
    cosine(),
    ctc(),
    kullbackLeibler(),
  ]) {
    await expect(net.evaluate([{ inputs: [0], targets: [1] }], { loss })).rejects.toThrow(
      `${loss.name}: expected a model that ends in rows of numbers, got tokens`,
    );
  }
});

describe("on three threads the bits are those on one:", () => {
  const [batch, steps, width] = [24, 16, 8];
  const inputs = tensor(normals(batch * steps * 3, 1), [batch, steps, 3]);
  const classes = tensor(indices(batch * steps, width, 2), [batch, steps]);
  const shares = tensor(
    normals(batch * steps * width, 3).map((x) => Math.min(1, Math.abs(x))),
    [batch, steps, width],
  );
  const labels = Array.from({ length: batch }, (_, row) => [1 + (row % 7), 2, 2].slice(row % 4));

  test.each<[string, Loss, unknown]>([
    ["crossEntropy", crossEntropy({ smoothing: 0.1, classWeights: [1, 2, 3, 4, 5, 6, 7, 8] }), classes],
    ["crossEntropy of distributions", crossEntropy({ targets: "distributions" }), shares],
    ["binaryCrossEntropy", binaryCrossEntropy(), shares],
    ["huber", huber({ delta: 0.1 }), shares],
    ["cosine", cosine(), shares],
    ["ctc", ctc(), labels],
  ])("%s", async (_, loss, targets) => {
    const train = async (threads: number) => {
      const net = await model(features(3), gru(128), dense(width), { threads });
      const example = { inputs, targets: targets as number[][] };
      const { loss: losses } = await net.fit([example], { loss, optimiser: sgd(0.1), epochs: 2 });
      const parameters = net.parameters().flatMap(({ data }) => [...data]);
      await net.close();
      return [...losses, ...parameters];
    };
    expect(await train(3)).toEqual(await train(1));
  });
});
