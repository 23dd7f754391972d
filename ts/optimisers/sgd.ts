/** Stochastic gradient descent, with momentum if wanted. */
import { InputError } from "../errors.js";
import { NOWHERE, type Optimiser, type Rate, requireNumber, requireRate } from "./optimiser.js";

export interface SgdOptions {
  /** Default 0. */
  readonly momentum?: number;
  /** How much of a gradient the momentum leaves out, from 0 to 1; default 0. */
  readonly dampening?: number;
  /** Looks ahead by the momentum (Sutskever et al. 2013); default false. */
  readonly nesterov?: boolean;
  /** L2 penalty added to the gradient of matrices; default 0. */
  readonly decay?: number;
}

/** Stochastic gradient descent: v = momentum v + (1 - dampening) g, p = p - rate v, as PyTorch defines it. */
export function sgd(rate: Rate, options: SgdOptions = {}): Optimiser {
  const { momentum = 0, dampening = 0, nesterov = false, decay = 0 } = options;
  requireRate("sgd.rate", rate);
  requireNumber("sgd.momentum", momentum, 0, 1);
  requireNumber("sgd.dampening", dampening, 0, 1);
  requireNumber("sgd.decay", decay, 0, Infinity);
  if (nesterov && (momentum === 0 || dampening > 0)) {
    throw new InputError({
      where: "sgd.nesterov",
      expected: "a momentum above 0 and no dampening",
      got: `${momentum} and ${dampening}`,
    });
  }
  return {
    name: "sgd",
    rate,
    slots: momentum > 0 ? ["velocity"] : [],
    update({ engine, value, gradient, slots, count, decays }, step, rate, scale) {
      engine.call("sgd", {
        value,
        gradient,
        velocity: slots[0] ?? NOWHERE,
        count,
        scale,
        rate,
        momentum,
        take: step === 0 ? 1 : 1 - dampening,
        nesterov: nesterov ? 1 : 0,
        decay: decays ? decay : 0,
      });
    },
  };
}
