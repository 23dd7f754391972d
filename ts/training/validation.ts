/** A look at held-out examples while training, which can end it and give the best parameters back. */
import { InputError } from "../errors.js";
import type { Metric } from "../metrics/metric.js";
import { evaluate } from "../model/evaluate.js";
import type { Examples } from "../model/feed.js";
import type { Loss } from "../model/losses.js";
import type { Network } from "../model/network.js";
import { requireNumber } from "../optimisers/optimiser.js";

export interface ValidationOptions {
  /** After how many steps, again and again; default: after each epoch. Training that ends by itself ends with one. */
  readonly every?: number;
  /** Measures besides the loss. */
  readonly metrics?: readonly Metric<unknown>[];
  /** The metric that says which validation is better; default: the loss does. */
  readonly by?: Metric;
  /** Whether more of that metric is better; default false. */
  readonly greater?: boolean;
  /** Training stops after so many validations in a row without a better one than the best; default: it does not. */
  readonly patience?: number;
  /** By how much the loss, or the metric, must be better than the best to count; default 0. */
  readonly threshold?: number;
  /**
   * Whether training that ends by itself leaves the model with the parameters of the best validation; default: if there is
   * `patience`.
   */
  readonly restore?: boolean;
}

/** What a validation has found. */
export interface Validated {
  /** The step after which it was, counted from 0. */
  readonly step: number;
  readonly loss: number;
  /** The values of the metrics, by their names. */
  readonly metrics: Readonly<Record<string, unknown>>;
  /** What validations are compared by, the less the better: the loss, or the metric, negated if more of it is better. */
  readonly score: number;
}

/** How a training validates. */
export interface Validation {
  readonly every: number | undefined;
  readonly restore: boolean;
  measure(network: Network, loss: Loss, signal: AbortSignal | undefined): Promise<Omit<Validated, "step">>;
  /** Whether the last of these scores is the best. */
  improved(scores: readonly number[]): boolean;
  /** Whether the last ones have been no better for long enough. */
  exhausted(scores: readonly number[]): boolean;
}

/**
 * Validates a training on examples that it does not see: `net.fit(batches, { validation: validation(heldOut, { patience: 3 }) })`.
 * The parameters' average is what is validated, where training keeps one.
 */
export function validation(examples: Examples, options: ValidationOptions = {}): Validation {
  const { metrics = [], by, greater = false } = options;
  const { every, patience = Infinity, threshold = 0, restore = patience < Infinity } = options;
  if (every !== undefined && !(Number.isSafeInteger(every) && every > 0)) {
    throw new InputError({
      where: "validation.every",
      expected: "a whole number of steps from 1",
      got: String(every),
    });
  }
  if (patience !== Infinity) requireNumber("validation.patience", patience, 1, Infinity);
  requireNumber("validation.threshold", threshold, 0, Infinity);

  /** The index of the best; -1 if there is none, as where all are NaN. */
  function bestOf(scores: readonly number[]): number {
    let best = -1;
    for (const [index, score] of scores.entries()) {
      if (best < 0 ? !Number.isNaN(score) : score < scores[best]! - threshold) best = index;
    }
    return best;
  }

  const measures = [...new Set(by ? [...metrics, by] : metrics)];

  return {
    every,
    restore,
    async measure(network, loss, signal) {
      const settings = { loss, metrics: measures };
      const mean = await evaluate(network, examples, signal ? { ...settings, signal } : settings);
      const values = Object.fromEntries(measures.map(({ name, value }) => [name, value]));
      const score = by ? by.value * (greater ? -1 : 1) : mean;
      return { loss: mean, metrics: values, score };
    },
    improved: (scores) => bestOf(scores) === scores.length - 1,
    exhausted: (scores) => scores.length - 1 - bestOf(scores) >= patience,
  };
}
