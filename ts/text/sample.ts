/** Choosing the next symbol from a model's logits: greedily or at random, by temperature, top-k and nucleus. */

import { InputError } from "../errors.js";
import { exp } from "../numeric.js";
import { random } from "../random.js";

/** How to choose. With both limits, `topP` applies to what `topK` leaves. */
export interface SamplerOptions {
  /** Divides the logits: below 1 sharpens, above 1 flattens, 0 always takes the likeliest (default 1). */
  readonly temperature?: number;
  /** Only the `topK` likeliest ids can be chosen (default: all). */
  readonly topK?: number;
  /** Only the smallest set of likeliest ids whose probability reaches `topP`, in (0, 1] (Holtzman et al. 2020; default 1). */
  readonly topP?: number;
  /** Of the random numbers; a safe integer from 0 (default 0). */
  readonly seed?: number;
  /** Samplers of the same seed but other streams, whole numbers below 2^32, draw independently (default 0). */
  readonly stream?: number;
}

/**
 * Chooses an id from its logits, which are numbers or -Infinity (never chosen); throws InputError for any other. Equal
 * logits rank by their ids, the lower first. Makes no arrays or objects except when the logits are more than ever before.
 */
export type Sampler = (logits: ArrayLike<number>) => number;

/** A sampler with its own random numbers, of which each choice takes one, or none at temperature 0. */
export function sampler(options: SamplerOptions = {}): Sampler {
  const { temperature = 1, topK = Infinity, topP = 1, seed = 0, stream = 0 } = options;
  if (!(temperature >= 0 && temperature < Infinity))
    throw refused("temperature", "a number from 0", temperature);
  if (!(topK >= 1 && (Number.isInteger(topK) || topK === Infinity)))
    throw refused("topK", "a whole number from 1", topK);
  if (!(topP > 0 && topP <= 1)) throw refused("topP", "a number above 0 and at most 1", topP);
  const { uniform } = random(seed, stream);
  let weights = new Float64Array(0);
  let order = new Uint32Array(0);

  function sample(logits: ArrayLike<number>): number {
    const likeliest = argmax(logits);
    if (temperature === 0) return likeliest;
    const width = logits.length;
    if (weights.length < width) {
      weights = new Float64Array(width);
      order = new Uint32Array(width);
    }
    // Softmax without its division: the random number is scaled instead.
    const greatest = logits[likeliest];
    let total = 0;
    for (let id = 0; id < width; id++) {
      weights[id] = exp((logits[id] - greatest) / temperature);
      total += weights[id];
    }
    if (topK >= width && topP === 1) {
      for (let id = 0; id < width; id++) order[id] = width - 1 - id;
      return draw(width, width, total);
    }
    return nucleus(width, total);
  }

  /** Draws among the ids that both limits leave. */
  function nucleus(width: number, total: number): number {
    const limited = topK < width;
    const most = limited ? topK : width;
    const enough = limited ? Infinity : topP * total;
    heapify(width);
    let mass = 0;
    let kept = 0;
    for (; kept < most && mass < enough; kept++) mass += weights[takeTop(width - kept)];
    if (limited) {
      const goal = topP * mass;
      mass = 0;
      kept = 0;
      for (; kept < most && mass < goal; kept++) mass += weights[order[width - 1 - kept]];
    }
    return draw(width, kept, mass);
  }

  /** Chooses among the last `kept` of `order`, from the end, in proportion to their weights, whose sum is `mass`. */
  function draw(width: number, kept: number, mass: number): number {
    const target = uniform() * mass;
    let sum = 0;
    let place = width;
    do sum += weights[order[--place]];
    while (sum <= target && place > width - kept);
    return order[place];
  }

  /** Makes `order` a binary heap of the ids: none ranks above its parent. */
  function heapify(width: number): void {
    for (let id = 0; id < width; id++) order[id] = id;
    for (let root = (width >> 1) - 1; root >= 0; root--) sink(root, width);
  }

  /** Moves the top of a heap to its end, which leaves the heap, and returns it. */
  function takeTop(size: number): number {
    const top = order[0];
    order[0] = order[size - 1];
    order[size - 1] = top;
    sink(0, size - 1);
    return top;
  }

  function sink(root: number, size: number): void {
    const id = order[root];
    for (;;) {
      let child = 2 * root + 1;
      if (child + 1 < size && above(order[child + 1], order[child])) child++;
      if (child >= size || above(id, order[child])) break;
      order[root] = order[child];
      root = child;
    }
    order[root] = id;
  }

  function above(a: number, b: number): boolean {
    return weights[a] > weights[b] || (weights[a] === weights[b] && a < b);
  }

  return sample;
}

/** The lowest id of the greatest logit. */
function argmax(logits: ArrayLike<number>): number {
  let best = 0;
  let most = -Infinity;
  for (let id = 0; id < logits.length; id++) {
    const logit = logits[id];
    if (logit <= most) continue;
    if (!(logit < Infinity)) throw refused(`logits[${id}]`, "a number or -Infinity", logit);
    most = logit;
    best = id;
  }
  if (most === -Infinity)
    throw refused("logits", "at least one number", logits.length === 0 ? "none" : "only -Infinity");
  return best;
}

function refused(option: string, expected: string, got: number | string): InputError {
  return new InputError({ where: `sampler.${option}`, expected, got: `${got}` });
}
