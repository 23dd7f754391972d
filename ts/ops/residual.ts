/** Losses of the residual between rows of numbers: squared, absolute, Huber's. */
import { kernels as lossKernels } from "../engine/losses.gen.js";
import type { Value } from "../graph/graph.js";
import { type RecordedLoss, recordLoss } from "./loss.js";

/** square d² up to the knee, slope (|d| - knee / 2) beyond. */
export interface Residual {
  readonly square: number;
  readonly slope: number;
  readonly knee: number;
}

/** outputs, targets [steps][batch][width]. The loss of a row is the sum over its numbers. */
export function residualOf(outputs: Value, targets: Value, residual: Residual): RecordedLoss {
  outputs.graph.use(lossKernels);
  const operands = { outputs: outputs.place, targets: targets.place, ...residual };
  return recordLoss(outputs, [targets], {
    forward({ emit, losses, range }) {
      emit("residualForward", { losses, ...operands, ...range });
    },
    backward({ emit, result: dOutputs, weights, range }) {
      emit("residualBackward", { dOutputs, weights, ...operands, ...range });
    },
  });
}
