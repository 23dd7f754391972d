/** Evaluation gives metrics the model's outputs, with the masks that the loss has. */
import { describe, expect, test } from "vitest";
import {
  accuracy,
  binaryCrossEntropy,
  cosineEmbedding,
  crossEntropy,
  ctc,
  dense,
  features,
  gru,
  last,
  type Metric,
  mae,
  model,
  perplexity,
  squaredError,
  tensor,
} from "../../ts/index.js";
import { normals } from "../reference/draw.js";

const inputs = (batch: number, steps: number, seed = 1) =>
  tensor(normals(batch * steps * 3, seed), [batch, steps, 3]);

test("the perplexity is e to the loss, over batches of several sizes, lengths, weights and ignored targets", async () => {
  const net = await model(features(3), gru(4), dense(5));
  const examples = [
    {
      inputs: inputs(2, 3),
      targets: [
        [0, 1, 2],
        [3, 77, 77],
      ],
      lengths: [3, 1],
    },
    { inputs: inputs(1, 4, 2), targets: [[4, -100, 2, 1]], weights: [1, 1, 0.5, 2] },
  ];
  const loss = crossEntropy({ ignore: -100 });
  const metric = perplexity();
  const mean = await net.evaluate(examples, { loss, metrics: [metric] });
  expect(Math.log(metric.value)).toBeCloseTo(mean, 6);
  expect(await net.evaluate(examples, { loss })).toBe(mean);
});

describe("metrics take in what predict gives", () => {
  test.each([
    [
      "of a loss that works in the outputs' place",
      crossEntropy(),
      dense(4),
      [
        [0, 1],
        [2, 3],
      ],
      accuracy(),
    ],
    [
      "of numbers",
      squaredError(),
      dense(2),
      [
        [
          [0, 1],
          [2, 3],
        ],
        [
          [1, 1],
          [0, 4],
        ],
      ],
      mae(),
    ],
    [
      "of labels",
      binaryCrossEntropy(),
      dense(2),
      [
        [
          [0, 1],
          [1, 1],
        ],
        [
          [1, 1],
          [0, 0],
        ],
      ],
      accuracy({ threshold: 0 }),
    ],
  ])("%s", async (_, loss, layer, targets, metric: Metric) => {
    const net = await model(features(3), gru(4), layer);
    const given = inputs(2, 2);
    metric.update(await net.predict(given), targets);
    const expected = metric.value;
    for (let i = 0; i < 2; i++) {
      await net.evaluate([{ inputs: given, targets }], { loss, metrics: [metric] }); // resets them first
      expect(metric.value).toBe(expected);
    }
  });

  test("of a model that ends in one step", async () => {
    const net = await model(features(3), gru(4), last(), dense(4));
    const metric = accuracy();
    const [given, targets, lengths] = [inputs(3, 4), [0, 1, 2], [4, 2, 1]];
    metric.update(await net.predict(given, { lengths }), targets, { lengths });
    const expected = metric.value;
    await net.evaluate([{ inputs: given, targets, lengths }], { loss: crossEntropy(), metrics: [metric] });
    expect(metric.value).toBe(expected);
  });
});

test("a metric that does not fit the targets is refused by name", async () => {
  const net = await model(features(3), dense(4));
  const evaluate = (loss: Parameters<typeof net.evaluate>[1]["loss"], targets: number[][], metric: Metric) =>
    net.evaluate([{ inputs: inputs(1, 3), targets }], { loss, metrics: [metric] });
  await expect(evaluate(crossEntropy(), [[0, 1, 2]], mae())).rejects.toThrow(
    "mae targets: expected rows of 4 numbers, got rows of 3",
  );
  await expect(evaluate(ctc(), [[1]], accuracy())).rejects.toThrow(
    "accuracy targets: expected 1 rows of 3 steps",
  );
  const options = { loss: cosineEmbedding(), metrics: [] };
  expect(await net.evaluate([{ inputs: inputs(1, 3), targets: [[0, 1, 1]] }], options)).toBeGreaterThan(0);
});
