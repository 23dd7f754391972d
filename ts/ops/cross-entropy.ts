/** Softmax with the cross-entropy of a class index, as one operation. */
import type { Value } from "../graph/graph.js";
import { span } from "../graph/span.js";
import type { RecordedLoss } from "./loss.js";

/** logits [steps][batch][classes]; targets: tokens [steps][batch], each below classes. */
export function crossEntropyOf(logits: Value, targets: Value): RecordedLoss {
  const { graph, steps, batch, lengths, width, stride } = logits;
  const rows = steps * batch;
  const losses = span("losses", rows);
  const weights = span("weights", rows, { role: "given" });
  const inPlace = logits.overwritable && logits.readers === 0;
  const probabilities = graph.value({ steps, batch, lengths, width }, inPlace ? logits.place : undefined);
  const value = graph.apply({
    inputs: [logits, targets],
    output: probabilities,
    forward(emit) {
      emit("crossEntropyForward", {
        logits: logits.place,
        targets: targets.place,
        probabilities: probabilities.place,
        losses,
        width,
        stride,
        from: 0,
        to: rows,
      });
    },
    backward({ emit, gradient }) {
      const dLogits = gradient(logits, probabilities.place);
      if (!dLogits) return;
      emit("crossEntropyBackward", {
        probabilities: probabilities.place,
        targets: targets.place,
        dLogits,
        weights,
        stride,
        from: 0,
        to: rows,
      });
    },
  });
  return { value, losses, weights, count: rows };
}
