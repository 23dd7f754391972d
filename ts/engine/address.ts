/** A byte address in the engine's memory: a type of its own, so that a count cannot stand where an address belongs. */
export type Address = number & { readonly kind: "address" };

/** Floats to a cache line: every range in memory starts on one and is a whole number of them. */
export const LINE = 16;

/** The smallest multiple of `unit` that is not below `count`. */
export function roundUp(count: number, unit: number): number {
  return Math.ceil(count / unit) * unit;
}
