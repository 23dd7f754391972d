/** Softmax with the cross-entropy of a class index or of a distribution, each as one operation. */
import type { Value } from "../graph/graph.js";
import { lossRows, type RecordedLoss, sharesOf, softmaxValue } from "./loss.js";

export interface CrossEntropySetting {
  readonly classWeights?: ArrayLike<number> | undefined;
  /** The part of the target that is spread over all classes. */
  readonly smoothing: number;
}

/** logits [steps][batch][classes]; targets: tokens [steps][batch], each below classes. */
export function crossEntropyOf(
  logits: Value,
  targets: Value,
  { classWeights, smoothing }: CrossEntropySetting,
): RecordedLoss {
  const { graph, steps, batch, width, stride } = logits;
  const rows = lossRows(steps * batch);
  const probabilities = softmaxValue(logits);
  const plain = smoothing === 0 && !classWeights;
  const { shares, base, baseTotal } = plain
    ? ({ shares: 0, base: 0, baseTotal: 0 } as const)
    : sharesOf(graph, width, smoothing, classWeights);
  const operands = {
    targets: targets.place,
    probabilities: probabilities.place,
    shares,
    base: smoothing === 0 ? 0 : base,
    baseTotal,
    stride,
    from: 0,
    to: rows.count,
  } as const;
  const value = graph.apply({
    inputs: [logits, targets],
    output: probabilities,
    forward(emit) {
      emit("crossEntropyForward", { logits: logits.place, losses: rows.losses, width, ...operands });
    },
    backward({ emit, gradient }) {
      const dLogits = gradient(logits, probabilities.place);
      if (dLogits) emit("crossEntropyBackward", { dLogits, weights: rows.weights, ...operands });
    },
  });
  return { value, ...rows };
}

/**
 * logits [steps][batch][classes]; targets: rows as wide, each a distribution. `relative`: to the entropy of the targets, so
 * that the loss is the divergence of Kullback and Leibler.
 */
export function distributionOf(
  logits: Value,
  targets: Value,
  { classWeights, smoothing, relative }: CrossEntropySetting & { readonly relative: boolean },
): RecordedLoss {
  const { graph, steps, batch, width, stride } = logits;
  const rows = lossRows(steps * batch);
  const probabilities = softmaxValue(logits);
  const { shares, base } = sharesOf(graph, width, smoothing, classWeights);
  const operands = {
    targets: targets.place,
    probabilities: probabilities.place,
    shares,
    base,
    stride,
    from: 0,
    to: rows.count,
  } as const;
  const value = graph.apply({
    inputs: [logits, targets],
    output: probabilities,
    forward(emit) {
      emit("distributionForward", {
        logits: logits.place,
        losses: rows.losses,
        relative: relative ? 1 : 0,
        width,
        ...operands,
      });
    },
    backward({ emit, gradient }) {
      const dLogits = gradient(logits, probabilities.place);
      if (dLogits) emit("distributionBackward", { dLogits, weights: rows.weights, ...operands });
    },
  });
  return { value, ...rows };
}
