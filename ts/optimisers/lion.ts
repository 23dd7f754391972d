/** Steps of one length: only the sign of the momentum counts. */
import { kernels } from "../engine/optimisers.gen.js";
import { type Optimiser, type Rate, requireNumber, requireRate } from "./optimiser.js";

export interface LionOptions {
  /** How much of the momentum the sign is taken of, the rest being the gradient; default 0.9. */
  readonly beta1?: number;
  /** Decay of the momentum; default 0.99. */
  readonly beta2?: number;
  /** Decoupled weight decay of matrices; default 0. */
  readonly decay?: number;
}

/** Lion (Chen et al. 2023): a third to a tenth of Adam's rate, and as much more decay. */
export function lion(rate: Rate, options: LionOptions = {}): Optimiser {
  const { beta1 = 0.9, beta2 = 0.99, decay = 0 } = options;
  requireRate("lion.rate", rate);
  requireNumber("lion.beta1", beta1, 0, 1);
  requireNumber("lion.beta2", beta2, 0, 1);
  requireNumber("lion.decay", decay, 0, Infinity);
  return {
    name: "lion",
    rate,
    kernels,
    slots: ["momentum"],
    update({ engine, value, gradient, slots, count, decays }, _step, rate, scale) {
      engine.call("lion", {
        value,
        gradient,
        momentum: slots[0]!,
        count,
        scale,
        rate,
        beta1,
        beta2,
        shrink: decays ? 1 - rate * decay : 1,
      });
    },
  };
}
