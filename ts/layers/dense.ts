/** A fully connected layer. */

import { glorotUniform, zeros } from "../graph/initialisers.js";
import { matrixParameter, vectorParameter } from "../graph/parameter.js";
import { linear } from "../ops/linear.js";
import { type Layer, layer, requireFeatures, requireOptions, requireWidth } from "./layer.js";

export interface DenseOptions {
  /** Whether a bias is added; default true. */
  readonly bias?: boolean;
}

/** y = x W + b at every step: [steps][batch][inputs] to [steps][batch][units]. */
export function dense(units: number, options: DenseOptions = {}): Layer {
  requireWidth("dense.units", units);
  requireOptions("dense", options, ["bias"]);
  const { bias = true } = options;
  return layer({ layer: "dense", units, bias: bias ? undefined : false }, (x) => {
    requireFeatures(x);
    const weight = x.graph.parameter("weight", matrixParameter(x.width, 1, units, glorotUniform()));
    return linear(x, weight, bias ? x.graph.parameter("bias", vectorParameter(1, units, zeros)) : undefined);
  });
}
