/** The greater and the lesser of values, number by number. */
import { kernels } from "../engine/wiring.gen.js";
import type { Value } from "../graph/graph.js";
import { countOf, inherited, requireAlike } from "./values.js";

/** max(a, b, ...), all [steps][batch][width]; of equal numbers the first has the gradient. InputError unless their shapes are the same. */
export function maximum(...values: readonly Value[]): Value {
  return extreme("maximum", values, 1);
}

/** min(a, b, ...), likewise. */
export function minimum(...values: readonly Value[]): Value {
  return extreme("minimum", values, -1);
}

function extreme(name: string, values: readonly Value[], sign: 1 | -1): Value {
  requireAlike(name, values, ["steps", "batch", "width"]);
  return values.reduce((a, b) => {
    const { graph, steps, batch, width } = a;
    graph.use(kernels);
    const count = countOf(a);
    const output = graph.value({ steps, batch, width, ...inherited([a, b]) });
    return graph.apply({
      inputs: [a, b],
      output,
      forward(emit) {
        emit("extremeForward", { a: a.place, b: b.place, y: output.place, sign, count });
      },
      backward({ emit, dOutput, gradient }) {
        const [da, db] = [gradient(a) ?? 0, gradient(b) ?? 0] as const;
        if (da || db) emit("extremeBackward", { a: a.place, b: b.place, dy: dOutput, da, db, sign, count });
      },
    });
  });
}
