/** Softmax with the cross-entropy of a class index, as one operation. */
import type { Value } from "../graph/graph.js";
import { type Span, span } from "../graph/span.js";

/** A loss as the plan knows it. */
export interface RecordedLoss {
  /** What the backward pass starts from. */
  readonly value: Value;
  /** One loss for each row, in nats; 0 for a row that does not count. */
  readonly losses: Span;
  /** How many losses there are. */
  readonly count: number;
  /** One float, written by the host: 1 / the number of rows that count. */
  readonly scale: Span;
}

/** The target of a row that does not count. */
export const IGNORED = 0xffffffff;

/** logits [steps][batch][classes]; targets: tokens [steps][batch], each below classes or IGNORED. The loss is the mean over the rows that count. */
export function crossEntropyOf(logits: Value, targets: Value): RecordedLoss {
  const { graph, steps, batch, lengths, width, stride } = logits;
  const rows = steps * batch;
  const losses = span("losses", rows);
  const scale = span("scale", 1, { role: "given" });
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
        scale,
        width,
        stride,
        from: 0,
        to: rows,
      });
    },
  });
  return { value, losses, count: rows, scale };
}
