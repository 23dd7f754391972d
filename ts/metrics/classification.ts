/** How often classes or labels are the right ones. */
import { InputError } from "../errors.js";
import { type Mean, type Metric, meanOfRows, metric, type Pairs } from "./metric.js";

export interface LabelOptions {
  /**
   * Makes every number of a row a label of its own, there where it is above the threshold: 0 for logits, 0.5 for
   * probabilities. The targets are then rows of 0 and 1. Default: the number of a class, the greatest of a row is taken.
   */
  readonly threshold?: number;
}

/** The class of the greatest output, the lowest of those alike. */
export function predicted({ outputs, width }: Pairs, row: number): number {
  const from = row * width;
  let best = 0;
  for (let c = 1; c < width; c++) if (outputs[from + c]! > outputs[from + best]!) best = c;
  return best;
}

/** The share of classes that are right, or with a threshold of labels. */
export function accuracy({ threshold }: LabelOptions = {}): Metric {
  if (threshold === undefined) {
    return meanOfRows("accuracy", (pairs, row) => Number(predicted(pairs, row) === pairs.targets[row]));
  }
  return metric<Mean, number>({
    name: "accuracy",
    kind: () => "features",
    begin: () => ({ total: 0, weight: 0 }),
    add(state, { count, width, outputs, targets, weights }) {
      for (let i = 0; i < count * width; i++) {
        const weight = weights[Math.floor(i / width)]!;
        if (outputs[i]! > threshold === targets[i]! > 0.5) state.total += weight;
        state.weight += weight;
      }
    },
    value: ({ total, weight }) => total / weight,
  });
}

/** The share of steps whose class is among the `k` of the greatest outputs; of outputs alike the lower class comes first. */
export function topK(k: number): Metric {
  if (!(Number.isInteger(k) && k >= 1)) {
    throw new InputError({ where: "topK", expected: "a whole number from 1", got: String(k) });
  }
  return meanOfRows(`top${k}`, ({ outputs, targets, width }, row) => {
    const target = targets[row]!;
    const own = outputs[row * width + target]!;
    let before = 0;
    for (let c = 0; c < width; c++) {
      const other = outputs[row * width + c]!;
      if (other > own || (other === own && c < target)) before++;
    }
    return Number(before < k);
  });
}

/** How often each class, or label, was right, was predicted and was the target. */
interface Counts {
  right: Float64Array;
  predicted: Float64Array;
  actual: Float64Array;
}

function counted<T>(
  name: string,
  { threshold, average }: AverageOptions,
  value: (counts: Counts, total: number) => T,
): Metric<T> {
  interface State extends Counts {
    total: number;
  }
  const zeros = (width: number): State => ({
    right: new Float64Array(width),
    predicted: new Float64Array(width),
    actual: new Float64Array(width),
    total: 0,
  });
  return metric<{ counts: State }, T>({
    name,
    kind: () => (threshold === undefined ? "tokens" : "features"),
    begin: () => ({ counts: zeros(0) }),
    add(state, pairs) {
      const { count, width, outputs, targets, weights } = pairs;
      if (state.counts.right.length === 0) state.counts = zeros(width);
      const { counts } = state;
      requireWidth(name, counts.right.length, width);
      if (typeof average === "number" && average >= width) {
        throw new InputError({
          where: `${name}.average`,
          expected: `a class below ${width}`,
          got: String(average),
        });
      }
      for (let row = 0; row < count; row++) {
        const weight = weights[row]!;
        counts.total += weight;
        if (threshold === undefined) {
          if (weight === 0) continue; // its target may be no class
          const [guess, target] = [predicted(pairs, row), targets[row]!];
          counts.predicted[guess]! += weight;
          counts.actual[target]! += weight;
          if (guess === target) counts.right[guess]! += weight;
          continue;
        }
        for (let c = 0; c < width; c++) {
          const [guess, target] = [outputs[row * width + c]! > threshold, targets[row * width + c]! > 0.5];
          if (guess) counts.predicted[c]! += weight;
          if (target) counts.actual[c]! += weight;
          if (guess && target) counts.right[c]! += weight;
        }
      }
    },
    value: ({ counts }) => value(counts, counts.total),
  });
}

/** Refuses batches that are not as wide as the first. */
export function requireWidth(name: string, before: number, width: number): void {
  if (before === width) return;
  throw new InputError({
    where: `${name} outputs`,
    expected: `rows of ${before} numbers, as before`,
    got: `rows of ${width}`,
  });
}

export interface AverageOptions extends LabelOptions {
  /**
   * `macro` (default): the mean over the classes that occur among targets or outputs. `micro`: of all classes taken together.
   * A number: of this class alone, for example 1 of two. `each`: of every class.
   */
  readonly average?: "macro" | "micro" | "each" | number;
}

type Each = AverageOptions & { readonly average: "each" };

/** A ratio of what was right, averaged over classes; of nothing it is 0, as in scikit-learn by default. */
function averaged(
  name: string,
  options: AverageOptions,
  ratio: (right: number, predicted: number, actual: number) => number,
): Metric<number> | Metric<number[]> {
  const { average = "macro", threshold } = options;
  const kinds = ["macro", "micro", "each"];
  if (typeof average === "number" ? !(Number.isInteger(average) && average >= 0) : !kinds.includes(average)) {
    throw new InputError({
      where: `${name}.average`,
      expected: '"macro", "micro", "each" or a class',
      got: String(average),
    });
  }
  const sum = (numbers: ArrayLike<number>) => Array.from(numbers).reduce((total, x) => total + x, 0);
  const scores = ({ right, predicted, actual }: Counts) =>
    Array.from(right, (own, c) => ratio(own, predicted[c]!, actual[c]!) || 0);
  if (average === "each") return counted(name, options, scores);
  return counted(name, options, (counts, total) => {
    const { right, predicted, actual } = counts;
    if (!(total > 0)) return NaN;
    if (average === "micro") return ratio(sum(right), sum(predicted), sum(actual)) || 0;
    if (average !== "macro") return scores(counts)[average]!;
    const present = scores(counts).filter(
      (_, c) => threshold !== undefined || predicted[c]! + actual[c]! > 0,
    );
    return sum(present) / present.length;
  });
}

/** Of what was predicted the share that is right: tp / (tp + fp). */
export function precision(options: Each): Metric<number[]>;
export function precision(options?: AverageOptions): Metric;
export function precision(options: AverageOptions = {}): Metric<number> | Metric<number[]> {
  return averaged("precision", options, (right, predicted) => right / predicted);
}

/** Of what there was the share that was predicted: tp / (tp + fn). */
export function recall(options: Each): Metric<number[]>;
export function recall(options?: AverageOptions): Metric;
export function recall(options: AverageOptions = {}): Metric<number> | Metric<number[]> {
  return averaged("recall", options, (right, _, actual) => right / actual);
}

/** The harmonic mean of precision and recall (van Rijsbergen 1979): 2 tp / (2 tp + fp + fn). */
export function f1(options: Each): Metric<number[]>;
export function f1(options?: AverageOptions): Metric;
export function f1(options: AverageOptions = {}): Metric<number> | Metric<number[]> {
  return averaged("f1", options, (right, predicted, actual) => (2 * right) / (predicted + actual));
}
