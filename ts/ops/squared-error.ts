/** The squared error between rows of numbers. */
import type { Value } from "../graph/graph.js";
import { span } from "../graph/span.js";
import type { RecordedLoss } from "./loss.js";

/** outputs, targets [steps][batch][width]. The loss is the mean over the rows that count and their numbers. */
export function squaredErrorOf(outputs: Value, targets: Value): RecordedLoss {
  const { graph, steps, batch, lengths, width, stride } = outputs;
  const rows = steps * batch;
  const losses = span("losses", rows);
  const scale = span("scale", 1, { role: "given" });
  const range = { lengths: lengths ?? 0, batch, width, stride, from: 0, to: rows } as const;
  const operands = { outputs: outputs.place, targets: targets.place, ...range };
  const value = graph.apply({
    inputs: [outputs, targets],
    output: graph.value({ steps, batch, width }, outputs.place),
    forward(emit) {
      emit("squaredErrorForward", { losses, ...operands });
    },
    backward({ emit, gradient }) {
      const dOutputs = gradient(outputs);
      if (dOutputs) emit("squaredErrorBackward", { dOutputs, scale, ...operands });
    },
  });
  return { value, losses, count: rows, scale };
}
