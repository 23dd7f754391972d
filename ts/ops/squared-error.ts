/** The squared error between rows of numbers. */
import type { Value } from "../graph/graph.js";
import { span } from "../graph/span.js";
import type { RecordedLoss } from "./loss.js";

/** outputs, targets [steps][batch][width]. The loss of a row is the mean over its numbers. */
export function squaredErrorOf(outputs: Value, targets: Value): RecordedLoss {
  const { graph, steps, batch, width, stride } = outputs;
  const rows = steps * batch;
  const losses = span("losses", rows);
  const weights = span("weights", rows, { role: "given" });
  const operands = { outputs: outputs.place, targets: targets.place, width, stride, from: 0, to: rows };
  const value = graph.apply({
    inputs: [outputs, targets],
    output: graph.value({ steps, batch, width }, outputs.place),
    forward(emit) {
      emit("squaredErrorForward", { losses, ...operands });
    },
    backward({ emit, gradient }) {
      const dOutputs = gradient(outputs);
      if (dOutputs) emit("squaredErrorBackward", { dOutputs, weights, ...operands });
    },
  });
  return { value, losses, weights, count: rows };
}
