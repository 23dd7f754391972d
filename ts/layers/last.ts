/** From a sequence to its end. */
import { last as lastOf } from "../ops/last.js";
import { type Layer, layer, requireFeatures } from "./layer.js";

/** [steps][batch][width] to [1][batch][width]: each row at its last step, for one answer to a whole sequence. */
export function last(): Layer {
  return layer({ layer: "last" }, (x) => {
    requireFeatures(x);
    return lastOf(x);
  });
}
