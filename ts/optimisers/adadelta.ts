/** Steps in the units of the parameter: as long as the last ones were, over what the gradients were. */
import { kernels } from "../engine/optimisers.gen.js";
import { type Optimiser, type Rate, requireEpsilon, requireNumber, requireRate } from "./optimiser.js";

export interface AdadeltaOptions {
  /** Decay of both means of squares; default 0.9. */
  readonly keep?: number;
  /** Added below both roots; default 1e-6. */
  readonly epsilon?: number;
  /** L2 penalty added to the gradient of matrices; default 0. */
  readonly decay?: number;
}

/** Adadelta (Zeiler 2012). The rate is usually 1. */
export function adadelta(rate: Rate = 1, options: AdadeltaOptions = {}): Optimiser {
  const { keep = 0.9, epsilon = 1e-6, decay = 0 } = options;
  requireRate("adadelta.rate", rate);
  requireNumber("adadelta.keep", keep, 0, 1);
  requireEpsilon("adadelta.epsilon", epsilon);
  requireNumber("adadelta.decay", decay, 0, Infinity);
  return {
    name: "adadelta",
    rate,
    kernels,
    slots: ["square", "update"],
    update({ engine, value, gradient, slots, count, decays }, _step, rate, scale) {
      engine.call("adadelta", {
        value,
        gradient,
        square: slots[0]!,
        update: slots[1]!,
        count,
        scale,
        rate,
        keep,
        epsilon,
        decay: decays ? decay : 0,
      });
    },
  };
}
