/** Layer normalisation as a layer. */
import { InputError } from "../errors.js";
import { ones, zeros } from "../graph/initialisers.js";
import { type Initialiser, vectorParameter } from "../graph/parameter.js";
import { layerNorm as normalise } from "../ops/layer-norm.js";
import { type Layer, layer, requireFeatures, requireOptions } from "./layer.js";

export interface LayerNormOptions {
  /** Added to the variance; default 1e-5. */
  readonly epsilon?: number;
  /** Whether there are a learned gain and shift; default true. */
  readonly affine?: boolean;
}

/**
 * Brings the numbers of every row to mean 0 and variance 1, times a learned gain, plus a learned shift, at every step:
 * [steps][batch][width] to the same. Ba, Kiros & Hinton 2016.
 */
export function layerNorm(options: LayerNormOptions = {}): Layer {
  requireOptions("layerNorm", options, ["epsilon", "affine"]);
  const { epsilon = 1e-5, affine = true } = options;
  if (!(Math.fround(epsilon) > 0 && epsilon < Infinity)) {
    throw new InputError({ where: "layerNorm.epsilon", expected: "a number above 0", got: String(epsilon) });
  }
  return layer({ layer: "layerNorm", ...options }, (x) => {
    requireFeatures(x);
    const vector = (name: string, initialise: Initialiser) =>
      affine ? x.graph.parameter(name, vectorParameter(1, x.width, initialise)) : undefined;
    return normalise(x, vector("gain", ones), vector("shift", zeros), epsilon);
  });
}
