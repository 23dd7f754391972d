/** Rows of a table, chosen by index. */
import type { Value } from "../graph/graph.js";
import type { Parameter } from "../graph/parameter.js";

/** In the place of an index: that there is none. */
const NONE = 0xffffffff;

/** ids: tokens [steps][batch]; table [entries, width]; gives [steps][batch][width]. Row `padding` gets no gradient. */
export function gather(ids: Value, table: Parameter, padding = NONE): Value {
  const { graph, steps, batch, lengths } = ids;
  const { frozen = false, touched } = table;
  const output = graph.value({
    steps,
    batch,
    lengths,
    width: table.layout.columns,
    differentiable: !frozen,
  });
  const { stride } = output;
  const rows = steps * batch;
  return graph.apply({
    inputs: [ids],
    output,
    forward(emit) {
      emit("embeddingForward", {
        ids: ids.place,
        table: table.value,
        y: output.place,
        stride,
        from: 0,
        to: rows,
      });
    },
    backward({ emit, dOutput }) {
      if (frozen) return;
      emit("embeddingBackward", {
        ids: touched ? touched.record(emit, ids, padding) : ids.place,
        dy: dOutput,
        dTable: table.gradient,
        stride,
        rows,
        skipped: touched ? NONE : padding,
        from: 0,
        to: stride / 4,
      });
    },
  });
}
