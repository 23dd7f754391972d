/** Dropout between layers. */
import { dropout as dropoutOf } from "../ops/dropout.js";
import { type Layer, layer, requireFeatures, requireOptions, requireRate } from "./layer.js";

export interface DropoutOptions {
  /** One mask for all steps of a row (Gal & Ghahramani 2016), instead of a fresh one at each; default false. */
  readonly perSequence?: boolean;
}

/** While training, sets each number to zero with probability `rate` and scales the rest by 1 / (1 - rate). Srivastava et al. 2014. */
export function dropout(rate: number, options: DropoutOptions = {}): Layer {
  requireOptions("dropout", options, ["perSequence"]);
  const { perSequence = false } = options;
  requireRate("dropout.rate", rate);
  return layer({ layer: "dropout", rate, perSequence: perSequence || undefined }, (x) => {
    requireFeatures(x);
    return x.graph.training && rate > 0 ? dropoutOf(x, rate, perSequence) : x;
  });
}
