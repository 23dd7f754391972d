/** The softmax of every row, and its logarithm. */
import { kernels as losses } from "../engine/losses.gen.js";
import type { Value } from "../graph/graph.js";
import { inherited, requireNumbers } from "./values.js";

/** exp(x) / sum exp(x), row by row: x and the result [steps][batch][width]. */
export function softmax(x: Value): Value {
  return overRows("softmax", x, 0);
}

/** x - ln sum exp(x), row by row: x and the result [steps][batch][width]. */
export function logSoftmax(x: Value): Value {
  return overRows("logSoftmax", x, 1);
}

function overRows(op: string, x: Value, logarithm: 0 | 1): Value {
  requireNumbers(op, [x]);
  const { graph, steps, batch, width, stride } = x;
  graph.use(losses);
  const output = graph.value({ steps, batch, width, ...inherited([x]) });
  const rows = { logarithm, width, stride, from: 0, to: steps * batch };
  return graph.apply({
    inputs: [x],
    output,
    forward(emit) {
      emit("softmaxForward", { x: x.place, y: output.place, ...rows });
    },
    backward({ emit, dOutput, gradient }) {
      const dx = gradient(x, dOutput);
      if (dx) emit("softmaxBackward", { y: output.place, dy: dOutput, dx, ...rows });
    },
  });
}
