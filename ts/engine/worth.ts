/** How much work kernel calls are, and whether sharing it out pays. */

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

/** Whether a program is large enough to be shared out. */
export function worthSharing(calls: readonly NamedCall[]): boolean {
  return calls.reduce((sum, call) => sum + multiplications(call), 0) >= WORTH;
}

/** About how many multiplications a call makes: what its ranges and widths span. */
export function multiplications({ operands, work }: Pick<NamedCall, "operands" | "work">): number {
  if (work !== undefined) return work;
  if (operands.count !== undefined) return operands.count; // numbers in a row, whose `from` and `to` would be addresses
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
  if (units !== undefined) return range * units * 4;
  if (tags !== undefined) return range * tags * tags * 8; // pairs of them, of which the exponential is taken
  if (panels !== undefined) return range * inputs * panels * 16;
  return range * inputs * (dyStride === undefined ? 1 : 16);
}
