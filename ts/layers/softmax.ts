/** The softmax and its logarithm as layers. */
import { logSoftmax as logarithms, softmax as shares } from "../ops/softmax.js";
import { type Layer, layer, requireFeatures } from "./layer.js";

/**
 * exp(x) / sum exp(x) over the numbers of every row, at every step: [steps][batch][width] to the same. Rows come out as
 * probabilities. The loss `crossEntropy` wants logits and takes their softmax itself: no such layer before it.
 */
export function softmax(): Layer {
  return layer({ layer: "softmax" }, (x) => {
    requireFeatures(x);
    return shares(x);
  });
}

/** x - ln sum exp(x): the logarithms of the probabilities, in nats, precise where these round to 0 or 1. */
export function logSoftmax(): Layer {
  return layer({ layer: "logSoftmax" }, (x) => {
    requireFeatures(x);
    return logarithms(x);
  });
}
