/** Scores in short. */

export interface Summary {
  readonly scores: readonly number[];
  readonly mean: number;
  /** Standard deviation of the scores, with n - 1; 0 for a single one. */
  readonly deviation: number;
}

export function summaryOf(scores: readonly number[]): Summary {
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  const squares = scores.reduce((sum, score) => sum + (score - mean) * (score - mean), 0);
  return { scores, mean, deviation: scores.length > 1 ? Math.sqrt(squares / (scores.length - 1)) : 0 };
}
