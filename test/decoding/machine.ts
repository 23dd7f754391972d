/** A decoder whose every row of log-probabilities is a function of a seed and of the tokens before it. */
import type { Decoder } from "../../ts/decoding/decoder.js";
import { random } from "../../ts/random.js";
import { logSoftmax } from "../reference/losses.js";

export interface MachineOptions {
  readonly width: number;
  /** Positions of the source to look at; default 0: no attention. */
  readonly source?: number;
  /** Log-probabilities that are multiples of 1/4, so that many sums are equal; they are then not normalised. */
  readonly coarse?: boolean;
  /** The share of tokens that can never follow; default 0. */
  readonly never?: number;
}

export interface Machine extends Decoder {
  readonly calls: { steps: number; selects: number };
}

function place(seed: number, tokens: readonly number[]): number {
  return tokens.reduce((hash, token) => (hash * 31 + token + 1) % 1_000_003, seed + 1);
}

/** What follows `tokens`, the start among them. */
export function following(
  seed: number,
  tokens: readonly number[],
  { width, coarse, never = 0 }: MachineOptions,
): Float32Array {
  const draw = random(place(seed, tokens));
  const logits = Array.from({ length: width }, () => 2 * draw.normal());
  const kept = logits.map((x) => (draw.uniform() < never ? -Infinity : x));
  if (coarse) return Float32Array.from(kept, (x) => Math.min(-0.25, Math.round(x) / 4 - 1));
  return kept.some((x) => x > -Infinity) ? Float32Array.from(logSoftmax(kept)) : Float32Array.from(kept);
}

/** What the step after `tokens` looks at: as many positions as the seed says, at most all. */
export function lookedAt(seed: number, tokens: readonly number[], source: number): Float32Array {
  const draw = random(place(seed, tokens), 1);
  const weights = Array.from({ length: Math.max(1, source - (seed % 2)) }, () => draw.uniform() ** 3);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return Float32Array.from(weights, (weight) => weight / sum);
}

/** A row for each of `seeds`. What it gives is written over by the next step. */
export function machine(seeds: readonly number[], options: MachineOptions): Machine {
  const { width, source = 0 } = options;
  let before: number[][] = seeds.map(() => []);
  const rows = seeds.length;
  const given = new Float32Array(rows * width);
  const weights = seeds.map((seed) => new Float32Array(lookedAt(seed, [], source).length));
  const calls = { steps: 0, selects: 0 };
  return {
    rows,
    width,
    calls,
    step(tokens) {
      calls.steps++;
      before = before.map((row, r) => [...row, tokens[r]]);
      for (const [r, row] of before.entries()) {
        given.set(following(seeds[r], row, options), r * width);
        if (source > 0) weights[r].set(lookedAt(seeds[r], row, source));
      }
      return given;
    },
    select(from) {
      calls.selects++;
      before = Array.from(from, (r) => [...before[r]]);
    },
    ...(source > 0 && { attention: () => weights }),
  };
}
