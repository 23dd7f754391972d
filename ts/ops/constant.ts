/** Numbers that are the same at every step. */
import type { Value } from "../graph/graph.js";
import { place } from "../graph/span.js";
import { countOf } from "./values.js";

/** `values` for every step and row of `like`: [steps][batch][values]. Not learned. */
export function constant(values: readonly number[], like: Value): Value {
  const { graph, steps, batch, lengths } = like;
  const width = values.length;
  const output = graph.value({ steps, batch, lengths, width, differentiable: false, overwritable: true });
  const { stride } = output;
  const row = place(
    graph.constant(
      "constant",
      Float32Array.from({ length: stride }, (_, i) => values[i] ?? 0),
    ),
  );
  return graph.apply({
    inputs: [],
    output,
    forward(emit) {
      emit("zero", { to: output.place, count: countOf(output) });
      const rows = { width, xStride: 0, yStride: stride, rows: steps * batch };
      emit("copyColumns", { x: row, y: output.place, ...rows });
    },
    backward() {},
  });
}
