/** All steps of a sequence side by side. */
import { InputError } from "../errors.js";
import { frames } from "../ops/frames.js";
import { type Layer, layer, requireFeatures, requireWidth } from "./layer.js";

/**
 * [steps][batch][width] to [1][batch][steps width]: step after step in one row, for sequences of just so many steps and no
 * lengths of their own. A model with such a layer cannot be streamed.
 */
export function flatten(steps: number): Layer {
  requireWidth("flatten.steps", steps);
  return layer({ layer: "flatten", steps }, (x) => {
    requireFeatures(x);
    if (x.steps !== steps && !x.graph.defining) {
      throw new InputError({
        where: x.graph.path,
        expected: `sequences of ${steps} steps`,
        got: String(x.steps),
      });
    }
    return frames(x, { size: steps, dilation: 1, stride: 1, padding: "valid" });
  });
}
