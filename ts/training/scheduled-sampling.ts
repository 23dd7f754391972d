/** Inputs of a decoder that are now and then what the model would have written itself. */
import type { Pairs } from "../data/pairs.js";
import { softmaxOf } from "../data/softmax.js";
import { type Tensor, tensor } from "../data/tensor.js";
import type { Example } from "../model/feed.js";
import type { Model } from "../model/model.js";
import { type Rate, rateAt, requireRate } from "../optimisers/optimiser.js";
import { type Random, random, requireSeed } from "../random.js";

export interface ScheduledSamplingOptions {
  /** The share of right answers among the inputs, 0 to 1: a number, or a function of the batch's number, from 0, over all epochs. */
  readonly truth: Rate;
  /** Default 0. */
  readonly seed?: number;
}

/** Batches whose inputs a model has changed, for `net.train`. */
export interface SampledPairs extends AsyncIterable<Example> {
  readonly length: number;
  epoch(index: number): AsyncIterable<Example>;
}

/**
 * Scheduled sampling (Bengio et al. 2015), so that a decoder learns to go on from its own mistakes: of the tokens that it is
 * given each but the start is, with probability 1 - `truth`, one drawn from what the model says at that place when it is given
 * the right answers before (Mihaylova & Martins 2019, in one pass for all steps). Answers, weights and sources stay as they
 * are. Every batch is computed once more, with the weights as they are then. The same seed gives the same bits. InputError for
 * a share that is none.
 */
export function scheduledSampling(
  model: Model,
  examples: Pairs,
  { truth, seed = 0 }: ScheduledSamplingOptions,
): SampledPairs {
  const where = "scheduledSampling.truth";
  requireRate(where, truth);
  requireSeed("scheduledSampling.seed", seed);

  async function* epoch(index: number): AsyncGenerator<Example, void, void> {
    let number = index * examples.length;
    for (const batch of examples.epoch(index)) {
      const share = rateAt(where, truth, number, []);
      const draw = random(seed, number++);
      if (share >= 1) {
        yield batch;
        continue;
      }
      const { inputs, lengths } = batch;
      const said = softmaxOf(await model.predict(inputs, { lengths }));
      yield { ...batch, inputs: { ...inputs, target: mixed(inputs.target, said, share, draw) } };
    }
  }

  return { length: examples.length, epoch, [Symbol.asyncIterator]: () => epoch(0)[Symbol.asyncIterator]() };
}

/** Tokens [batch, steps], each but the first of a row replaced where chance wants it by one that was `said` the step before. */
function mixed(tokens: Tensor<Uint32Array>, said: Tensor, truth: number, draw: Random): Tensor<Uint32Array> {
  const [batch, steps] = tokens.shape as [number, number];
  const size = said.shape[2]!;
  const data = tokens.data.slice();
  for (let row = 0; row < batch; row++) {
    for (let step = 1; step < steps; step++) {
      const at = row * steps + step;
      const kept = draw.uniform() < truth;
      const chance = draw.uniform(); // drawn in any case, so that places do not depend on each other
      if (!kept) data[at] = drawn(said.data.subarray((at - 1) * size, at * size), chance);
    }
  }
  return tensor(data, tokens.shape);
}

function drawn(probabilities: Float32Array, chance: number): number {
  let rest = chance;
  for (const [token, probability] of probabilities.entries()) {
    rest -= probability;
    if (rest < 0) return token;
  }
  return probabilities.length - 1;
}
