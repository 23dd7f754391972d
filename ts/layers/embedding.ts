/** A vector for each symbol. */
import { InputError } from "../errors.js";
import { rowLayout } from "../graph/parameter.js";
import { gather } from "../ops/gather.js";
import { normal } from "./initialisers.js";
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
    const weight = ids.graph.parameter("weight", {
      layout: rowLayout(ids.width, units),
      shape: [ids.width, units],
      initialise: normal(1),
      decays: true,
    });
    return gather(ids, weight);
  });
}
