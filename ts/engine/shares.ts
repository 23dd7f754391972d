/** How kernel calls are cut into shares for threads. */
import { multiplications, type NamedCall } from "./worth.js";

/** A kernel call as the workers read it. */
export interface Call {
  readonly kernel: string;
  /** In order, without the last two of a call that is cut into shares. */
  readonly operands: readonly number[];
  /** The operand that is an address of which every worker has its own, so many bytes apart. */
  readonly own?: { readonly operand: number; readonly bytes: number } | undefined;
  /** The range that is shared out, `size` at a time; size 0: the call is one share. */
  readonly from: number;
  readonly to: number;
  readonly size: number;
}

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
