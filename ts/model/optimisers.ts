/** How parameters follow their gradients: one pass over all of them at once. */
import type { Address } from "../engine/address.js";
import type { Engine } from "../engine/engine.js";
import { InputError } from "../errors.js";
import { power } from "../numeric.js";

/** A learning rate, or a function that gives it for each step, counted from 0. */
export type Rate = number | ((step: number) => number);

/** A range of parameters for an optimiser to update. */
export interface Range {
  readonly engine: Engine;
  readonly value: Address;
  readonly gradient: Address;
  /** The optimiser's own numbers, zero before the first step: one range as long as the parameters for each slot. */
  readonly slots: readonly Address[];
  /** Length in floats. */
  readonly count: number;
  /** Whether weight decay applies to this range. */
  readonly decays: boolean;
}

export interface Optimiser {
  readonly name: string;
  readonly rate: Rate;
  /** How many numbers it keeps for each parameter. */
  readonly slots: number;
  /** Updates a range for step `step`, counted from 0; gradients count `scale` times (clipping). */
  update(range: Range, step: number, rate: number, scale: number): void;
}

function requireNumber(where: string, value: number, low: number, below: number): void {
  if (!(value >= low && value < below)) {
    throw new InputError({
      where,
      expected: `a number from ${low} up to, not including, ${below}`,
      got: String(value),
    });
  }
}

function requireRate(where: string, rate: Rate): void {
  if (typeof rate !== "function") requireNumber(where, rate, 0, Infinity);
}

export interface SgdOptions {
  /** Default 0. */
  readonly momentum?: number;
  /** Looks ahead by the momentum (Sutskever et al. 2013); default false. */
  readonly nesterov?: boolean;
  /** L2 penalty added to the gradient of matrices; default 0. */
  readonly decay?: number;
}

/** Stochastic gradient descent: v = momentum v + g, p = p - rate v, as PyTorch defines it. */
export function sgd(rate: Rate, { momentum = 0, nesterov = false, decay = 0 }: SgdOptions = {}): Optimiser {
  requireRate("sgd.rate", rate);
  requireNumber("sgd.momentum", momentum, 0, 1);
  requireNumber("sgd.decay", decay, 0, Infinity);
  return {
    name: "sgd",
    rate,
    slots: 1,
    update({ engine, value, gradient, slots, count, decays }, _step, rate, scale) {
      engine.call("sgd", {
        value,
        gradient,
        velocity: slots[0]!,
        count,
        scale,
        rate,
        momentum,
        nesterov: nesterov ? 1 : 0,
        decay: decays ? decay : 0,
      });
    },
  };
}

export interface AdamOptions {
  /** Decay of the mean of gradients; default 0.9. */
  readonly beta1?: number;
  /** Decay of the mean of squared gradients; default 0.999. */
  readonly beta2?: number;
  /** Added to the root of the second moment; default 1e-8. */
  readonly epsilon?: number;
  /** Weight decay of matrices: for `adam` an L2 penalty in the gradient, for `adamw` decoupled; default 0, for `adamw` 0.01. */
  readonly decay?: number;
}

/** Adam (Kingma & Ba 2015). */
export function adam(rate: Rate, options: AdamOptions = {}): Optimiser {
  return adaptive("adam", rate, options, ({ decay = 0 }) => ({ penalty: decay, decoupled: 0 }));
}

/** Adam with decoupled weight decay (Loshchilov & Hutter 2019). */
export function adamw(rate: Rate, options: AdamOptions = {}): Optimiser {
  return adaptive("adamw", rate, options, ({ decay = 0.01 }) => ({ penalty: 0, decoupled: decay }));
}

function adaptive(
  name: string,
  rate: Rate,
  options: AdamOptions,
  decays: (options: AdamOptions) => { penalty: number; decoupled: number },
): Optimiser {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  const { penalty, decoupled } = decays(options);
  requireRate(`${name}.rate`, rate);
  requireNumber(`${name}.beta1`, beta1, 0, 1);
  requireNumber(`${name}.beta2`, beta2, 0, 1);
  requireNumber(`${name}.epsilon`, epsilon, 1e-30, Infinity); // float32 would make 0 of less, and 0 / 0 of padding
  requireNumber(`${name}.decay`, penalty + decoupled, 0, Infinity);
  return {
    name,
    rate,
    slots: 2,
    update({ engine, value, gradient, slots, count, decays }, step, rate, scale) {
      engine.call("adam", {
        value,
        gradient,
        first: slots[0]!,
        second: slots[1]!,
        count,
        scale,
        rate: rate / (1 - power(beta1, step + 1)),
        beta1,
        beta2,
        root: 1 / Math.sqrt(1 - power(beta2, step + 1)),
        epsilon,
        decay: decays ? penalty : 0,
        shrink: decays ? 1 - rate * decoupled : 1,
      });
    },
  };
}
