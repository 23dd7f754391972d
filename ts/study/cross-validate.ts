/** One way of training, scored on every row without having learnt from it. */

import { type Fold, type FoldOptions, folds } from "../data/folds.js";
import { type Summary, summaryOf } from "./summary.js";

export interface CrossValidationOptions<T> extends FoldOptions<T> {
  /** Trains on one part of a fold and scores on the other. `index` counts from 0 and can seed the model. */
  readonly score: (fold: Fold<T>, index: number) => number | Promise<number>;
}

/** k-fold cross-validation: a score for each fold, and their mean. */
export async function crossValidate<T>(
  rows: ArrayLike<T>,
  options: CrossValidationOptions<T>,
): Promise<Summary> {
  const scores: number[] = [];
  for (const [index, fold] of folds(rows, options).entries()) scores.push(await options.score(fold, index));
  return summaryOf(scores);
}
