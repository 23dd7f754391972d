/** The last step of each row. */
import type { Value } from "../graph/graph.js";

/** x [steps][batch][width]; gives [1][batch][width]: each row at its last step that counts. */
export function last(x: Value): Value {
  const { graph, steps, batch, lengths, width, stride } = x;
  const output = graph.value({ steps: 1, batch, width, overwritable: true });
  const range = { lengths: lengths ?? 0, steps, batch, stride, from: 0, to: batch } as const;
  return graph.apply({
    inputs: [x],
    output,
    forward(emit) {
      emit("lastForward", { x: x.place, y: output.place, ...range });
    },
    backward({ emit, dOutput, gradient }) {
      const dx = gradient(x);
      if (!dx) return;
      emit("zero", { to: dx, count: steps * batch * stride });
      emit("lastBackward", { dy: dOutput, dx, ...range });
    },
  });
}
