/** Which learning rate to begin with: training with one that grows, to see where the loss falls fastest. */
import { InputError } from "../errors.js";
import type { Examples } from "../model/feed.js";
import type { Model } from "../model/model.js";
import { exp, log, power } from "../numeric.js";
import { requireNumber } from "../optimisers/optimiser.js";
import { exponentialDecay } from "../optimisers/schedules.js";
import { rehearse } from "./rehearsal.js";
import { type TrainOptions, train } from "./train.js";

export interface FindRateOptions
  extends Pick<TrainOptions, "loss" | "optimiser" | "clip" | "groups" | "seed" | "signal"> {
  /** The first rate; default 1e-6. */
  readonly from?: number;
  /** The last; default 10. */
  readonly to?: number;
  /** Default 100. */
  readonly steps?: number;
}

export interface RateFinding {
  /** Where the loss fell fastest: a rate to begin with. Undefined if it never fell. */
  readonly rate: number | undefined;
  /** The rates that were tried, and the loss at each, smoothed: to be plotted. */
  readonly rates: readonly number[];
  readonly losses: readonly number[];
}

/** The share of a loss that its smoothed value keeps of those before. */
const SMOOTHING = 0.8;

/**
 * Trains with the optimiser at rates that grow from step to step, until the loss is four times its least (Smith 2017, section 3.3).
 * The optimiser's own rate does not matter. The model is afterwards as before.
 */
export async function findRate(
  model: Model,
  examples: Examples,
  { from = 1e-6, to = 10, steps = 100, optimiser, ...options }: FindRateOptions,
): Promise<RateFinding> {
  requireNumber("findRate.from", from, Number.MIN_VALUE, Infinity);
  if (!(to > from && to < Infinity)) {
    throw new InputError({ where: "findRate.to", expected: `a number above ${from}`, got: String(to) });
  }
  if (!(Number.isSafeInteger(steps) && steps >= 10)) {
    throw new InputError({ where: "findRate.steps", expected: "a whole number from 10", got: String(steps) });
  }
  const rate = exponentialDecay(from, { factor: exp(log(to / from) / (steps - 1)) });
  const rates: number[] = [];
  const losses: number[] = [];
  await rehearse(model.network, async () => {
    let mean = 0;
    let least = Infinity;
    const settings = { ...options, optimiser: { ...optimiser, rate }, steps, divergence: "stop" } as const;
    for await (const { step, loss, rate } of train(model.network, examples, settings)) {
      mean = SMOOTHING * mean + (1 - SMOOTHING) * loss;
      const smooth = mean / (1 - power(SMOOTHING, step + 1));
      least = Math.min(least, smooth);
      rates.push(rate);
      losses.push(smooth);
      if (smooth > 4 * least) break;
    }
  });
  return { rate: rates[steepest(losses)], rates, losses };
}

/** The index around which the losses fall fastest, -1 if they do not fall. The first ones say nothing: too few were smoothed. */
function steepest(losses: readonly number[]): number {
  let best = -1;
  let fastest = 0;
  for (let i = 6; i < losses.length - 1; i++) {
    const fall = losses[i - 1]! - losses[i + 1]!;
    if (fall > fastest) {
      fastest = fall;
      best = i;
    }
  }
  return best;
}
