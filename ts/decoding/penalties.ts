/** What makes hypotheses of different lengths comparable, and what those pay that pass over parts of their source. */

import { log, power } from "../numeric.js";
import { attentionOf, type Path } from "./path.js";
import { refused } from "./rules.js";

export interface PenaltyOptions {
  /** α of the length penalty: the score is divided by it, so that above 0 longer hypotheses are favoured; default 0: by 1. */
  readonly lengthPenalty?: number;
  /**
   * With n log-probabilities in the sum: `"power"`, n^α, so that α = 1 compares means (the default, as fairseq, Transformers
   * and CTranslate2 have it), or `"wu"`, ((5 + n) / 6)^α (Wu et al. 2016, equation 14).
   */
  readonly lengthPenaltyForm?: "power" | "wu";
  /**
   * β of the coverage penalty: β Σ ln min(Σ weights, 1), over the positions of the source and the steps, is added to the score
   * (Wu et al. 2016, equation 14), with 1e-6 for positions that got less. Default 0; otherwise the decoder must have attention.
   */
  readonly coveragePenalty?: number;
}

const leastCoverage = 1e-6;

export class Penalties {
  readonly #alpha: number;
  readonly #wu: boolean;
  readonly coverage: number;

  constructor({ lengthPenalty = 0, lengthPenaltyForm = "power", coveragePenalty = 0 }: PenaltyOptions) {
    if (!Number.isFinite(lengthPenalty)) throw refused("lengthPenalty", "a finite number", lengthPenalty);
    if (!["power", "wu"].includes(lengthPenaltyForm)) {
      throw refused("lengthPenaltyForm", '"power" or "wu"', lengthPenaltyForm);
    }
    if (!(coveragePenalty >= 0 && coveragePenalty < Infinity)) {
      throw refused("coveragePenalty", "a number from 0", coveragePenalty);
    }
    this.#alpha = lengthPenalty;
    this.#wu = lengthPenaltyForm === "wu";
    this.coverage = coveragePenalty;
  }

  score(path: Path): number {
    return path.total / this.#divisor(path.length) + this.#uncovered(path);
  }

  /** What no continuation of `path` to at most `maxLength` tokens exceeds: sums only fall, and the divisor goes one way. */
  bound({ total, length }: Path, maxLength: number): number {
    return Math.max(total / this.#divisor(length + 1), total / this.#divisor(maxLength));
  }

  #divisor(length: number): number {
    if (this.#alpha === 0) return 1;
    return power(this.#wu ? (5 + length) / 6 : Math.max(1, length), this.#alpha);
  }

  #uncovered(path: Path): number {
    if (this.coverage === 0) return 0;
    const steps = attentionOf(path);
    const sums = new Float64Array(steps[0]?.length ?? 0);
    for (const weights of steps) for (let i = 0; i < sums.length; i++) sums[i]! += weights[i]!;
    let penalty = 0;
    for (const sum of sums) penalty += log(Math.min(1, Math.max(leastCoverage, sum)));
    return this.coverage * penalty;
  }
}
