/** chrF: how many groups of characters candidates and references share (Popović 2015, 2017). */
import { requireWhole } from "../data/checks.js";
import { InputError } from "../errors.js";
import { count } from "../text/symbols.js";
import { judged, type References } from "./references.js";

export interface ChrfOptions {
  /** The longest groups of characters that count; default 6. White space does not. */
  readonly characters?: number;
  /** The longest groups of words that count; default 0. With 2 it is chrF++. */
  readonly words?: number;
  /** How many times as much recall counts as precision; default 2. */
  readonly beta?: number;
  /** Whether capital letters become small ones; default false. */
  readonly lowerCase?: boolean;
}

/** Groups of one length: in the candidate, in the reference, in both. */
type Counts = readonly [candidate: number, reference: number, both: number];

/**
 * chrF of a corpus, from 0 to 100: counts are added up over all sentences, each with the reference that it scores best with; the
 * same as sacreBLEU's. 0 where nothing matches. InputError unless every candidate has a reference.
 */
export function chrf(
  candidates: readonly string[],
  references: References,
  options: ChrfOptions = {},
): number {
  const { characters = 6, words = 0, beta = 2, lowerCase = false } = options;
  requireWhole("chrf.characters", characters);
  requireWhole("chrf.words", words, 0);
  if (!(beta > 0 && beta < Infinity)) {
    throw new InputError({ where: "chrf.beta", expected: "a number above 0", got: String(beta) });
  }
  const groupsOf = (text: string) => {
    const read = lowerCase ? text.toLowerCase() : text;
    return [
      ...groups([...read.replace(/\s/g, "")], characters, ""),
      ...groups(words > 0 ? wordsOf(read) : [], words, " "),
    ];
  };
  let sums: readonly Counts[] = new Array(characters + words).fill([0, 0, 0]);
  for (const { candidate, references: list } of judged("chrf", candidates, references)) {
    const mine = groupsOf(candidate);
    let best: { readonly counts: readonly Counts[]; readonly score: number } | undefined;
    for (const reference of list) {
      const counts = compare(mine, groupsOf(reference));
      const score = fScore(counts, beta);
      if (!best || score > best.score) best = { counts, score };
    }
    sums = sums.map((sum, n) => sum.map((value, i) => value + best!.counts[n]![i]!) as unknown as Counts);
  }
  return fScore(sums, beta);
}

/** How often each group of up to `order` parts occurs, by its length. */
function groups(parts: readonly string[], order: number, between: string): Map<string, number>[] {
  return Array.from({ length: order }, (_, n) => {
    const counts = new Map<string, number>();
    for (let i = 0; i + n < parts.length; i++) count([parts.slice(i, i + n + 1).join(between)], counts);
    return counts;
  });
}

/** Words without a mark at their end or, if there is none, at their beginning, which is a word of its own. */
function wordsOf(text: string): string[] {
  return text
    .split(/\s+/)
    .filter((word) => word !== "")
    .flatMap((word) => {
      const symbols = [...word];
      if (symbols.length === 1) return [word];
      if (mark.test(symbols.at(-1)!)) return [symbols.slice(0, -1).join(""), symbols.at(-1)!];
      return mark.test(symbols[0]!) ? [symbols[0]!, symbols.slice(1).join("")] : [word];
    });
}

/** The punctuation of ASCII. */
const mark = /[!-/:-@[-`{-~]/;

function compare(mine: readonly Map<string, number>[], theirs: readonly Map<string, number>[]): Counts[] {
  return mine.map((groups, n) => {
    let [all, others, both] = [0, 0, 0];
    for (const times of theirs[n]!.values()) others += times;
    for (const [group, times] of groups) {
      all += times;
      both += Math.min(times, theirs[n]!.get(group) ?? 0);
    }
    return [others > 0 ? all : 0, others, both]; // what is longer than the reference does not count
  });
}

/** The F score of the mean precision and the mean recall, over the lengths that both sides have. */
function fScore(counts: readonly Counts[], beta: number): number {
  const counted = counts.filter(([candidate, reference]) => candidate > 0 && reference > 0);
  const mean = (share: (counts: Counts) => number) =>
    counted.reduce((sum, counts) => sum + share(counts), 0) / Math.max(1, counted.length);
  const precision = mean(([candidate, , both]) => both / candidate);
  const recall = mean(([, reference, both]) => both / reference);
  if (precision + recall === 0) return 0;
  const weight = beta * beta;
  return (100 * (1 + weight) * precision * recall) / (weight * precision + recall);
}
