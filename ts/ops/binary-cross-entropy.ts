/** The logistic function with its cross-entropy, every column a label of its own, as one operation. */
import { kernels as lossKernels } from "../engine/losses.gen.js";
import type { Value } from "../graph/graph.js";
import { type RecordedLoss, recordLoss } from "./loss.js";

/** How much each label counts in the loss of a row, where it is and where it is not. */
export interface LabelWeights {
  readonly positive: ArrayLike<number>;
  readonly negative: ArrayLike<number>;
}

/** logits, targets [steps][batch][labels], targets from 0 to 1. The loss of a row is the sum over its labels. */
export function binaryCrossEntropyOf(
  logits: Value,
  targets: Value,
  { positive, negative }: LabelWeights,
): RecordedLoss {
  const { graph, place } = logits;
  graph.use(lossKernels);
  const operands = {
    logits: place,
    targets: targets.place,
    positive: graph.constant("positive weights", positive),
    negative: graph.constant("negative weights", negative),
  };
  return recordLoss(logits, [targets], {
    forward({ emit, losses, range }) {
      emit("binaryForward", { losses, ...operands, ...range });
    },
    backward({ emit, result: dLogits, weights, range }) {
      emit("binaryBackward", { dLogits, weights, ...operands, ...range });
    },
  });
}
