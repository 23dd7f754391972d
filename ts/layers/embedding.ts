/** A vector for each symbol. */
import { InputError } from "../errors.js";
import { normal } from "../graph/initialisers.js";
import { rowsParameter } from "../graph/parameter.js";
import { gather } from "../ops/gather.js";
import { type Layer, layer, requireWidth } from "./layer.js";

/** tokens [steps][batch] to [steps][batch][units]: the row of a learned table, which begins standard normal. */
export function embedding(units: number): Layer {
  requireWidth("embedding.units", units);
  return layer({ layer: "embedding", units }, (ids) => {
    if (ids.kind !== "tokens") {
      throw new InputError({
        where: ids.graph.path,
        expected: "tokens",
        got: `rows of ${ids.width} numbers`,
        hint: "an embedding comes right after tokens(size)",
      });
    }
    const weight = ids.graph.parameter("weight", rowsParameter(ids.width, units, normal(1)));
    return gather(ids, weight);
  });
}
