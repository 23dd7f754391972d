/** Softmax with the cross-entropy of a class index or of a distribution, each as one operation. */
import type { Graph, Value } from "../graph/graph.js";
import { type RecordedLoss, recordLoss } from "./loss.js";

export interface CrossEntropySetting {
  readonly classWeights?: ArrayLike<number> | undefined;
  /** The part of the target that is spread over all classes. */
  readonly smoothing: number;
}

/** How much of the target each class keeps, and what every class is given whatever the target. */
function sharesOf(graph: Graph, width: number, { smoothing, classWeights }: CrossEntropySetting) {
  const weights = Float32Array.from(classWeights ?? new Float32Array(width).fill(1));
  const base = weights.map((weight) => (weight * smoothing) / width);
  return {
    shares: graph.constant(
      "shares",
      weights.map((weight) => weight * (1 - smoothing)),
    ),
    base: graph.constant("base", base),
    baseTotal: base.reduce((sum, part) => sum + part, 0),
  };
}

/** logits [steps][batch][classes]; targets: tokens [steps][batch], each below classes. */
export function crossEntropyOf(logits: Value, targets: Value, setting: CrossEntropySetting): RecordedLoss {
  const { graph, width } = logits;
  const { smoothing, classWeights } = setting;
  const plain = { shares: 0, base: 0, baseTotal: 0 } as const;
  const { shares, base, baseTotal } = smoothing || classWeights ? sharesOf(graph, width, setting) : plain;
  const operands = { targets: targets.place, shares, base: smoothing ? base : 0, baseTotal } as const;
  return recordLoss(logits, [targets], {
    forward({ emit, result: probabilities, losses, range }) {
      emit("crossEntropyForward", {
        logits: logits.place,
        probabilities,
        losses,
        width,
        ...operands,
        ...range,
      });
    },
    backward({ emit, result, weights, range }) {
      emit("crossEntropyBackward", {
        probabilities: result,
        dLogits: result,
        weights,
        ...operands,
        ...range,
      });
    },
  });
}

/**
 * logits [steps][batch][classes]; targets: rows as wide, each a distribution. `relative`: to the entropy of the targets, so
 * that the loss is the divergence of Kullback and Leibler.
 */
export function distributionOf(
  logits: Value,
  targets: Value,
  { relative, ...setting }: CrossEntropySetting & { readonly relative: boolean },
): RecordedLoss {
  const { graph, width } = logits;
  const { shares, base } = sharesOf(graph, width, setting);
  const operands = { targets: targets.place, shares, base };
  return recordLoss(logits, [targets], {
    forward({ emit, result: probabilities, losses, range }) {
      emit("distributionForward", {
        logits: logits.place,
        probabilities,
        losses,
        relative: relative ? 1 : 0,
        width,
        ...operands,
        ...range,
      });
    },
    backward({ emit, result, weights, range }) {
      emit("distributionBackward", {
        probabilities: result,
        dLogits: result,
        weights,
        ...operands,
        ...range,
      });
    },
  });
}
