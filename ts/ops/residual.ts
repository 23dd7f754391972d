/** Losses of the residual between rows of numbers: squared, absolute, Huber's. */
import type { Value } from "../graph/graph.js";
import { lossRows, type RecordedLoss } from "./loss.js";

/** square d² up to the knee, slope (|d| - knee / 2) beyond. */
export interface Residual {
  readonly square: number;
  readonly slope: number;
  readonly knee: number;
}

/** outputs, targets [steps][batch][width]. The loss of a row is the sum over its numbers. */
export function residualOf(outputs: Value, targets: Value, residual: Residual): RecordedLoss {
  const { graph, steps, batch, stride } = outputs;
  const rows = lossRows(steps * batch);
  const operands = {
    outputs: outputs.place,
    targets: targets.place,
    ...residual,
    stride,
    from: 0,
    to: rows.count,
  } as const;
  const value = graph.apply({
    inputs: [outputs, targets],
    output: graph.value(outputs, outputs.place),
    forward(emit) {
      emit("residualForward", { losses: rows.losses, ...operands });
    },
    backward({ emit, gradient }) {
      const dOutputs = gradient(outputs);
      if (dOutputs) emit("residualBackward", { dOutputs, weights: rows.weights, ...operands });
    },
  });
  return { value, ...rows };
}
