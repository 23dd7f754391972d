/** How kernel calls are cut into shares for threads, and whether that pays. */
import type { Call } from "./threads.js";

/** A kernel call by the names of its operands. `own`: the operand that is an address of which every thread has its own. */
export interface NamedCall {
  readonly kernel: string;
  readonly order: readonly string[];
  readonly operands: Readonly<Record<string, number>>;
  readonly own?: { readonly operand: string; readonly bytes: number } | undefined;
  /** How many multiplications it makes, where its operands do not tell. */
  readonly work?: number | undefined;
}

/** Multiplications under which a program is done on one thread: about a third of a millisecond. */
const WORTH = 8e6;

/** Multiplications a second of the slowest host: a tenth of a slow phone's. */
const SLOWEST = 5e8;

/** Whether a program is large enough to be shared out. */
export function worthSharing(calls: readonly NamedCall[]): boolean {
  return calls.reduce((sum, call) => sum + multiplications(call), 0) >= WORTH;
}

/** Multiplications after which whoever waits for a program may think again: about a hundredth of a second on two threads. */
const PIECE = 5e8;

/** A list of calls cut into pieces that take a moment each. */
export function pieces(calls: readonly NamedCall[]): NamedCall[][] {
  const all: NamedCall[][] = [];
  let work = PIECE;
  for (const call of calls) {
    if (work >= PIECE) {
      all.push([]);
      work = 0;
    }
    all.at(-1)!.push(call);
    work += multiplications(call);
  }
  return all;
}

/** Seconds in which the slowest of hosts finishes any one share of a program. */
export function longestShare(calls: readonly NamedCall[], shares: readonly Call[]): number {
  return shares.reduce((longest, { from, to, size }, index) => {
    const part = size === 0 ? 1 : Math.min(1, size / (to - from || 1));
    return Math.max(longest, (multiplications(calls[index]!) * part) / SLOWEST);
  }, 0);
}

/** Shares of a call for so many threads: two for each, so that one that is held up takes fewer, of an even number of rows. */
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
    size: ranged ? 2 * Math.ceil((to - from) / (4 * threads)) : 0,
  };
}

/** About how many multiplications a call makes: what its ranges and widths span. */
export function multiplications({ operands, work }: Pick<NamedCall, "operands" | "work">): number {
  if (work !== undefined) return work;
  const {
    from = 0,
    to = 1,
    inputs = 1,
    panels,
    rows = 1,
    steps = 1,
    sources = 1,
    units,
    tags,
    dyStride,
  } = operands;
  const range = (to - from) * rows * steps * sources;
  if (units !== undefined)
    return range * units * ("weight" in operands || "transposed" in operands ? 4 * units : 4);
  if (tags !== undefined) return range * tags * tags * 8; // pairs of them, of which the exponential is taken
  if (panels !== undefined) return range * inputs * panels * 16;
  return range * inputs * (dyStride === undefined ? 1 : 16);
}
