/** How far outputs are from targets that are numbers; each number of a row counts as its row does. */
import { InputError } from "../errors.js";
import { type Mean, type Metric, metric, type Pairs } from "./metric.js";

function meanOfNumbers(name: string, measure: (output: number, target: number) => number, scale = 1): Metric {
  return metric<Mean, number>({
    name,
    kind: () => "features",
    begin: () => ({ total: 0, weight: 0 }),
    add(state, pairs) {
      eachNumber(pairs, (output, target, weight) => {
        state.total += weight * measure(output, target);
        state.weight += weight;
      });
    },
    value: ({ total, weight }) => total / weight / scale,
  });
}

function eachNumber(
  { count, width, outputs, targets, weights }: Pairs,
  take: (output: number, target: number, weight: number, column: number) => void,
): void {
  for (let row = 0, i = 0; row < count; row++) {
    for (let column = 0; column < width; column++, i++) {
      if (weights[row]! > 0) take(outputs[i]!, targets[i]!, weights[row]!, column);
    }
  }
}

/** Mean absolute error: the mean of |y - t|. */
export function mae(): Metric {
  return meanOfNumbers("mae", (y, t) => Math.abs(y - t));
}

/**
 * Mean absolute percentage error, as a fraction: the mean of |y - t| / |t| (Hyndman & Koehler 2006). A target of 0 makes it
 * infinite, unless the output is 0 too: that counts 0.
 */
export function mape(): Metric {
  return meanOfNumbers("mape", (y, t) => (y === t ? 0 : Math.abs(y - t) / Math.abs(t)));
}

/** Symmetric mean absolute percentage error, from 0 to 2: the mean of 2 |y - t| / (|y| + |t|) (Makridakis 1993), 0 where both are 0. */
export function smape(): Metric {
  return meanOfNumbers("smape", (y, t) =>
    y === t ? 0 : (2 * Math.abs(y - t)) / (Math.abs(y) + Math.abs(t)),
  );
}

/**
 * Mean absolute scaled error (Hyndman & Koehler 2006): the mean absolute error, divided by that of forecasting in the
 * training series that every number is the one `season` steps before. Below 1: better than that. InputError unless the
 * series is longer than a season and changes from one to the next.
 */
export function mase(training: ArrayLike<number>, { season = 1 }: { readonly season?: number } = {}): Metric {
  if (!(Number.isInteger(season) && season >= 1)) {
    throw new InputError({ where: "mase.season", expected: "a whole number from 1", got: String(season) });
  }
  let total = 0;
  for (let i = season; i < training.length; i++) total += Math.abs(training[i]! - training[i - season]!);
  const scale = total / (training.length - season);
  if (!(scale > 0 && scale < Infinity)) {
    throw new InputError({
      where: "mase.training",
      expected: `more than ${season} finite numbers that change from season to season`,
      got: training.length <= season ? `${training.length} numbers` : `a mean change of ${scale}`,
    });
  }
  return meanOfNumbers("mase", (y, t) => Math.abs(y - t), scale);
}

/** Of one column: the mean of its targets and the sums of squares around it and of the residuals. */
interface Column {
  weight: number;
  mean: number;
  around: number;
  residual: number;
}

/**
 * The coefficient of determination R² = 1 - sum (y - t)² / sum (t - mean t)², averaged over the columns. Targets that do
 * not change have 1 if all outputs equal them, else 0, as in scikit-learn.
 */
export function r2(): Metric {
  return metric<Column[], number>({
    name: "r2",
    kind: () => "features",
    begin: () => [],
    add(columns, pairs) {
      if (columns.length > 0 && columns.length !== pairs.width) {
        throw new InputError({
          where: "r2 outputs",
          expected: `rows of ${columns.length} numbers, as before`,
          got: `rows of ${pairs.width}`,
        });
      }
      while (columns.length < pairs.width) columns.push({ weight: 0, mean: 0, around: 0, residual: 0 });
      eachNumber(pairs, (output, target, weight, index) => {
        const column = columns[index]!;
        column.weight += weight;
        const before = target - column.mean;
        column.mean += (weight / column.weight) * before;
        column.around += weight * before * (target - column.mean); // Welford 1962
        column.residual += weight * (output - target) * (output - target);
      });
    },
    value(columns) {
      const scores = columns.map(({ weight, around, residual }) => {
        if (weight === 0) return NaN;
        if (around === 0) return residual === 0 ? 1 : 0;
        return 1 - residual / around;
      });
      return scores.reduce((sum, score) => sum + score, 0) / scores.length;
    },
  });
}
