/** What the training of word vectors has in common: options, progress, passes over the corpus. */
import { DivergedError, InputError } from "../errors.js";
import { TurnTaking } from "../model/pause.js";

export interface WordTrainOptions {
  /** How often to go through the corpus; default 5. */
  readonly epochs?: number;
  /** Stops between batches; the loop then rejects with `signal.reason` and the vectors are as after the last batch. */
  readonly signal?: AbortSignal;
}

/** What a batch of training did. */
export interface WordProgress {
  /** Counted from 0. */
  readonly epoch: number;
  /** How much of all epochs is done, up to 1. */
  readonly fraction: number;
  /** Words, or pairs of GloVe, learned so far in all epochs. */
  readonly done: number;
  /** Mean loss of the batch, before its updates. */
  readonly loss: number;
  readonly rate: number;
}

/** The mean loss of a batch before its updates, and the rate it was learned at. */
export interface Learned {
  readonly loss: number;
  readonly rate: number;
}

/**
 * Goes through `ends.length` batches in every epoch. `ends`: how many words or pairs an epoch has had after each of them.
 * `learn` does a batch, given how much of all is done before it, and gives its mean loss and rate.
 */
export async function* passes(
  name: string,
  ends: readonly number[],
  { epochs = 5, signal }: WordTrainOptions,
  learn: (batch: number, epoch: number, fraction: number) => Learned | Promise<Learned>,
): AsyncGenerator<WordProgress, void, void> {
  requireWhole(`${name}.epochs`, epochs, 1, 0xffff);
  signal?.throwIfAborted();
  const total = ends.at(-1)! * epochs;
  let before = 0;
  const turns = new TurnTaking(signal);
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (const [batch, end] of ends.entries()) {
      const { loss, rate } = await learn(batch, epoch, before / total);
      if (!Number.isFinite(loss)) {
        throw new DivergedError({
          where: `${name} epoch ${epoch}`,
          expected: "a finite loss",
          got: String(loss),
          hint: "the vectors are of no use any longer; lower the rate",
          step: epoch * ends.length + batch,
          operation: name,
          tensor: "loss",
        });
      }
      before = epoch * ends.at(-1)! + end;
      yield { epoch, fraction: before / total, done: before, loss, rate };
      await turns.take();
    }
  }
}

/** Throws unless `value` is a whole number from `least` to `most`. */
export function requireWhole(where: string, value: number, least: number, most: number): void {
  if (!(Number.isInteger(value) && value >= least && value <= most)) {
    throw new InputError({ where, expected: `a whole number from ${least} to ${most}`, got: String(value) });
  }
}

/** Throws unless `value` is a number above 0 and at most `most`. */
export function requirePositive(where: string, value: number, most = Infinity): void {
  if (!(value > 0 && value <= most && value < Infinity)) {
    const limit = most < Infinity ? ` and at most ${most}` : "";
    throw new InputError({ where, expected: `a number above 0${limit}`, got: String(value) });
  }
}
