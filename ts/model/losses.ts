/** What training makes small. */
import { InputError } from "../errors.js";
import type { Value } from "../graph/graph.js";
import { crossEntropyOf } from "../ops/cross-entropy.js";
import type { RecordedLoss } from "../ops/loss.js";
import { squaredErrorOf } from "../ops/squared-error.js";

export interface Loss {
  readonly name: string;
  /** What the targets are: an index a step, or a row of numbers a step. */
  readonly targets: "tokens" | "features";
  record(output: Value, targets: Value): RecordedLoss;
}

/**
 * Softmax with cross-entropy: the model's outputs are logits, the targets class indices below their width, and the loss
 * the mean over steps and rows of -ln p(target), in nats.
 */
export const crossEntropy: Loss = {
  name: "crossEntropy",
  targets: "tokens",
  record(output, targets) {
    requireNumbers("crossEntropy", output);
    return crossEntropyOf(output, targets);
  },
};

/** The mean over steps, rows and numbers of (output - target)². */
export const squaredError: Loss = {
  name: "squaredError",
  targets: "features",
  record(output, targets) {
    requireNumbers("squaredError", output);
    return squaredErrorOf(output, targets);
  },
};

function requireNumbers(where: string, { kind }: Value): void {
  if (kind !== "features") {
    throw new InputError({
      where,
      expected: "a model that ends in rows of numbers",
      got: "tokens",
      hint: "end the model with dense(units)",
    });
  }
}
