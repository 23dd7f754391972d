/** Softmax with connectionist temporal classification, as one operation. */
import { LINE, roundUp } from "../engine/address.js";
import type { Value } from "../graph/graph.js";
import { span } from "../graph/span.js";
import { lossRows, type RecordedLoss, softmaxValue } from "./loss.js";

export interface CtcSetting {
  /** The class that stands for no label. */
  readonly blank: number;
  /** The loss of labels that the steps do not suffice for. */
  readonly impossible: number;
  /** Whether the loss of a row is divided by the number of its labels. */
  readonly perLabel: boolean;
}

/** logits [steps][batch][classes]; labels: tokens [labels][batch] with lengths. One loss for each row of the batch. */
export function ctcOf(logits: Value, labels: Value, setting: CtcSetting): RecordedLoss {
  const { graph, steps, batch, lengths, width, stride } = logits;
  const rows = lossRows(batch);
  const states = roundUp(2 * labels.steps + 12, LINE);
  // Its logarithms of 0 are finite, but their squares may not be: nobody shall look for culprits there.
  const lattice = span("lattice", batch * (steps + 3) * states, { holds: "words" });
  const logProbs = softmaxValue(logits);
  const operands = {
    logProbs: logProbs.place,
    labels: labels.place,
    labelLengths: labels.lengths!,
    lengths: lengths ?? 0,
    lattice,
    weights: rows.weights,
    blank: setting.blank,
    perLabel: setting.perLabel ? 1 : 0,
    states,
    steps,
    batch,
    stride,
    from: 0,
    to: batch,
  } as const;
  const value = graph.apply({
    inputs: [logits, labels],
    output: logProbs,
    forward(emit) {
      const all = { width, stride, from: 0, to: steps * batch };
      emit("logSoftmax", { x: logits.place, y: logProbs.place, ...all });
      emit("ctcForward", { losses: rows.losses, impossible: setting.impossible, ...operands });
    },
    backward({ emit, gradient }) {
      const dLogits = gradient(logits, logProbs.place);
      if (dLogits) emit("ctcBackward", { dLogits, width, ...operands });
    },
  });
  return { value, ...rows };
}
