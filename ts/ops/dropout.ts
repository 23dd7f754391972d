/** Random zeros while training. */
import type { Value } from "../graph/graph.js";
import type { Place } from "../graph/span.js";

/** x with each element zero with probability `rate`, the others scaled by 1 / (1 - rate): a fresh mask each step. */
export function dropout(x: Value, rate: number): Value {
  const { graph, steps, batch, lengths, width, stride } = x;
  const output = graph.value({ steps, batch, lengths, width, overwritable: true });
  const stream = graph.nextUse();
  const operands = (from: Place, to: Place) => ({
    x: from,
    y: to,
    clock: graph.clock,
    stream,
    rate,
    stride,
    from: 0,
    to: steps * batch,
  });
  return graph.apply({
    inputs: [x],
    output,
    forward(emit) {
      emit("dropout", operands(x.place, output.place));
    },
    backward({ emit, dOutput, gradient }) {
      const dx = gradient(x, dOutput);
      if (dx) emit("dropout", operands(dOutput, dx));
    },
  });
}
