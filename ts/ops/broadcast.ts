/** A learned row, wherever it is wanted. */
import type { Value } from "../graph/graph.js";
import type { Parameter } from "../graph/parameter.js";
import { countOf } from "./values.js";

/** vector [width] for every step and row of `like`: [steps][batch][width]. */
export function broadcast(vector: Parameter, like: Value): Value {
  const { graph, steps, batch, lengths } = like;
  const width = vector.layout.columns;
  const output = graph.value({ steps, batch, lengths, width, overwritable: true });
  const rows = steps * batch;
  return graph.apply({
    inputs: [],
    output,
    forward(emit) {
      emit("zero", { to: output.place, count: countOf(output) });
      emit("copyColumns", {
        x: vector.value,
        y: output.place,
        width,
        xStride: 0,
        yStride: output.stride,
        rows,
      });
    },
    backward({ emit, dOutput }) {
      emit("addColumns", {
        x: dOutput,
        y: vector.gradient,
        width,
        xStride: output.stride,
        yStride: 0,
        rows,
      });
    },
  });
}
