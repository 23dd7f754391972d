/** Optimisers that divide a gradient by the root of what its squares have been: their running mean, or their sum. */
import { kernels } from "../engine/optimisers.gen.js";
import {
  NOWHERE,
  type Optimiser,
  type Rate,
  requireEpsilon,
  requireNumber,
  requireRate,
} from "./optimiser.js";

export interface RmspropOptions {
  /** Decay of the mean of squared gradients; default 0.99. */
  readonly keep?: number;
  /** Default 0. */
  readonly momentum?: number;
  /** Divides by the deviation from the mean gradient instead (Graves 2013); default false. */
  readonly centred?: boolean;
  /** Added to the root; default 1e-8. */
  readonly epsilon?: number;
  /** L2 penalty added to the gradient of matrices; default 0. */
  readonly decay?: number;
}

/** RMSprop (Tieleman & Hinton 2012), as PyTorch defines it. */
export function rmsprop(rate: Rate, options: RmspropOptions = {}): Optimiser {
  const { keep = 0.99, momentum = 0, centred = false, epsilon = 1e-8, decay = 0 } = options;
  requireRate("rmsprop.rate", rate);
  requireNumber("rmsprop.keep", keep, 0, 1);
  requireNumber("rmsprop.momentum", momentum, 0, 1);
  requireEpsilon("rmsprop.epsilon", epsilon);
  requireNumber("rmsprop.decay", decay, 0, Infinity);
  const slots = ["square", ...(momentum > 0 ? ["velocity"] : []), ...(centred ? ["mean"] : [])];
  return {
    name: "rmsprop",
    rate,
    kernels,
    slots,
    update({ engine, value, gradient, slots: [square, ...others], count, decays }, _step, rate, scale) {
      engine.call("rmsprop", {
        value,
        gradient,
        square: square!,
        velocity: momentum > 0 ? others[0]! : NOWHERE,
        mean: centred ? others.at(-1)! : NOWHERE,
        count,
        scale,
        rate,
        keep,
        take: 1 - keep,
        momentum,
        epsilon,
        decay: decays ? decay : 0,
      });
    },
  };
}

export interface AdagradOptions {
  /** By how much the rate falls: in step t, from 0, to rate / (1 + t rateDecay); default 0. */
  readonly rateDecay?: number;
  /** What the sums of squares begin with; default 0. */
  readonly initial?: number;
  /** Added to the root; default 1e-10. */
  readonly epsilon?: number;
  /** L2 penalty added to the gradient of matrices; default 0. */
  readonly decay?: number;
}

/** Adagrad (Duchi, Hazan & Singer 2011): a parameter that has moved much moves less. */
export function adagrad(rate: Rate, options: AdagradOptions = {}): Optimiser {
  const { rateDecay = 0, initial = 0, epsilon = 1e-10, decay = 0 } = options;
  requireRate("adagrad.rate", rate);
  requireNumber("adagrad.rateDecay", rateDecay, 0, Infinity);
  requireNumber("adagrad.initial", initial, 0, Infinity);
  requireEpsilon("adagrad.epsilon", epsilon);
  requireNumber("adagrad.decay", decay, 0, Infinity);
  return {
    name: "adagrad",
    rate,
    kernels,
    slots: ["square"],
    initial,
    update({ engine, value, gradient, slots, count, decays }, step, rate, scale) {
      engine.call("rmsprop", {
        value,
        gradient,
        square: slots[0]!,
        velocity: NOWHERE,
        mean: NOWHERE,
        count,
        scale,
        rate: rate / (1 + step * rateDecay),
        keep: 1,
        take: 1,
        momentum: 0,
        epsilon,
        decay: decays ? decay : 0,
      });
    },
  };
}
