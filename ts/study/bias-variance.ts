/** Where the error of a way of training comes from: its bias, its variance, or the noise of the data (Geman, Bienenstock & Doursat 1992). */

import { requireSome, requireWhole } from "../data/checks.js";
import { InputError } from "../errors.js";
import { random } from "../random.js";

/** Means over the points; `error` = `variance` + `squaredBias` + `noise`, to rounding. */
export interface BiasVariance {
  /** (mean prediction - mean observation)². With a single observation at each point, its noise is in here. */
  readonly squaredBias: number;
  /** Of the predictions about their mean, over the population. */
  readonly variance: number;
  /** Of the observations about their mean, over the population; 0 with a single one at each point. */
  readonly noise: number;
  /** (prediction - observation)², over all pairs of these. */
  readonly error: number;
}

/**
 * Decomposes the squared error of predictions, [repeats][points], for points each observed once or several times. Exact for
 * any numbers, because the error takes every prediction with every observation of its point: the products of their deviations
 * from their means sum to 0.
 */
export function decomposeError(
  predictions: readonly ArrayLike<number>[],
  observations: ArrayLike<number> | readonly ArrayLike<number>[],
): BiasVariance {
  requireSome("decomposeError.predictions", predictions, "prediction");
  requireSome("decomposeError.observations", observations, "point");
  const points = observations.length;
  const sums = { squaredBias: 0, variance: 0, noise: 0, error: 0 };
  for (const [repeat, { length }] of predictions.entries())
    if (length !== points)
      throw new InputError({
        where: `decomposeError.predictions[${repeat}]`,
        expected: `one for each of ${points} points`,
        got: `${length}`,
      });
  for (let point = 0; point < points; point++) {
    const seen = observations[point];
    const ys = Array.from(typeof seen === "number" ? [seen] : seen);
    const fs = predictions.map((of) => of[point]);
    requireNumbers(`decomposeError.observations[${point}]`, ys);
    requireNumbers(`decomposeError.predictions at point ${point}`, fs);
    const [f, y] = [meanOf(fs), meanOf(ys)];
    sums.squaredBias += square(f - y);
    sums.variance += meanOf(fs.map((one) => square(one - f)));
    sums.noise += meanOf(ys.map((one) => square(one - y)));
    sums.error += meanOf(fs.map((f) => meanOf(ys.map((y) => square(f - y)))));
  }

  return {
    squaredBias: sums.squaredBias / points,
    variance: sums.variance / points,
    noise: sums.noise / points,
    error: sums.error / points,
  };
}

export interface BiasVarianceOptions<T> {
  /** Trains on rows and gives a prediction for every point. `repeat` counts from 0 and can seed the model. */
  readonly predict: (rows: T[], repeat: number) => ArrayLike<number> | Promise<ArrayLike<number>>;
  /** What was observed at each point, once or several times; where the truth is known, the truth. */
  readonly observations: ArrayLike<number> | readonly ArrayLike<number>[];
  readonly repeats: number;
  readonly seed: number;
}

/**
 * Trains again and again on resampled sets (the bootstrap, Efron 1979: as many rows, drawn with replacement) and
 * decomposes the error. The rows must not be those that the points are of.
 */
export async function biasVariance<T>(
  rows: ArrayLike<T>,
  options: BiasVarianceOptions<T>,
): Promise<BiasVariance> {
  const { predict, observations, repeats, seed } = options;
  requireSome("biasVariance", rows, "row");
  requireWhole("biasVariance.repeats", repeats, 2);
  const predictions: ArrayLike<number>[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    const { integer } = random(seed, repeat);
    const drawn = Array.from({ length: rows.length }, () => rows[integer(rows.length)]);
    predictions.push(Float64Array.from(await predict(drawn, repeat)));
  }
  return decomposeError(predictions, observations);
}

function requireNumbers(where: string, numbers: readonly number[]): void {
  requireSome(where, numbers, "number");
  const odd = numbers.findIndex((x) => !Number.isFinite(x));
  if (odd >= 0)
    throw new InputError({ where: `${where}[${odd}]`, expected: "a finite number", got: `${numbers[odd]}` });
}

function meanOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
}

function square(x: number): number {
  return x * x;
}
