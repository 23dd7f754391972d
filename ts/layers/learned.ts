/** A vector that is learned as it is. */
import { zeros } from "../graph/initialisers.js";
import { vectorParameter } from "../graph/parameter.js";
import { broadcast } from "../ops/broadcast.js";
import { type Layer, layer, requireWidth } from "./layer.js";

/**
 * The same learned row at every step and row of the input, whose numbers do not matter: a first state that is learned, or
 * the weights of a peephole. Begins as zeros.
 */
export function learned(width: number): Layer {
  requireWidth("learned.width", width);
  return layer({ layer: "learned", width }, (x) =>
    broadcast(x.graph.parameter("vector", vectorParameter(1, width, zeros)), x),
  );
}
