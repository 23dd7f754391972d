/** Some columns of a value. */
import { InputError } from "../errors.js";
import type { Value } from "../graph/graph.js";
import { shift } from "../graph/span.js";
import { countOf, inherited, nameOf, requireNumbers } from "./values.js";

/** Columns [from, to) at every step. InputError unless 0 <= from < to <= x.width. */
export function slice(x: Value, from: number, to: number): Value {
  requireNumbers("slice", [x]);
  if (!(Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from < to && to <= x.width)) {
    throw new InputError({
      where: nameOf("slice", x),
      expected: `columns from 0 up to at most ${x.width}`,
      got: `[${from}, ${to})`,
    });
  }
  const { graph, steps, batch, stride } = x;
  const width = to - from;
  const output = graph.value({ steps, batch, width, ...inherited([x]), overwritable: true });
  const rows = steps * batch;
  return graph.apply({
    inputs: [x],
    output,
    forward(emit) {
      emit("zero", { to: output.place, count: countOf(output) });
      emit("copyColumns", {
        x: shift(x.place, from),
        y: output.place,
        width,
        xStride: stride,
        yStride: output.stride,
        rows,
      });
    },
    backward({ emit, dOutput, accumulate }) {
      const dx = accumulate(x);
      if (!dx) return;
      emit("addColumns", {
        x: dOutput,
        y: shift(dx, from),
        width,
        xStride: output.stride,
        yStride: stride,
        rows,
      });
    },
  });
}
