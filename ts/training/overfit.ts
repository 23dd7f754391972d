/** A first check of a model and its data: one batch, which anything that can learn at all can learn by heart. */

import type { Batch } from "../data/windows.js";
import type { Example } from "../model/feed.js";
import type { Model } from "../model/model.js";
import { adam } from "../optimisers/adam.js";
import { rehearse } from "./rehearsal.js";
import { type TrainOptions, train } from "./train.js";

export interface OverfitOptions extends Pick<TrainOptions, "loss" | "signal"> {
  /** Default `adam(0.01)`. */
  readonly optimiser?: TrainOptions["optimiser"];
  /** Default 300. */
  readonly steps?: number;
}

export interface Overfit {
  /** Whether the loss has fallen below a tenth of what it was. */
  readonly learned: boolean;
  /** Of every step. */
  readonly losses: readonly number[];
  /** What that means, in words. */
  readonly text: string;
}

/** Trains on this batch alone, gradients clipped to norm 1, and says whether it is learned. The model is afterwards as before. */
export async function overfitOneBatch(
  model: Model,
  example: Example | Batch,
  { optimiser = adam(0.01), steps = 300, ...options }: OverfitOptions,
): Promise<Overfit> {
  const alone = { ...example, continues: false };
  const losses: number[] = [];
  await rehearse(model.network, async () => {
    const settings = { ...options, optimiser, steps, clip: 1, divergence: "stop" } as const;
    for await (const { loss } of train(model.network, [alone], settings)) losses.push(loss);
  });
  const [first, last] = [losses[0] ?? NaN, losses.at(-1) ?? NaN];
  const whole = losses.length === steps;
  const learned = whole && last < first / 10;
  const course = `the loss went from ${first.toPrecision(3)} to ${last.toPrecision(3)} in ${losses.length} steps`;
  const advice = whole
    ? "Look whether targets belong to their inputs, try a higher rate or more steps, take dropout out for this check."
    : "It became infinite or not a number: lower the rate, scale the data.";
  const text = learned
    ? `The batch is learned: ${course}.`
    : `The batch is not learned: ${course}. ${advice}`;
  return { learned, losses, text };
}
