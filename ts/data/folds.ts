/** Cross-validation: a set cut into folds, each held out once (Stone 1974). */

import { InputError } from "../errors.js";
import { random } from "../random.js";
import { requireWhole } from "./checks.js";
import { groupsOf } from "./groups.js";

export interface FoldOptions<T> {
  readonly folds: number;
  readonly seed: number;
  /** What a row is an example of: every fold has its share of each, as far as that goes. Default: all the same. */
  readonly label?: (row: T) => unknown;
}

export interface Fold<T> {
  readonly train: T[];
  /** Rows that no other fold holds out. */
  readonly heldOut: T[];
}

/** Draws the folds by `seed`: in sizes that differ by 1 at most, every row is held out in one of them. */
export function folds<T>(rows: ArrayLike<T>, options: FoldOptions<T>): Fold<T>[] {
  const { folds: count, seed, label = () => undefined } = options;
  requireWhole("folds.folds", count, 2);
  if (rows.length < count)
    throw new InputError({
      where: "folds",
      expected: `at least ${count} rows, one for each fold`,
      got: `${rows.length}`,
    });
  const shuffled = Array.from(rows);
  random(seed).shuffle(shuffled);
  const dealt = groupsOf(shuffled, label).flat();
  return Array.from({ length: count }, (_, fold) => ({
    train: dealt.filter((_, i) => i % count !== fold),
    heldOut: dealt.filter((_, i) => i % count === fold),
  }));
}
