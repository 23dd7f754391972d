/** A fully connected layer. */
import { panelLayout } from "../graph/parameter.js";
import { linear } from "../ops/linear.js";
import { glorotUniform, zeros } from "./initialisers.js";
import { type Layer, layer, requireFeatures, requireWidth } from "./layer.js";

export interface DenseOptions {
  /** Whether a bias is added; default true. */
  readonly bias?: boolean;
}

/** y = x W + b at every step: [steps][batch][inputs] to [steps][batch][units]. */
export function dense(units: number, options: DenseOptions = {}): Layer {
  requireWidth("dense.units", units);
  const { bias = true } = options;
  return layer({ layer: "dense", units, bias: bias ? undefined : false }, (x) => {
    requireFeatures(x);
    const weight = x.graph.parameter("weight", {
      layout: panelLayout(x.width, 1, units),
      shape: [x.width, units],
      initialise: glorotUniform(),
      decays: true,
    });
    if (!bias) return linear(x, weight);
    const layout = panelLayout(1, 1, units);
    return linear(
      x,
      weight,
      x.graph.parameter("bias", { layout, shape: [units], initialise: zeros, decays: false }),
    );
  });
}
