/** Parts of a set to train on, to choose by and to test on, with every row in one of them. */

import { InputError } from "../errors.js";
import { random } from "../random.js";
import { requireSome, requireWhole } from "./checks.js";
import { hash } from "./hash.js";

/** How much to hold back: a share below 1, or from 1 on so many rows; default none. */
export interface Shares {
  readonly validation?: number;
  readonly test?: number;
}

export interface Split<T> {
  readonly train: T[];
  readonly validation: T[];
  readonly test: T[];
}

/** Draws the rows of each part by `seed`. Rows that stand for the same thing may be drawn apart: see `splitByHash`. */
export function splitRandomly<T>(rows: ArrayLike<T>, options: Shares & { readonly seed: number }): Split<T> {
  const shuffled = Array.from(rows);
  random(options.seed).shuffle(shuffled);
  const { train, validation, test } = splitInOrder(shuffled, options);
  return { train, validation, test };
}

/**
 * Puts each row where the hash of its key says, so that rows of one key are together, and a row stays in its part whatever
 * other rows come and go. The shares hold on the average only. InputError if a part that is asked for stays empty.
 */
export function splitByHash<T>(rows: ArrayLike<T>, key: (row: T) => string, shares: Shares): Split<T> {
  requireSome("splitByHash", rows, "row");
  const { validation = 0, test = 0 } = shares;
  for (const [name, share] of Object.entries({ validation, test }))
    if (!(share >= 0 && share < 1))
      throw new InputError({
        where: `splitByHash.${name}`,
        expected: "a share from 0, below 1",
        got: `${share}`,
      });
  const parts: Split<T> = { train: [], validation: [], test: [] };
  for (const row of Array.from(rows)) {
    const place = hash(key(row)) / 0x100000000;
    (place < test ? parts.test : place < test + validation ? parts.validation : parts.train).push(row);
  }
  requireParts("splitByHash", parts, { validation, test });
  return parts;
}

/**
 * Cuts a set that is in order of time: training before validation before the test. `gap`: so many rows are left out before
 * each cut, for rows that overlap with those after them; default 0.
 */
export function splitInOrder<T>(rows: ArrayLike<T>, options: Shares & { readonly gap?: number }): Split<T> {
  requireSome("split", rows, "row");
  const { gap = 0 } = options;
  requireWhole("split.gap", gap, 0);
  const test = rowsOf("split.test", options.test, rows.length);
  const validation = rowsOf("split.validation", options.validation, rows.length);
  const all = Array.from(rows);
  const testFrom = rows.length - test;
  const validationTo = testFrom - (test > 0 ? gap : 0);
  const validationFrom = Math.max(0, validationTo - validation);
  const trainTo = Math.max(0, validationFrom - (validation > 0 ? gap : 0));
  const parts = {
    train: all.slice(0, trainTo),
    validation: all.slice(validationFrom, Math.max(0, validationTo)),
    test: all.slice(testFrom),
  };
  requireParts("split", parts, { validation, test });
  return parts;
}

function rowsOf(where: string, share = 0, rows: number): number {
  if (share > 0 && share < 1) return Math.max(1, Math.round(share * rows));
  requireWhole(where, share, 0);
  return share;
}

function requireParts<T>(where: string, parts: Split<T>, { validation = 0, test = 0 }: Shares): void {
  for (const [name, asked] of Object.entries({ train: 1, validation, test })) {
    if (asked > 0) requireSome(`${where}.${name}`, parts[name as keyof Split<T>], "row");
  }
}
