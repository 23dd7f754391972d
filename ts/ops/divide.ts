/** The quotient of two values, number by number. */
import { kernels } from "../engine/wiring.gen.js";
import type { Value } from "../graph/graph.js";
import { inherited, requireAlike } from "./values.js";

/** a / b, both [steps][batch][width]. InputError unless their shapes are the same. */
export function divide(a: Value, b: Value): Value {
  requireAlike("divide", [a, b], ["steps", "batch", "width"]);
  const { graph, steps, batch, width, stride } = a;
  graph.use(kernels);
  const output = graph.value({ steps, batch, width, ...inherited([a, b]) });
  const rows = { width, stride, from: 0, to: steps * batch };
  return graph.apply({
    inputs: [a, b],
    output,
    forward(emit) {
      emit("divideForward", { a: a.place, b: b.place, y: output.place, ...rows });
    },
    backward({ emit, dOutput, gradient }) {
      const db = gradient(b);
      if (db) emit("divideBackward", { dy: dOutput, y: output.place, b: b.place, d: db, ...rows });
      const da = gradient(a, dOutput);
      if (da) emit("divideForward", { a: dOutput, b: b.place, y: da, ...rows });
    },
  });
}
