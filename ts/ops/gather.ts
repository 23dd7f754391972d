/** Rows of a table, chosen by index. */
import type { Value } from "../graph/graph.js";
import type { Parameter } from "../graph/parameter.js";

/** ids: tokens [steps][batch]; table [entries, width]; gives [steps][batch][width]. */
export function gather(ids: Value, table: Parameter): Value {
  const { graph, steps, batch, lengths } = ids;
  const output = graph.value({ steps, batch, lengths, width: table.layout.columns });
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
      emit("embeddingBackward", {
        ids: ids.place,
        dy: dOutput,
        dTable: table.gradient,
        stride,
        rows,
        from: 0,
        to: stride / 4,
      });
    },
  });
}
