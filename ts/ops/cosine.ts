/** The cosine between rows as a loss. */
import type { Value } from "../graph/graph.js";
import { lossRows, type RecordedLoss } from "./loss.js";

/** a, b [steps][batch][width]; labels: tokens [steps][batch], 1 for rows that shall be alike and 0 for others; default all 1. */
export function cosineOf(a: Value, b: Value, labels?: Value, margin = 0): RecordedLoss {
  const { graph, steps, batch, stride } = a;
  const rows = lossRows(steps * batch);
  const operands = {
    a: a.place,
    b: b.place,
    labels: labels?.place ?? 0,
    margin,
    stride,
    from: 0,
    to: rows.count,
  } as const;
  const value = graph.apply({
    inputs: labels ? [a, b, labels] : [a, b],
    output: graph.value(a, a.place),
    forward(emit) {
      emit("cosineForward", { losses: rows.losses, ...operands });
    },
    backward({ emit, gradient }) {
      const [da, db = 0] = [gradient(a), gradient(b)];
      if (da) emit("cosineBackward", { da, db, weights: rows.weights, ...operands });
    },
  });
  return { value, ...rows };
}
