/** The logistic function with its cross-entropy, every column a label of its own, as one operation. */
import type { Value } from "../graph/graph.js";
import { lossRows, type RecordedLoss } from "./loss.js";

/** How much each label counts in the loss of a row, where it is and where it is not. */
export interface LabelWeights {
  readonly positive: ArrayLike<number>;
  readonly negative: ArrayLike<number>;
}

/** logits, targets [steps][batch][labels], targets from 0 to 1. The loss of a row is the sum over its labels. */
export function binaryCrossEntropyOf(logits: Value, targets: Value, weights: LabelWeights): RecordedLoss {
  const { graph, steps, batch, stride } = logits;
  const rows = lossRows(steps * batch);
  const operands = {
    logits: logits.place,
    targets: targets.place,
    positive: graph.constant("positive weights", weights.positive),
    negative: graph.constant("negative weights", weights.negative),
    stride,
    from: 0,
    to: rows.count,
  } as const;
  const value = graph.apply({
    inputs: [logits, targets],
    output: graph.value(logits, logits.place),
    forward(emit) {
      emit("binaryForward", { losses: rows.losses, ...operands });
    },
    backward({ emit, gradient }) {
      const dLogits = gradient(logits);
      if (dLogits) emit("binaryBackward", { dLogits, weights: rows.weights, ...operands });
    },
  });
  return { value, ...rows };
}
