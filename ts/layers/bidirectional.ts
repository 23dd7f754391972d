/** A recurrent layer and its mirror image over the same sequence. */
import { InputError } from "../errors.js";
import type { Value } from "../graph/graph.js";
import { add } from "../ops/add.js";
import { average } from "../ops/average.js";
import { concat } from "../ops/concat.js";
import { multiply } from "../ops/multiply.js";
import { type Layer, layer, requireOptions } from "./layer.js";
import type { RecurrentLayer, Sequenced } from "./recurrent.js";

const merges = { concat, sum: add, multiply, average };

export interface BidirectionalOptions {
  /** How the two outputs of a step become one: side by side, or number by number; default concat. */
  readonly merge?: keyof typeof merges;
}

/** A bidirectional layer; final states are those of the layer, then those of its mirror image. */
export interface BidirectionalLayer extends Layer {
  /** `initial`: what the states of both begin with, in the same order. */
  sequence(input: Value, initial?: readonly Value[]): Sequenced;
}

/**
 * Reads each row from its first step to its last and, with parameters of its own, from its last to its first (Schuster &
 * Paliwal 1997): [steps][batch][inputs] to [steps][batch][2 units], or [units] for the other merges. A model with such a
 * layer cannot be streamed.
 */
export function bidirectional(
  forward: RecurrentLayer,
  options: BidirectionalOptions = {},
): BidirectionalLayer {
  requireOptions("bidirectional", options, ["merge"]);
  const { merge = "concat" } = options;
  if (typeof forward !== "function" || typeof forward.reversed !== "function") {
    throw new InputError({
      where: "bidirectional",
      expected: "a recurrent layer, such as lstm(64)",
      got: forward?.definition?.layer ?? String(forward),
    });
  }
  if (!Object.hasOwn(merges, merge)) {
    throw new InputError({
      where: "bidirectional.merge",
      expected: Object.keys(merges).join(", "),
      got: String(merge),
    });
  }
  const backward = forward.reversed();
  const definition = { layer: "bidirectional", of: forward.definition, merge };
  const made: BidirectionalLayer = Object.assign(
    layer(definition, (x) => merges[merge](forward(x), backward(x))),
    {
      sequence: (x: Value, initial?: readonly Value[]) =>
        x.graph.scope(made, definition.layer, () => {
          const half = (initial?.length ?? 0) / 2;
          const there = forward.sequence(x, initial?.slice(0, half));
          const back = backward.sequence(x, initial?.slice(half));
          return {
            output: merges[merge](there.output, back.output),
            states: [...there.states, ...back.states],
          };
        }),
    },
  );
  return made;
}
