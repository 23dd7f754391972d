/** Metrics where nothing, or only one kind of thing, was there; and what they refuse. */
import { describe, expect, test } from "vitest";
import {
  accuracy,
  bitsPerCharacter,
  confusionMatrix,
  f1,
  InputError,
  type Metric,
  mae,
  mape,
  mase,
  mcc,
  perplexity,
  precision,
  r2,
  recall,
  rocAuc,
  smape,
  tensor,
  topK,
} from "../../ts/index.js";

/** One row of one step for each output. */
const rows = (...outputs: readonly (readonly number[])[]) =>
  tensor(Float32Array.from(outputs.flat()), [outputs.length, 1, outputs[0].length]);

function numbers(metric: Metric, outputs: readonly number[], targets: readonly number[]): number {
  metric.reset();
  metric.update(rows(...outputs.map((x) => [x])), rows(...targets.map((x) => [x])) as never);
  return metric.value;
}

function classes<T>(
  metric: Metric<T>,
  outputs: readonly (readonly number[])[],
  targets: readonly number[],
): T {
  metric.reset();
  metric.update(
    rows(...outputs),
    targets.map((id) => [id]),
  );
  return metric.value;
}

test("before the first batch a metric is not a number, a matrix and what is of each class empty", () => {
  const all = [
    accuracy(),
    accuracy({ threshold: 0 }),
    topK(2),
    precision(),
    recall(),
    f1({ average: "micro" }),
  ];
  for (const metric of [
    ...all,
    mcc(),
    rocAuc(),
    perplexity(),
    bitsPerCharacter(),
    mae(),
    mape(),
    smape(),
    r2(),
  ]) {
    expect(metric.value, metric.name).toBeNaN();
  }
  expect(confusionMatrix().value).toEqual([]);
  expect(f1({ average: "each" }).value).toEqual([]);
});

describe("without positives", () => {
  const sure = [
    [1, 0],
    [1, 0],
  ];

  test("precision, recall and F1 of the class are 0, and the macro average leaves the class out", () => {
    for (const [score, half] of [
      [precision, 1 / 4],
      [recall, 1 / 2],
      [f1, 1 / 3],
    ] as const) {
      expect(classes(score({ average: 1 }), sure, [0, 0])).toBe(0);
      expect(classes(score({ average: "each" }), sure, [0, 0])).toEqual([1, 0]);
      expect(classes(score(), sure, [0, 0])).toBe(1);
      expect(classes(score(), sure, [0, 1])).toBeCloseTo(half, 12);
    }
  });

  test("Matthews' coefficient is 0, for targets or predictions of one class", () => {
    expect(classes(mcc(), sure, [0, 0])).toBe(0);
    expect(classes(mcc(), sure, [0, 1])).toBe(0);
    expect(
      classes(
        mcc(),
        [
          [1, 0],
          [0, 1],
        ],
        [1, 1],
      ),
    ).toBe(0);
    expect(
      classes(
        mcc(),
        [
          [1, 0],
          [0, 1],
        ],
        [0, 1],
      ),
    ).toBe(1);
    expect(
      classes(
        mcc(),
        [
          [1, 0],
          [0, 1],
        ],
        [1, 0],
      ),
    ).toBe(-1);
  });

  test("the area under the curve is not a number", () => {
    expect(classes(rocAuc(), sure, [0, 0])).toBeNaN();
    expect(numbers(rocAuc(), [0.5, 0.1], [1, 1])).toBeNaN();
  });
});

test("scores all alike have an area of one half, right ones 1, wrong ones 0", () => {
  expect(numbers(rocAuc(), [3, 3, 3], [1, 0, 1])).toBe(0.5);
  expect(numbers(rocAuc(), [3, 1, 2], [1, 0, 1])).toBe(1);
  expect(numbers(rocAuc(), [1, 3, 2], [1, 0, 1])).toBe(0);
});

test("of outputs alike the lower class comes first", () => {
  const flat = [[2, 2, 2]];
  expect([0, 1, 2].map((target) => classes(accuracy(), flat, [target]))).toEqual([1, 0, 0]);
  expect([0, 1, 2].map((target) => classes(topK(2), flat, [target]))).toEqual([1, 1, 0]);
  expect(classes(topK(9), flat, [2])).toBe(1);
});

test("a target of 0 makes the percentage error infinite, unless the output is 0 too", () => {
  expect(numbers(mape(), [1, 2], [0, 2])).toBe(Infinity);
  expect(numbers(mape(), [0, 3], [0, 2])).toBe(0.25);
  expect(numbers(smape(), [0, 3], [0, 2])).toBeCloseTo(0.2, 12);
  expect(numbers(smape(), [1], [0])).toBe(2);
});

test("targets that do not change have an R² of 1 if all outputs equal them, else 0", () => {
  expect(numbers(r2(), [5, 5], [5, 5])).toBe(1);
  expect(numbers(r2(), [5, 5.5], [5, 5])).toBe(0);
  expect(numbers(r2(), [0.1, 0.1, 0.1], [0.1, 0.1, 0.1])).toBe(1);
});

