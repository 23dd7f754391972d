/** The product of values, number by number. */
import type { Value } from "../graph/graph.js";
import { countOf, inherited, requireAlike } from "./values.js";

/** a b ..., all [steps][batch][width]. InputError unless their shapes are the same. */
export function multiply(...values: readonly Value[]): Value {
  requireAlike("multiply", values, ["steps", "batch", "width"]);
  return values.reduce(product);
}

function product(a: Value, b: Value): Value {
  const { graph, steps, batch, width } = a;
  const count = countOf(a);
  const output = graph.value({ steps, batch, width, ...inherited([a, b]), overwritable: true });
  return graph.apply({
    inputs: [a, b],
    output,
    forward(emit) {
      emit("multiply", { a: a.place, b: b.place, y: output.place, count });
    },
    backward({ emit, dOutput, gradient }) {
      const db = gradient(b);
      if (db) emit("multiply", { a: dOutput, b: a.place, y: db, count });
      const da = gradient(a, dOutput);
      if (da) emit("multiply", { a: dOutput, b: b.place, y: da, count });
    },
  });
}
