/** How likely given sentences are. */

import type { Decoder } from "./decoder.js";
import { requireLogProbability, Steps } from "./rows.js";
import { refused, requireWhole } from "./rules.js";

export interface ScoreOptions {
  /** The token that the first step takes. */
  readonly start: number;
  /** The token after which a sentence is over, counted with the rest; default none. */
  readonly end?: number;
}

export interface Score {
  /** The sum over the tokens, and the end if there is one: what `decode` gives as `logProbability`. */
  readonly logProbability: number;
  /** Of each token, and of the end. */
  readonly logProbabilities: Float64Array;
}

/** The log-probability of each of `sentences`, one for each row of the decoder; they may differ in length. InputError for other tokens than there are. */
export function score(
  decoder: Decoder,
  sentences: readonly ArrayLike<number>[],
  { start, end }: ScoreOptions,
): Score[] {
  const { rows, width } = decoder;
  if (sentences.length !== rows) throw refused("sentences", `one for each of ${rows} rows`, sentences.length);
  const ends = end === undefined ? [] : [end];
  const targets = sentences.map((tokens) => Uint32Array.of(...Array.from(tokens), ...ends));
  for (const token of [start, ...ends, ...sentences.flatMap((tokens) => Array.from(tokens))]) {
    requireWhole("sentences", token, 0, width - 1);
  }
  const found = targets.map(({ length }) => new Float64Array(length));
  const steps = new Steps(decoder, new Uint32Array(rows).fill(start));
  const longest = Math.max(0, ...targets.map(({ length }) => length));
  for (let step = 0; step < longest; step++) {
    steps.next();
    for (const [row, target] of targets.entries()) {
      if (step >= target.length) continue;
      const token = target[step]!;
      const logProbability = steps.logProbabilities(row)[token]!;
      requireLogProbability(logProbability);
      found[row]![step] = logProbability;
      steps.goOn(row, token, row);
    }
  }
  return found.map((logProbabilities) => ({
    logProbability: logProbabilities.reduce((sum, x) => sum + x, 0),
    logProbabilities,
  }));
}
