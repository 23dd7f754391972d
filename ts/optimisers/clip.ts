/** Bounds for gradients, so that one steep place does not throw the parameters far away. */
import type { Address } from "../engine/address.js";
import type { Engine } from "../engine/engine.js";
import { InputError } from "../errors.js";
import { exp, log } from "../numeric.js";
import { requireNumber } from "./optimiser.js";

/** The gradients of a step. */
export interface Gradients {
  readonly engine: Engine;
  readonly address: Address;
  /** Length in floats. */
  readonly count: number;
  /** Their Euclidean norm. */
  readonly norm: number;
  /** Those of each parameter. */
  readonly parameters: readonly { readonly address: Address; readonly count: number }[];
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
  return ({ engine, address, count, norm }) =>
    factor(order === 2 ? norm : normOf(engine.view(address, count), order), most);
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
  return ({ engine, address: x, count }) => {
    engine.call("bound", { x, count, most });
    return 1;
  };
}

/** As PyTorch rounds it. */
function factor(norm: number, most: number): number {
  return norm > most ? most / (norm + 1e-6) : 1;
}

function normOf(values: Float32Array, order: number): number {
  const greatest = values.reduce((greatest, value) => Math.max(greatest, Math.abs(value)), 0);
  if (order === Infinity || greatest === 0) return greatest;
  const sum = values.reduce(
    (sum, value) => (value === 0 ? sum : sum + exp(order * log(Math.abs(value) / greatest))),
    0,
  );
  return greatest * exp(log(sum) / order);
}

function requireBound(where: string, most: number): void {
  if (!(most > 0)) throw new InputError({ where, expected: "a number above 0", got: String(most) });
}
