/** Sets in which some classes are rare: weights for their rows, or more of them. */

import { random } from "../random.js";
import { requireSome, requireWhole } from "./checks.js";
import { groupsOf } from "./groups.js";

/**
 * A weight for each class, such that all classes weigh the same in the whole and the mean weight of a row is 1: rows / (classes
 * x rows of the class), King & Zeng 2001. 0 for a class that has no rows. To be the `weight` of
 * each row.
 */
export function classWeights(labels: ArrayLike<number>, classes: number): Float64Array {
  requireWhole("classWeights.classes", classes);
  requireSome("classWeights", labels, "label");
  const counts = new Float64Array(classes);
  for (let i = 0; i < labels.length; i++) {
    requireWhole(`classWeights[${i}]`, labels[i], 0, classes - 1);
    counts[labels[i]]++;
  }
  const present = counts.filter((count) => count > 0).length;
  return counts.map((count) => (count === 0 ? 0 : labels.length / (present * count)));
}

export interface ResampleOptions {
  readonly seed: number;
  /** Rows of each class; default as many as the largest class has. */
  readonly count?: number;
}

/**
 * As many rows of each class, by `seed`: of a smaller class every row the same number of times, or once more; of a larger
 * one some rows, once. In random order. Of training data only: a row that is repeated must not be held out too.
 */
export function resample<T>(rows: ArrayLike<T>, label: (row: T) => unknown, options: ResampleOptions): T[] {
  requireSome("resample", rows, "row");
  const classes = groupsOf(Array.from(rows), label);
  const { seed, count = classes.reduce((most, { length }) => Math.max(most, length), 0) } = options;
  requireWhole("resample.count", count);
  const draw = random(seed);
  const drawn = classes.flatMap((members) => {
    draw.shuffle(members);
    return Array.from({ length: count }, (_, i) => members[i % members.length]);
  });
  draw.shuffle(drawn);
  return drawn;
}
