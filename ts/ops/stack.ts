/** Steps one after another. */
import { InputError } from "../errors.js";
import type { Value } from "../graph/graph.js";
import { shift } from "../graph/span.js";
import { countOf, inherited, nameOf, requireAlike } from "./values.js";

/** The sequence of values of one step each: `at` undone. InputError unless they have the same rows and width. */
export function stack(values: readonly Value[]): Value {
  requireAlike("stack", values, ["steps", "batch", "width"]);
  const [first] = values as [Value, ...Value[]];
  const { graph, batch, width } = first;
  if (first.steps !== 1) {
    throw new InputError({
      where: nameOf("stack", first),
      expected: "values of one step",
      got: `${first.steps} steps`,
    });
  }
  const output = graph.value({
    steps: values.length,
    batch,
    width,
    ...inherited(values),
    overwritable: true,
  });
  const count = countOf(first);
  return graph.apply({
    inputs: values,
    output,
    forward(emit) {
      for (const [step, { place }] of values.entries()) {
        emit("copy", { from: place, to: shift(output.place, step * count), count });
      }
    },
    backward({ dOutput, gradient }) {
      for (const [step, value] of values.entries()) gradient(value, shift(dOutput, step * count));
    },
  });
}
