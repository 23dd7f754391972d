/** Adam by the greatest gradient instead of the mean of squares. */
import { kernels } from "../engine/optimisers.gen.js";
import { power } from "../numeric.js";
import type { AdamOptions } from "./adam.js";
import { type Optimiser, type Rate, requireEpsilon, requireNumber, requireRate } from "./optimiser.js";

/** Adamax (Kingma & Ba 2015, section 7.1): the rate bounds how far a parameter moves in a step. */
export function adamax(rate: Rate, options: AdamOptions = {}): Optimiser {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, decay = 0 } = options;
  requireRate("adamax.rate", rate);
  requireNumber("adamax.beta1", beta1, 0, 1);
  requireNumber("adamax.beta2", beta2, 0, 1);
  requireEpsilon("adamax.epsilon", epsilon);
  requireNumber("adamax.decay", decay, 0, Infinity);
  return {
    name: "adamax",
    rate,
    kernels,
    slots: ["first", "greatest"],
    update({ engine, value, gradient, slots, count, decays }, step, rate, scale) {
      engine.call("adamax", {
        value,
        gradient,
        first: slots[0]!,
        greatest: slots[1]!,
        count,
        scale,
        rate: rate / (1 - power(beta1, step + 1)),
        beta1,
        beta2,
        epsilon,
        decay: decays ? decay : 0,
      });
    },
  };
}
