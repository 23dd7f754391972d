/** Hypotheses under way, as paths in a tree: those that begin alike share their beginning. */

/** A token, how it was reached, and what all of it is worth. */
export interface Path {
  readonly before: Path | undefined;
  /** None at the root. */
  readonly token: number | undefined;
  /** Tokens from the root to here. */
  readonly length: number;
  /** Of the model: the sum over the tokens. */
  readonly logProbability: number;
  /** The same as the rules left it. */
  readonly total: number;
  /** What the token was chosen while looking at, if the decoder tells. */
  readonly attention: Float32Array | undefined;
}

export const root: Path = {
  before: undefined,
  token: undefined,
  length: 0,
  logProbability: 0,
  total: 0,
  attention: undefined,
};

/** Why a hypothesis is no longer than it is: it ended, it may not be longer, or nothing was allowed to follow. */
export type Finished = "end" | "length" | "constraint";

/** What a search found, or is at. */
export interface Draft {
  /** Without the start and the end. */
  readonly tokens: readonly number[];
  /** What it is ranked by: the sum of the log-probabilities as the rules left them, with the penalties of the search. */
  readonly score: number;
  /** Natural logarithm of the probability that the model gives to the tokens, and to the end if it ended. */
  readonly logProbability: number;
  /** Weights [tokens][source], and a row for the end if it ended; of decoders that tell. */
  readonly attention?: readonly Float32Array[];
}

export interface Hypothesis extends Draft {
  readonly finished: Finished;
}

export function draftOf(path: Path, score: number, finished?: Finished): Draft {
  const attention = attentionOf(path);
  return {
    tokens: tokensOf(finished === "end" ? path.before! : path),
    score,
    logProbability: path.logProbability,
    ...(attention.length > 0 && { attention }),
  };
}

export function hypothesisOf(path: Path, score: number, finished: Finished): Hypothesis {
  return { ...draftOf(path, score, finished), finished };
}

export function tokensOf(path: Path): number[] {
  const tokens = new Array<number>(path.length);
  for (let at = path; at.before; at = at.before) tokens[at.length - 1] = at.token!;
  return tokens;
}

/** The weights of each step, none if the decoder does not tell. */
export function attentionOf(path: Path): Float32Array[] {
  const weights: Float32Array[] = [];
  for (let at = path; at.before; at = at.before) if (at.attention) weights.push(at.attention);
  return weights.reverse();
}
