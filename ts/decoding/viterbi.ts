/** The likeliest sequence of tags, where each depends on the one before. */

import type { Tensor } from "../data/tensor.js";

/** The scores of a sequence besides those of its steps. */
export interface ChainScores {
  /** [tags, tags], the tag before by row. */
  readonly transitions: ArrayLike<number>;
  /** [tags] */
  readonly start: ArrayLike<number>;
  /** [tags] */
  readonly end: ArrayLike<number>;
}

/**
 * For each row the tags y with the greatest start(y_0) + sum x_t(y_t) + sum transitions(y_t-1, y_t) + end(y_T-1), by dynamic
 * programming (Viterbi 1967) in float64; of several equally good the lowest tags, from the last step on. Emissions x [batch, steps,
 * tags]; lengths: how many steps of each row count, default all.
 */
export function viterbi(emissions: Tensor, scores: ChainScores, lengths?: ArrayLike<number>): number[][] {
  const { shape, data } = emissions;
  const [batch = 0, steps = 0, tags = 0] = shape;
  const before = new Uint32Array(steps * tags);
  return Array.from({ length: batch }, (_, row) => {
    const length = lengths?.[row] ?? steps;
    if (length === 0) return [];
    const from = row * steps * tags;
    let best = Float64Array.from({ length: tags }, (_, tag) => scores.start[tag]! + data[from + tag]!);
    for (let step = 1; step < length; step++) {
      const ways = before.subarray(step * tags, (step + 1) * tags);
      best = advance(best, scores.transitions, data.subarray(from + step * tags), ways);
    }
    const last = greatest(best.map((score, tag) => score + scores.end[tag]!));
    const path = new Array<number>(length).fill(last);
    for (let step = length - 1; step > 0; step--) path[step - 1] = before[step * tags + path[step]!]!;
    return path;
  });
}

/** The best scores one step on; writes which tag each comes from. */
function advance(
  best: Float64Array,
  transitions: ArrayLike<number>,
  emissions: Float32Array,
  ways: Uint32Array,
): Float64Array<ArrayBuffer> {
  return Float64Array.from(best, (_, tag) => {
    let way = 0;
    let most = -Infinity;
    for (let i = 0; i < best.length; i++) {
      const score = best[i]! + transitions[i * best.length + tag]!;
      if (score > most) [way, most] = [i, score];
    }
    ways[tag] = way;
    return most + emissions[tag]!;
  });
}

function greatest(scores: Float64Array): number {
  let best = 0;
  for (let tag = 1; tag < scores.length; tag++) if (scores[tag]! > scores[best]!) best = tag;
  return best;
}
