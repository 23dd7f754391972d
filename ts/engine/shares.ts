/** How kernel calls are cut into shares for threads. */
import type { Call } from "./threads.js";
import { multiplications, type NamedCall } from "./worth.js";

/** Multiplications a second of the slowest host: a tenth of a slow phone's. */
const SLOWEST = 5e8;

/** Seconds in which the slowest of hosts finishes any one share of a program. */
export function longestShare(calls: readonly NamedCall[], shares: readonly Call[]): number {
  return shares.reduce((longest, { from, to, size }, index) => {
    const part = size === 0 ? 1 : Math.min(1, size / (to - from || 1));
    return Math.max(longest, (multiplications(calls[index]!) * part) / SLOWEST);
  }, 0);
}

/**
 * Shares of a call for so many threads, of an even number of rows: four for each, so that one that is held up takes fewer; two
 * where each share begins with work of its own in a scratch.
 */
export function cut({ kernel, order, operands, own }: NamedCall, threads: number): Call {
  const ranged = order.at(-2) === "from" && order.at(-1) === "to";
  const { from = 0, to = 0 } = operands;
  const names = ranged ? order.slice(0, -2) : order;
  return {
    kernel,
    operands: names.map((name) => operands[name]!),
    own: own && { operand: names.indexOf(own.operand), bytes: own.bytes },
    from,
    to,
    size: ranged ? 2 * Math.ceil((to - from) / ((own ? 4 : 8) * threads)) : 0,
  };
}
