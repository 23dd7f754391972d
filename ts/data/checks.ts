/** What every function on data asks of its options. */

import { InputError } from "../errors.js";

/** Throws unless `value` is a whole number from `least` to `most`. */
export function requireWhole(where: string, value: number, least = 1, most = Number.MAX_SAFE_INTEGER): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  const expected = `a whole number from ${least}${most < Number.MAX_SAFE_INTEGER ? ` to ${most}` : ""}`;
  throw new InputError({ where, expected, got: `${value}` });
}

/** Throws unless there is at least one of `what`. */
export function requireSome(where: string, { length }: { readonly length: number }, what: string): void {
  if (!(length > 0)) throw new InputError({ where, expected: `at least one ${what}`, got: "none" });
}
