/** How many tokens must be changed to make a reference of what was written. */
import { judged, type References } from "./references.js";
import { type Tokenise, tokeniser } from "./tokenise.js";

/** The changes that make a candidate of a reference. */
export interface Edits {
  readonly substitutions: number;
  /** What the candidate has too much. */
  readonly insertions: number;
  /** What it lacks. */
  readonly deletions: number;
  /** What is right. */
  readonly matches: number;
}

export interface ErrorRate extends Edits {
  /** Changes for each token of the references; may be above 1, and is infinite where the references have none. 0 for no changes. */
  readonly rate: number;
}

/** The fewest changes (Levenshtein 1966), of several ways the one with the most matches. Time: the product of both lengths. */
export function edits<T>(candidate: ArrayLike<T>, reference: ArrayLike<T>): Edits {
  const [n, m] = [candidate.length, reference.length];
  // A change costs STEP, and substitutions one more: of ways of one length those with fewer have more matches.
  const STEP = n + m + 1;
  let row = Float64Array.from({ length: m + 1 }, (_, j) => j * STEP);
  for (let i = 1; i <= n; i++) {
    const next = new Float64Array(m + 1);
    next[0] = i * STEP;
    for (let j = 1; j <= m; j++) {
      const kept = row[j - 1]! + (candidate[i - 1] === reference[j - 1] ? 0 : STEP + 1);
      next[j] = Math.min(kept, row[j]! + STEP, next[j - 1]! + STEP);
    }
    row = next;
  }
  const changes = Math.floor(row[m]! / STEP);
  const substitutions = row[m]! % STEP;
  const insertions = (changes - substitutions + n - m) / 2;
  return {
    substitutions,
    insertions,
    deletions: insertions - n + m,
    matches: n - insertions - substitutions,
  };
}

export interface WordErrorOptions {
  /** Default "spaces". */
  readonly tokenise?: Tokenise;
}

/**
 * Word error rate: all changes of a corpus for each word of its references; of several references the one that takes the
 * fewest changes counts, of those the longest. InputError unless every candidate has a reference.
 */
export function wordErrorRate(
  candidates: readonly string[],
  references: References,
  { tokenise = "spaces" }: WordErrorOptions = {},
): ErrorRate {
  return errorRate("wordErrorRate", candidates, references, tokeniser("wordErrorRate", tokenise));
}

/** The same for code points, white space included. */
export function characterErrorRate(candidates: readonly string[], references: References): ErrorRate {
  return errorRate("characterErrorRate", candidates, references, (text) => [...text]);
}

/** The share of candidates that are equal to a reference, from 0 to 1. InputError unless every candidate has one. */
export function exactMatch(candidates: readonly string[], references: References): number {
  const all = judged("exactMatch", candidates, references);
  return all.filter(({ candidate, references: list }) => list.includes(candidate)).length / all.length;
}

function errorRate(
  where: string,
  candidates: readonly string[],
  references: References,
  split: (text: string) => readonly string[],
): ErrorRate {
  const sum = { substitutions: 0, insertions: 0, deletions: 0, matches: 0 };
  for (const { candidate, references: list } of judged(where, candidates, references)) {
    const tokens = split(candidate);
    const best = list
      .map((reference) => edits(tokens, split(reference)))
      .reduce((best, other) => {
        const fewer = changesOf(other) - changesOf(best);
        return fewer < 0 || (fewer === 0 && lengthOf(other) > lengthOf(best)) ? other : best;
      });
    for (const part of ["substitutions", "insertions", "deletions", "matches"] as const)
      sum[part] += best[part];
  }
  const changes = changesOf(sum);
  return { rate: changes === 0 ? 0 : changes / lengthOf(sum), ...sum };
}

function changesOf({ substitutions, insertions, deletions }: Edits): number {
  return substitutions + insertions + deletions;
}

/** Tokens of the reference. */
function lengthOf({ substitutions, deletions, matches }: Edits): number {
  return substitutions + deletions + matches;
}
