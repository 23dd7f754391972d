/** What a search steps: a machine that takes a token for each row and says how likely every token is to be the next. */

import { logSumExp } from "../data/softmax.js";

/**
 * Several sequences under way, one in each row, ready for their first token. A stream of a model that reads tokens and ends in
 * `logSoftmax()` is one; to be used again it must be put back to its beginning, as a stream is by `reset`.
 */
export interface Decoder {
  readonly rows: number;
  /** How many tokens there are. */
  readonly width: number;
  /**
   * Takes a token for each row; gives the log-probabilities [rows, width] of what follows, valid until the next call.
   * -Infinity stands for never.
   */
  step(tokens: Uint32Array): Float32Array;
  /** The same, each row where it lies, for decoders that would copy them. */
  readonly stepRows?: ((tokens: Uint32Array) => readonly Float32Array[]) | undefined;
  /** Each row goes on from the state of the row that `from` says. */
  select(from: Uint32Array): void;
  /** How much each row's last step looked at each position of its source, valid until the next step; rows may differ in length. */
  readonly attention?: (() => readonly Float32Array[]) | undefined;
}

/**
 * The decoder whose log-probabilities are the logarithm of the softmax of what `decoder` gives: logits, such as a dense layer's.
 * It works that out in float64, which takes longer than the layer `logSoftmax()` for many tokens.
 */
export function fromLogits(decoder: Decoder): Decoder {
  const { rows, width } = decoder;
  const logProbabilities = new Float32Array(rows * width);
  return {
    rows,
    width,
    step(tokens) {
      const logits = decoder.step(tokens);
      for (let from = 0; from < logProbabilities.length; from += width) {
        const norm = logSumExp(logits, from, width);
        for (let i = from; i < from + width; i++) {
          logProbabilities[i] = logits[i] === -Infinity ? -Infinity : logits[i]! - norm;
        }
      }
      return logProbabilities;
    },
    select: (from) => decoder.select(from),
    ...(decoder.attention && { attention: () => decoder.attention!() }),
  };
}
