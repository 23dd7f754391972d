/** ROUGE-L: how much of a reference is in a candidate in the same order (Lin 2004). */
import { judged, type References } from "./references.js";
import { type Tokenise, tokeniser } from "./tokenise.js";

export interface RougeOptions {
  /** Default: runs of letters and digits in small letters, which for English text is what rouge-score takes. */
  readonly tokenise?: Tokenise;
}

/** Each from 0 to 1. */
export interface Rouge {
  /** The share of the candidate's tokens. */
  readonly precision: number;
  /** The share of the reference's tokens. */
  readonly recall: number;
  /** Their harmonic mean. */
  readonly f1: number;
}

/**
 * The means over all candidates of the longest common subsequence's shares, each with the reference that its F1 is highest
 * with. An empty candidate or reference scores 0. InputError unless every candidate has a reference.
 */
export function rougeL(
  candidates: readonly string[],
  references: References,
  { tokenise = lettersAndDigits }: RougeOptions = {},
): Rouge {
  const split = tokeniser("rougeL", tokenise);
  const scores = judged("rougeL", candidates, references).map(({ candidate, references: list }) => {
    const tokens = split(candidate);
    return list
      .map((reference) => compare(tokens, split(reference)))
      .reduce((best, other) => (other.f1 > best.f1 ? other : best));
  });
  const mean = (part: keyof Rouge) => scores.reduce((sum, score) => sum + score[part], 0) / scores.length;
  return { precision: mean("precision"), recall: mean("recall"), f1: mean("f1") };
}

function lettersAndDigits(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

function compare(candidate: readonly string[], reference: readonly string[]): Rouge {
  const common = commonLength(candidate, reference);
  if (common === 0) return { precision: 0, recall: 0, f1: 0 };
  const [precision, recall] = [common / candidate.length, common / reference.length];
  return { precision, recall, f1: (2 * precision * recall) / (precision + recall) };
}

/** The length of the longest common subsequence, by rows of the table of those of all beginnings. */
function commonLength(a: readonly string[], b: readonly string[]): number {
  let row = new Uint32Array(b.length + 1);
  for (const token of a) {
    const next = new Uint32Array(b.length + 1);
    for (let j = 1; j <= b.length; j++) {
      next[j] = token === b[j - 1] ? row[j - 1]! + 1 : Math.max(row[j]!, next[j - 1]!);
    }
    row = next;
  }
  return row[b.length]!;
}
