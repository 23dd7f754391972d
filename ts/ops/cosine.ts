/** The cosine between rows as a loss. */
import { kernels as lossKernels } from "../engine/losses.gen.js";
import type { Value } from "../graph/graph.js";
import { type RecordedLoss, recordLoss } from "./loss.js";

/** a, b [steps][batch][width]; labels: tokens [steps][batch], 1 for rows that shall be alike and 0 for others; default all 1. */
export function cosineOf(a: Value, b: Value, labels?: Value, margin = 0): RecordedLoss {
  a.graph.use(lossKernels);
  const operands = { a: a.place, b: b.place, labels: labels?.place ?? 0, margin } as const;
  return recordLoss(a, labels ? [b, labels] : [b], {
    forward({ emit, losses, range }) {
      emit("cosineForward", { losses, ...operands, ...range });
    },
    backward({ emit, result: da, weights, range }, gradient) {
      emit("cosineBackward", { da, db: gradient(b) ?? 0, weights, ...operands, ...range });
    },
  });
}