test("Hyndman & Koehler's error is 1 for a forecast as good as that of the season before", () => {
  const series = [1, 2, 4, 3, 5, 8];
  expect(numbers(mase(series), [1, 2, 4, 3, 5], [2, 4, 3, 5, 8])).toBeCloseTo(1, 12);
  expect(numbers(mase(series, { season: 3 }), [1, 2, 4], [3, 5, 8])).toBeCloseTo(1, 12);
});

test("logits of ±1000 have a finite perplexity where the target is the likely one", () => {
  expect(classes(perplexity(), [[1000, -1000]], [0])).toBe(1);
  expect(classes(bitsPerCharacter(), [[1000, -1000]], [1])).toBeCloseTo(2000 / Math.LN2, 9);
  expect(classes(perplexity(), [[1000, -1000]], [1])).toBe(Infinity);
});

test("what is past a length, ignored or of no weight does not count, and may be anything there", () => {
  const outputs = tensor(Float32Array.from([5, 0, 0, 5, NaN, NaN, 0, 5, 5, 0, 0, 5]), [2, 3, 2]);
  const targets = [
    [0, 0, 99],
    [-1, 0, 0],
  ];
  for (const metric of [accuracy(), precision({ average: "micro" }), topK(1)]) {
    metric.update(outputs, targets, { lengths: [2, 3], ignore: -1 });
    expect(metric.value, metric.name).toBe(0.5);
    metric.reset();
    metric.update(outputs, targets, { lengths: [2, 3], ignore: -1, weights: [3, 0, 1, 1, 0, 1] });
    expect(metric.value, metric.name).toBe(0.75);
  }
});

test("of outputs with one step for each row a length counts the row or not", () => {
  const metric = accuracy();
  metric.update(rows([1, 0], [0, 1]), [[0], [0]], { lengths: [7, 0] });
  expect(metric.value).toBe(1);
});

describe("refused, and nothing is taken in:", () => {
  const two = rows([1, 0], [0, 1]);
  test.each<[string, Metric<unknown>, ReturnType<typeof rows>, unknown, object?]>([
    [
      "accuracy outputs: expected a tensor [batch, steps, width], got [2,2]",
      accuracy(),
      tensor(new Float32Array(4), [2, 2]),
      [[0], [1]],
    ],
    [
      "accuracy targets: expected 2 rows of 1 steps, as the outputs have, got 3 rows of 1 steps",
      accuracy(),
      two,
      [[0], [1], [1]],
    ],
    ["accuracy targets[1][0]: expected a token from 0 to 1, got 2", accuracy(), two, [[0], [2]]],
    [
      "mae targets[0][0][1]: expected a finite float32 number, got NaN",
      mae(),
      rows([1, 2]),
      [[[1, Number.NaN]]],
    ],
    ["f1 outputs[1][0][0]: expected a number, got NaN", f1(), rows([1, 0], [Number.NaN, 1]), [[0], [1]]],
    ["accuracy targets: expected 2 rows", accuracy(), two, [[0], [1]], { weights: [1] }],
    [
      "accuracy weights[1]: expected a finite number from 0, got -1",
      accuracy(),
      two,
      [[0], [1]],
      { weights: [1, -1] },
    ],
    ["f1.average: expected a class below 2, got 2", f1({ average: 2 }), two, [[0], [1]]],
    ["rocAuc.positive: expected a class below 2, got 2", rocAuc({ positive: 2 }), two, [[0], [1]]],
    [
      "mcc outputs: expected one number a row, with a threshold, got rows of 2",
      mcc({ threshold: 0 }),
      two,
      [[[0, 0]], [[1, 0]]],
    ],
  ])("%s", (message, metric, outputs, targets, options) => {
    const attempt = () => metric.update(outputs, targets as number[][], options);
    expect(attempt).toThrow(InputError);
    expect(attempt).toThrow(message);
    if (typeof metric.value === "number") expect(metric.value).toBeNaN();
  });

  test.each([[f1()], [r2()], [confusionMatrix()]])(
    "batches not as wide as the first",
    (metric: Metric<unknown>) => {
      const targets = (width: number) => (metric.name === "r2" ? [[Array(width).fill(1)]] : [[0]]);
      metric.update(rows([1, 0]), targets(2));
      const before = metric.value;
      expect(() => metric.update(rows([1, 0, 0]), targets(3))).toThrow(
        `${metric.name} outputs: expected rows of 2 numbers, as before, got rows of 3`,
      );
      expect(metric.value).toEqual(before);
    },
  );

  test.each<[string, () => unknown]>([
    ["topK: expected a whole number from 1, got 0", () => topK(0)],
    [
      'f1.average: expected "macro", "micro", "each" or a class, got weighted',
      () => f1({ average: "weighted" as "macro" }),
    ],
    ["recall.average: expected", () => recall({ average: -1 })],
    ["mase.season: expected a whole number from 1, got 0", () => mase([1, 2], { season: 0 })],
    [
      "mase.training: expected more than 1 finite numbers that change from season to season, got a mean change of 0",
      () => mase([2, 2, 2]),
    ],
    [
      "mase.training: expected more than 3 finite numbers that change from season to season, got 3 numbers",
      () => mase([1, 2, 3], { season: 3 }),
    ],
  ])("%s", (message, attempt) => {
    expect(attempt).toThrow(InputError);
    expect(attempt).toThrow(message);
  });
});
