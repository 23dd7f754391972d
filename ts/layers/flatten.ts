/** All steps of a sequence side by side. */
import { InputError } from "../errors.js";
import { at } from "../ops/at.js";
import { frames } from "../ops/frames.js";
import { type Layer, layer, requireFeatures, requireWidth } from "./layer.js";

/**
 * [steps][batch][width] to [1][batch][steps width]: step after step in one row, for sequences of just so many steps and no
 * lengths of their own. A model with such a layer can be streamed only where that is one step.
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
    // While a model is defined its sequences may be of another length; what comes out is one step then too.
    const read = x.graph.defining || steps === 1 ? at(x, -1) : x;
    return steps === 1 ? read : frames(read, { size: steps, dilation: 1, stride: 1, padding: "valid" });
  });
}
