/** Random zeros while training. */
import type { Value } from "../graph/graph.js";
import type { Place } from "../graph/span.js";

/**
 * x with each element zero with probability `rate`, the others scaled by 1 / (1 - rate): a fresh mask in each run, the same
 * for all steps of a row if it is `perSequence`.
 */
export function dropout(x: Value, rate: number, perSequence: boolean): Value {
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
    repeat: perSequence ? batch : 0,
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
