/** The training loop: forward, loss, backward, clip, update, step after step. */

import { DivergedError, InputError } from "../errors.js";
import { type Examples, passOf } from "../model/feed.js";
import type { Model } from "../model/model.js";
import type { Network } from "../model/network.js";
import { TurnTaking } from "../model/pause.js";
import { after, inGroups } from "./passes.js";
import { type StepResult, Training, type TrainingOptions } from "./training.js";
import type { Validated } from "./validation.js";

export interface TrainOptions extends TrainingOptions {
  /** How often to go through the examples; default 1, or without end if `steps` is given. */
  readonly epochs?: number;
  /** Stop after this many steps. */
  readonly steps?: number;
  /** How many batches make a step: their gradients count as if they were one batch; default 1. An epoch's last step may have fewer. */
  readonly accumulate?: number;
  /**
   * What to do about a step whose loss or gradient is not finite; it is not applied in any case. `throw` a DivergedError,
   * which names its cause; `skip` its batches and go on; `stop` training. Default `throw`.
   */
  readonly divergence?: "throw" | "skip" | "stop";
  /** Shows how far training is: a bar of `recurra/terminal` or `recurra/dom`, or your own. */
  readonly show?: Follow;
  /** Saves the training as it goes on: made by `checkpoints`. */
  readonly keep?: Follow;
  /** Stops training; the loop then rejects with `signal.reason` and the parameters are those of the last whole step. */
  readonly signal?: AbortSignal;
}

/** Looks at the steps of a model's training and passes them on. */
export type Follow = (
  training: AsyncGenerator<Progress, void, void>,
  model: Model,
) => AsyncGenerator<Progress, void, void>;

/** What a step of training did. */
export interface Progress extends StepResult {
  /** Counted from 0. */
  readonly step: number;
  /** Counted from 0. */
  readonly epoch: number;
  /** Whether training ends with it by itself. Only known where there is `validation` or `keep`, or if `steps` are over. */
  readonly last: boolean;
  /** How many steps there will be, unless training ends early; undefined if nobody knows. */
  readonly total: number | undefined;
  /** Of the model after the step, where it was validated then. */
  readonly validation: Validated | undefined;
}

/** Trains a network and yields after every step. The loop may be left at any step: the model stays usable. */
export async function* train(
  network: Network,
  examples: Examples,
  options: TrainOptions,
): AsyncGenerator<Progress, void, void> {
  const { accumulate = 1, divergence = "throw", validation, keep, signal } = options;
  const { steps = Infinity, epochs = options.steps === undefined ? 1 : Infinity } = options;
  requireCount("train.steps", steps);
  requireCount("train.epochs", epochs);
  requireCount("train.accumulate", accumulate);
  signal?.throwIfAborted();

  const turns = new TurnTaking(signal);
  const training = new Training(network, options, turns);
  const total = totalOf(examples, epochs, steps, accumulate);
  const { cursor } = training;
  const ahead = validation !== undefined || keep !== undefined;
  let stopped = cursor.step >= steps || training.exhausted(validation);
  try {
    for (; cursor.epoch < epochs && !stopped; cursor.epoch++) {
      const { epoch } = cursor;
      let applied = cursor.examples > 0;
      let skipped: DivergedError | undefined;
      const rest = after(cursor.examples, passOf(examples, epoch));
      for await (const { batches, last } of inGroups(rest, accumulate, ahead)) {
        const { step } = cursor;
        cursor.examples += batches.length;
        let done: StepResult;
        try {
          done = await training.run(batches);
        } catch (error) {
          if (divergence === "throw" || !(error instanceof DivergedError)) throw error;
          skipped = error;
          stopped = divergence === "stop";
          if (stopped) break;
          continue;
        }
        applied = true;
        stopped = cursor.step >= steps || (last && epoch + 1 === epochs);
        let validated: Validated | undefined;
        if (validation && (stopped || (validation.every ? cursor.step % validation.every === 0 : last))) {
          validated = await training.validate(validation, signal);
          stopped ||= training.exhausted(validation);
        }
        yield { step, epoch, last: stopped, total, ...done, validation: validated };
        if (stopped) break;
        await turns.take();
      }
      if (!applied && !stopped) throw skipped ?? noBatch(epoch);
      cursor.examples = 0;
    }
    training.restore();
  } finally {
    training.release();
  }
}

function totalOf(
  examples: Examples & { readonly length?: unknown },
  epochs: number,
  steps: number,
  accumulate: number,
): number | undefined {
  const { length } = examples;
  const each = typeof length === "number" ? Math.ceil(length / accumulate) : Infinity;
  const total = Math.min(steps, epochs * each);
  return total < Infinity ? total : undefined;
}

function noBatch(epoch: number): InputError {
  return new InputError({
    where: `train epoch ${epoch}`,
    expected: "at least one batch",
    got: "none",
    hint: epoch > 0 ? "an iterator can be gone through once only: give an array or an iterable" : undefined,
  });
}

function requireCount(where: string, value: number): void {
  if (!(value === Infinity || (Number.isSafeInteger(value) && value > 0))) {
    throw new InputError({ where, expected: "a whole number from 1", got: String(value) });
  }
}
