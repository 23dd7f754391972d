/** Values side by side. */
import type { Value } from "../graph/graph.js";
import { shift } from "../graph/span.js";
import { countOf, inherited, requireAlike } from "./values.js";

/** The columns of a, then those of b, ...: all [steps][batch]. InputError unless they have the same steps and rows. */
export function concat(...values: readonly Value[]): Value {
  requireAlike("concat", values, ["steps", "batch"]);
  const { graph, steps, batch } = values[0]!;
  const width = values.reduce((sum, value) => sum + value.width, 0);
  const output = graph.value({ steps, batch, width, ...inherited(values), overwritable: true });
  const rows = steps * batch;
  let start = 0;
  const parts = values.map((value) => {
    const column = start;
    start += value.width;
    return { value, column };
  });
  return graph.apply({
    inputs: values,
    output,
    forward(emit) {
      emit("zero", { to: output.place, count: countOf(output) });
      for (const { value, column } of parts) {
        emit("copyColumns", {
          x: value.place,
          y: shift(output.place, column),
          width: value.width,
          xStride: value.stride,
          yStride: output.stride,
          rows,
        });
      }
    },
    backward({ emit, dOutput, accumulate }) {
      for (const { value, column } of parts) {
        const target = accumulate(value);
        if (!target) continue;
        emit("addColumns", {
          x: shift(dOutput, column),
          y: target,
          width: value.width,
          xStride: output.stride,
          yStride: value.stride,
          rows,
        });
      }
    },
  });
}
