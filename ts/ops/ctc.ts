/** Softmax with connectionist temporal classification, as one operation. */

import { LINE, roundUp } from "../engine/address.js";
import { kernels as lossKernels } from "../engine/losses.gen.js";
import type { Value } from "../graph/graph.js";
import { span } from "../graph/span.js";
import { type LossKernels, type RecordedLoss, recordLoss } from "./loss.js";

export interface CtcSetting {
  /** The class that stands for no label. */
  readonly blank: number;
  /** The loss of labels that the steps do not suffice for. */
  readonly impossible: number;
  /** Whether the loss of a row is divided by the number of its labels. */
  readonly perLabel: boolean;
}

/** logits [steps][batch][classes]; labels: tokens [labels][batch] with lengths. One loss for each row of the batch. */
export function ctcOf(
  logits: Value,
  labels: Value,
  { blank, impossible, perLabel }: CtcSetting,
): RecordedLoss {
  const { steps, batch, lengths, width, stride } = logits;
  logits.graph.use(lossKernels);
  const states = roundUp(2 * labels.steps + 12, LINE);
  // Its logarithms of 0 are finite, but their squares may not be: nobody shall look for culprits there.
  const lattice = span("lattice", batch * (steps + 3) * states, { holds: "words" });
  const operands = {
    labels: labels.place,
    labelLengths: labels.lengths!,
    lengths: lengths ?? 0,
    lattice,
    blank,
    perLabel: perLabel ? 1 : 0,
    states,
    steps,
    batch,
  } as const;
  const kernels: LossKernels = {
    forward({ emit, result: logProbs, losses, weights, range }) {
      const rows = { logarithm: 1, width, stride, from: 0, to: steps * batch };
      emit("softmaxForward", { x: logits.place, y: logProbs, ...rows });
      emit("ctcForward", { logProbs, losses, weights, impossible, ...operands, ...range });
    },
    backward({ emit, result, weights, range }) {
      emit("ctcBackward", { logProbs: result, dLogits: result, weights, width, ...operands, ...range });
    },
  };
  return recordLoss(logits, [labels], kernels, batch);
}
