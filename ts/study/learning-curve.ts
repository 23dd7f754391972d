/** How scores change with the number of rows there are to learn from. */

import { requireSome, requireWhole } from "../data/checks.js";
import { random } from "../random.js";
import { type Summary, summaryOf } from "./summary.js";

/** What a model scores on the rows it has learnt from, and on others. */
export interface Scores {
  readonly train: number;
  readonly heldOut: number;
}

export interface LearningCurveOptions<T> {
  /** Rows to learn from, each a point of the curve: ascending, at most all. */
  readonly sizes: readonly number[];
  /** Trains on rows and scores. `repeat` counts from 0 and can seed the model. */
  readonly score: (rows: T[], repeat: number) => Scores | Promise<Scores>;
  /** How often for each size, on other rows each time; default 1. */
  readonly repeats?: number;
  readonly seed: number;
}

/**
 * A point of a learning curve. Scores that stay apart tell of variance: more rows or regularisation help; bad ones that meet tell of
 * bias: a larger model or longer training does.
 */
export interface LearningPoint {
  readonly size: number;
  readonly train: Summary;
  readonly heldOut: Summary;
}

/** Trains on more and more rows, drawn by `seed`: those of one size are among those of the next. */
export async function learningCurve<T>(
  rows: ArrayLike<T>,
  options: LearningCurveOptions<T>,
): Promise<LearningPoint[]> {
  const { sizes, score, repeats = 1, seed } = options;
  requireSome("learningCurve.sizes", sizes, "size");
  requireWhole("learningCurve.repeats", repeats);
  for (const [i, size] of sizes.entries())
    requireWhole(`learningCurve.sizes[${i}]`, size, i === 0 ? 1 : sizes[i - 1] + 1, rows.length);
  const all = sizes.map((): Scores[] => []);
  for (let repeat = 0; repeat < repeats; repeat++) {
    const shuffled = Array.from(rows);
    random(seed, repeat).shuffle(shuffled);
    for (const [i, size] of sizes.entries()) all[i].push(await score(shuffled.slice(0, size), repeat));
  }
  return all.map((scores, i) => ({
    size: sizes[i],
    train: summaryOf(scores.map(({ train }) => train)),
    heldOut: summaryOf(scores.map(({ heldOut }) => heldOut)),
  }));
}
