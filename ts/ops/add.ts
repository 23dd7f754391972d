/** The sum of values, number by number. */
import type { Value } from "../graph/graph.js";
import { countOf, inherited, requireAlike } from "./values.js";

/** a + b + ..., all [steps][batch][width]. InputError unless their shapes are the same. */
export function add(...values: readonly Value[]): Value {
  requireAlike("add", values, ["steps", "batch", "width"]);
  const [first, ...others] = values as [Value, ...Value[]];
  if (others.length === 0) return first;
  const { graph, steps, batch, width } = first;
  const count = countOf(first);
  const output = graph.value({ steps, batch, width, ...inherited(values), overwritable: true });
  return graph.apply({
    inputs: values,
    output,
    forward(emit) {
      for (const [index, { place }] of others.entries()) {
        emit("add", { a: index === 0 ? first.place : output.place, b: place, y: output.place, count });
      }
    },
    backward({ emit, dOutput, gradient }) {
      for (const input of others) {
        const target = gradient(input);
        if (target) emit("copy", { from: dOutput, to: target, count });
      }
      gradient(first, dOutput);
    },
  });
}
