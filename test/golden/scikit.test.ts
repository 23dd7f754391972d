/** Metrics give what scikit-learn gives, taken in at once or in batches. */
import { describe, expect, test } from "vitest";
import {
  accuracy,
  bitsPerCharacter,
  confusionMatrix,
  f1,
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
import golden from "./scikit/metrics.json" with { type: "json" };

interface Rows {
  readonly outputs: readonly (number | readonly number[])[];
  readonly targets: readonly (number | readonly number[])[];
  readonly weights?: readonly number[] | null;
}

/** The value of a metric over all rows at once, and over batches of one to several rows with two steps or one. */
function valuesOf<T>(metric: Metric<T>, { outputs, targets, weights }: Rows): [T, T] {
  const width = outputs.slice(0, 1).flat().length;
  const take = (from: number, to: number, steps: number) => {
    const shape = [(to - from) / steps, steps, width];
    const part = targets.slice(from, to);
    metric.update(
      tensor(Float32Array.from(outputs.slice(from, to).flat()), shape),
      (Array.isArray(part[0]) || width === 1
        ? tensor(Float32Array.from(part.flat()), shape)
        : Array.from({ length: shape[0] }, (_, row) =>
            part.slice(row * steps, (row + 1) * steps),
          )) as number[][],
      { weights: weights?.slice(from, to) },
    );
  };
  take(0, outputs.length, 1);
  const whole = metric.value;
  metric.reset();
  for (let from = 0, size = 1; from < outputs.length; from += size, size = size === 6 ? 1 : size + 1) {
    const to = Math.min(from + size, outputs.length);
    take(from, to, (to - from) % 2 === 0 ? 2 : 1);
  }
  return [whole, metric.value];
}

function expectValue<T>(metric: Metric<T>, rows: Rows, expected: T): void {
  for (const value of valuesOf(metric, rows)) {
    const [actual, wanted] = [[value], [expected]].map((both) => both.flat(2) as number[]);
    expect(actual.length).toBe(wanted.length);
    for (const [i, number] of wanted.entries()) expect(actual[i]).toBeCloseTo(number, 9);
  }
}

const scores = { precision, recall, f1 };

describe.each(golden.classes.cases)("of classes, with the weights $weights", (expected) => {
  const rows = { ...golden.classes, weights: expected.weights };

  test("accuracy, the first two, Matthews' coefficient and the confusion matrix", () => {
    expectValue(accuracy(), rows, expected.accuracy);
    expectValue(topK(1), rows, expected.accuracy);
    expectValue(topK(2), rows, expected.top2);
    expectValue(mcc(), rows, expected.mcc);
    expectValue(confusionMatrix(), rows, expected.confusion);
  });

  test.each(["precision", "recall", "f1"] as const)("%s", (name) => {
    const { micro, macro, each } = expected[name];
    expectValue(scores[name]({ average: "micro" }), rows, micro);
    expectValue(scores[name](), rows, macro);
    expectValue(scores[name]({ average: "each" }), rows, each);
    expectValue(scores[name]({ average: 2 }), rows, each[2]);
  });

  test("perplexity and bits per character", () => {
    expectValue(perplexity(), rows, Math.exp(expected.nats));
    expectValue(bitsPerCharacter(), rows, expected.nats / Math.log(2));
  });

  test("the area under the curve of one class against the others", () => {
    expectValue(rocAuc({ positive: 2 }), rows, expected.auc2);
  });
});

describe("of labels that may come together", () => {
  const rows = golden.labels;
  test.each(["precision", "recall", "f1"] as const)("%s", (name) => {
    const { micro, macro, each } = rows[name];
    expectValue(scores[name]({ threshold: 0, average: "micro" }), rows, micro);
    expectValue(scores[name]({ threshold: 0 }), rows, macro);
    expectValue(scores[name]({ threshold: 0, average: "each" }), rows, each);
  });

  test("accuracy", () => expectValue(accuracy({ threshold: 0 }), rows, rows.accuracy));
});

describe("of one score a row, with ties", () => {
  const { weights, ...rows } = golden.scores;

  test("the area under the curve", () => {
    expectValue(rocAuc(), rows, rows.auc);
    expectValue(rocAuc(), golden.scores, rows.aucWeighted);
  });

  test("Matthews' coefficient and F1", () => {
    expect(weights.length).toBe(rows.outputs.length);
    expectValue(mcc({ threshold: 0 }), rows, rows.mcc);
    expectValue(f1({ threshold: 0 }), rows, rows.f1);
  });
});

describe("of numbers", () => {
  const { weights, ...rows } = golden.regression;
  test.each(Object.entries({ mae, mape, r2, smape }))("%s", (name, metric) => {
    const [plain, weighted] = rows[name as "mae"];
    expectValue(metric(), rows, plain);
    expectValue(metric(), { ...rows, weights }, weighted);
  });

  test("mase", () => {
    expectValue(mase(rows.series), rows, rows.mase[0]);
    expectValue(mase(rows.series, { season: 7 }), rows, rows.mase[1]);
  });
});
