/** BLEU: how many of a translation's groups of words are in its references (Papineni et al. 2002). */
import { requireWhole } from "../data/checks.js";
import { InputError } from "../errors.js";
import { exp, log } from "../numeric.js";
import { count } from "../text/symbols.js";
import { type Judged, judged, type References } from "./references.js";
import { type Tokenise, tokeniser } from "./tokenise.js";

export interface BleuOptions {
  /** Default "13a". */
  readonly tokenise?: Tokenise;
  /** Whether capital letters become small ones; default false. */
  readonly lowerCase?: boolean;
  /** The longest groups of tokens that count; default 4. */
  readonly order?: number;
  /**
   * What stands for a precision of 0, which would make all of the score 0 (Chen & Cherry 2014): "floor" counts `value` matches
   * instead of none; "addK" adds `value` to matches and total of all orders but the first; "exp" takes 1/2, 1/4, … of a
   * match for the first order without one, the second, …; "none" leaves it. Default "exp", as mteval-v13a.
   */
  readonly smoothing?: "none" | "floor" | "addK" | "exp";
  /** Of the smoothing; default 0.1 for "floor" and 1 for "addK". */
  readonly value?: number;
  /** Whether orders of which the candidates have no group are left out of the mean; default for one sentence only. */
  readonly effectiveOrder?: boolean;
}

export interface Bleu {
  /** From 0 to 100. */
  readonly score: number;
  /** Of the groups of 1, 2, … tokens, from 0 to 100, smoothed. */
  readonly precisions: readonly number[];
  /** 1, or less where the candidates are shorter than the references. */
  readonly brevityPenalty: number;
  /** In tokens. */
  readonly candidateLength: number;
  /** Of the references nearest in length, the shorter of two equally near. */
  readonly referenceLength: number;
}

/**
 * BLEU of a corpus, whose counts are added up over all sentences; the same as sacreBLEU's. An empty candidate has no group of
 * words and is short; the score is 0 where nothing matches. InputError unless every candidate has a reference.
 */
export function bleu(candidates: readonly string[], references: References, options: BleuOptions = {}): Bleu {
  return score(judged("bleu", candidates, references), options);
}

/** BLEU of one sentence. */
export function sentenceBleu(
  candidate: string,
  references: string | readonly string[],
  options: BleuOptions = {},
): Bleu {
  return score(judged("sentenceBleu", [candidate], [references]), { effectiveOrder: true, ...options });
}

function score(all: readonly Judged[], options: BleuOptions): Bleu {
  const {
    tokenise = "13a",
    lowerCase = false,
    order = 4,
    smoothing = "exp",
    effectiveOrder = false,
  } = options;
  const { value = smoothing === "floor" ? 0.1 : 1 } = options;
  requireWhole("bleu.order", order);
  if (!["none", "floor", "addK", "exp"].includes(smoothing)) {
    throw refused("smoothing", '"none", "floor", "addK" or "exp"', smoothing);
  }
  if (!(value >= 0 && value < Infinity)) throw refused("value", "a finite number from 0", value);
  const split = tokeniser("bleu", tokenise);
  const tokensOf = (text: string) => split(lowerCase ? text.toLowerCase() : text);

  const matches = new Array<number>(order).fill(0);
  const totals = new Array<number>(order).fill(0);
  let [candidateLength, referenceLength] = [0, 0];
  for (const { candidate, references } of all) {
    const tokens = tokensOf(candidate);
    const lists = references.map(tokensOf);
    candidateLength += tokens.length;
    referenceLength += nearest(
      tokens.length,
      lists.map(({ length }) => length),
    );
    const [mine, ...theirs] = groups([tokens, ...lists], order);
    for (const [n, counts] of mine!.entries()) {
      for (const [group, times] of counts) {
        totals[n]! += times;
        matches[n]! += Math.min(times, Math.max(...theirs.map((orders) => orders[n]!.get(group) ?? 0)));
      }
    }
  }

  const brevityPenalty =
    candidateLength >= referenceLength
      ? 1
      : candidateLength > 0
        ? exp(1 - referenceLength / candidateLength)
        : 0;
  const precisions = new Array<number>(order).fill(0);
  const result = { precisions, brevityPenalty, candidateLength, referenceLength };
  if (matches.every((match) => match === 0)) return { score: 0, ...result };
  let counted = order;
  let share = 1;
  for (let n = 0; n < order; n++) {
    const added = smoothing === "addK" && n > 0 ? value : 0;
    const total = totals[n]! + added;
    if (total === 0) break;
    if (effectiveOrder) counted = n + 1;
    const match = matches[n]! + added;
    if (match === 0 && smoothing === "exp") share /= 2;
    precisions[n] =
      (100 * (match || (smoothing === "exp" ? share : smoothing === "floor" ? value : 0))) / total;
  }
  const used = precisions.slice(0, counted);
  const mean = used.includes(0) ? 0 : exp(used.reduce((sum, precision) => sum + log(precision), 0) / counted);
  return { score: brevityPenalty * mean, ...result };
}

/** Of the lengths, the one nearest to `length`. */
function nearest(length: number, lengths: readonly number[]): number {
  return lengths.reduce((best, other) => {
    const nearer = Math.abs(other - length) - Math.abs(best - length);
    return nearer < 0 || (nearer === 0 && other < best) ? other : best;
  });
}

/** How often each group of 1, 2, … tokens is in each list. */
function groups(lists: readonly (readonly string[])[], order: number): Map<string, number>[][] {
  const ids = new Map<string, number>();
  return lists.map((tokens) => {
    const numbers = tokens.map((token) => {
      const id = ids.get(token) ?? ids.size;
      ids.set(token, id);
      return id;
    });
    return Array.from({ length: order }, (_, n) => {
      const counts = new Map<string, number>();
      const places = Math.max(0, numbers.length - n);
      count(
        Array.from({ length: places }, (_, i) => numbers.slice(i, i + n + 1).join()),
        counts,
      );
      return counts;
    });
  });
}

function refused(option: string, expected: string, got: unknown): InputError {
  return new InputError({ where: `bleu.${option}`, expected, got: String(got) });
}
