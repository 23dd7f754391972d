/** Which classes are taken for which. */
import { InputError } from "../errors.js";
import { predicted, requireWidth } from "./classification.js";
import { type Metric, metric } from "./metric.js";

export interface ConfusionOptions {
  /**
   * Makes outputs of one number a row two classes, 1 above the threshold and 0 else: 0 for logits, 0.5 for probabilities.
   * The targets are then rows of 0 and 1. Default: one number for each class, the greatest of a row is taken.
   */
  readonly threshold?: number;
}

function confusion<T>(
  name: string,
  { threshold }: ConfusionOptions,
  value: (matrix: readonly (readonly number[])[]) => T,
): Metric<T> {
  return metric<number[][], T>({
    name,
    kind: () => (threshold === undefined ? "tokens" : "features"),
    begin: () => [],
    add(matrix, pairs) {
      const { count, width, outputs, targets, weights } = pairs;
      if (threshold !== undefined && width !== 1) {
        throw new InputError({
          where: `${name} outputs`,
          expected: "one number a row, with a threshold",
          got: `rows of ${width}`,
        });
      }
      const classes = threshold === undefined ? width : 2;
      if (matrix.length > 0) requireWidth(name, matrix.length, classes);
      while (matrix.length < classes) matrix.push(Array.from({ length: classes }, () => 0));
      for (let row = 0; row < count; row++) {
        const weight = weights[row]!;
        if (weight === 0) continue; // its target may be no class
        const target = threshold === undefined ? targets[row]! : Number(targets[row]! > 0.5);
        const guess = threshold === undefined ? predicted(pairs, row) : Number(outputs[row]! > threshold);
        matrix[target]![guess]! += weight;
      }
    },
    value,
  });
}

/** How often each class was taken for which: rows are targets, columns predictions. Empty before the first batch. */
export function confusionMatrix(options: ConfusionOptions = {}): Metric<number[][]> {
  return confusion("confusionMatrix", options, (matrix) => matrix.map((row) => [...row]));
}

/**
 * Matthews' correlation coefficient from -1 to 1, for any number of classes (Gorodkin 2004); 0 where only one class was
 * predicted, or only one was there.
 */
export function mcc(options: ConfusionOptions = {}): Metric {
  return confusion("mcc", options, (matrix) => {
    let [total, right, products, predictions, targets] = [0, 0, 0, 0, 0];
    for (let c = 0; c < matrix.length; c++) {
      const actual = matrix[c]!.reduce((sum, weight) => sum + weight, 0);
      const guessed = matrix.reduce((sum, row) => sum + row[c]!, 0);
      total += actual;
      right += matrix[c]![c]!;
      products += guessed * actual;
      predictions += guessed * guessed;
      targets += actual * actual;
    }
    if (!(total > 0)) return NaN;
    const spread = (total * total - predictions) * (total * total - targets);
    return spread > 0 ? (right * total - products) / Math.sqrt(spread) : 0;
  });
}
