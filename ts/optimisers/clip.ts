/** Bounds for gradients, so that one steep place does not throw the parameters far away. */
import type { Address } from "../engine/address.js";
import type { Engine } from "../engine/engine.js";
import { InputError } from "../errors.js";
import { exp, log } from "../numeric.js";
import { requireNumber } from "./optimiser.js";

/** So many floats in memory. */
export interface Floats {
  readonly address: Address;
  readonly count: number;
}

/** The gradients of a step. */
export interface Gradients {
  readonly engine: Engine;
  /** Where those are that are not zero. */
  readonly ranges: readonly Floats[];
  /** The same of each parameter. */
  readonly parameters: readonly Floats[];
  /** Their Euclidean norm. */
  readonly norm: number;
}

/** Bounds the gradients in place, or gives the factor by which they are to count, which costs no pass of its own. */
export type Clip = (gradients: Gradients) => number;

/**
 * Gradients whose norm over all parameters exceeds `most` are scaled down to it (Pascanu, Mikolov & Bengio 2013). `order`: of
 * the norm, from 1 to Infinity; default 2.
 */
export function clipNorm(most: number, { order = 2 }: { readonly order?: number } = {}): Clip {
  requireBound("clipNorm", most);
  if (order !== Infinity) requireNumber("clipNorm.order", order, 1, Infinity);
  return ({ engine, ranges, norm }) => {
    if (order === 2) return factor(norm, most);
    const views = ranges.map(({ address, count }) => engine.view(address, count));
    return factor(normOf(views, order), most);
  };
}

/** The same for the Euclidean norm of each parameter by itself. */
export function clipEach(most: number): Clip {
  requireBound("clipEach", most);
  return ({ engine, parameters }) => {
    for (const { address: x, count } of parameters) {
      const by = factor(Math.sqrt(engine.call("squaredNorm", { x, count })), most);
      if (by < 1) engine.call("scale", { x, count, factor: by });
    }
    return 1;
  };
}

/** No number of a gradient is greater than `most` or less than -`most`. */
export function clipValue(most: number): Clip {
  requireBound("clipValue", most);
  return ({ engine, ranges }) => {
    for (const { address: x, count } of ranges) engine.call("bound", { x, count, most });
    return 1;
  };
}

/** As PyTorch rounds it. */
function factor(norm: number, most: number): number {
  return norm > most ? most / (norm + 1e-6) : 1;
}

function normOf(views: readonly Float32Array[], order: number): number {
  const over = (take: (sofar: number, value: number) => number) =>
    views.reduce((sofar, values) => values.reduce(take, sofar), 0);
  const greatest = over((greatest, value) => Math.max(greatest, Math.abs(value)));
  if (order === Infinity || greatest === 0) return greatest;
  const sum = over((sum, value) => (value === 0 ? sum : sum + exp(order * log(Math.abs(value) / greatest))));
  return greatest * exp(log(sum) / order);
}

function requireBound(where: string, most: number): void {
  if (!(most > 0)) throw new InputError({ where, expected: "a number above 0", got: String(most) });
}
