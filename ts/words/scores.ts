/** How good word vectors are, by what people said: pairs of words, and analogies. */
import { FormatError, InputError } from "../errors.js";
import type { WordVectors } from "./vectors.js";

/** Two words and how alike people found them. */
export interface WordPair {
  readonly words: readonly [string, string];
  readonly score: number;
}

/**
 * Pairs as the files of WordSim-353, SimLex-999 and the like have them: a line of two words and a number, with tabs, commas or
 * spaces between them; a first line without a number is a heading, and lines that begin with # are comments.
 */
export function parseWordPairs(text: string): WordPair[] {
  const pairs: WordPair[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const [first = "", second = "", number = ""] = line.split(/[\t,; ]+/);
    const score = number === "" ? NaN : Number(number);
    if (Number.isFinite(score)) pairs.push({ words: [first, second], score });
    else if (index > 0 && pairs.length > 0) {
      throw new FormatError({
        where: `word pairs, line ${index + 1}`,
        expected: "two words and a number",
        got: JSON.stringify(line.slice(0, 80)),
      });
    }
  }
  if (pairs.length === 0)
    throw new FormatError({ where: "word pairs", expected: "at least one pair", got: "none" });
  return pairs;
}

/**
 * Spearman's rank correlation of the cosines with the scores of people, over the pairs both of whose words have a vector; words
 * are looked up in small letters. `missing`: how many pairs have none.
 */
export function scoreWordPairs(
  vectors: WordVectors,
  pairs: readonly WordPair[],
): { readonly correlation: number; readonly pairs: number; readonly missing: number } {
  const known = pairs
    .map(({ words: [a, b], score }) => ({ a: a.toLowerCase(), b: b.toLowerCase(), score }))
    .filter(({ a, b }) => vectors.has(a) && vectors.has(b));
  const correlation = spearman(
    known.map(({ a, b }) => vectors.cosine(a, b)),
    known.map(({ score }) => score),
  );
  return { correlation, pairs: known.length, missing: pairs.length - known.length };
}

/** Spearman's rank correlation (1904): Pearson's of the ranks, equal values sharing the mean of theirs; 0 without variation. */
export function spearman(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length || a.length < 2) {
    throw new InputError({
      where: "spearman",
      expected: "two lists of equal length, at least 2",
      got: `${a.length} and ${b.length}`,
    });
  }
  const [x, y] = [ranks(a), ranks(b)];
  const middle = (a.length + 1) / 2;
  const product = (u: Float64Array, v: Float64Array) =>
    u.reduce((sum, rank, i) => sum + (rank - middle) * (v[i]! - middle), 0);
  const divisor = Math.sqrt(product(x, x) * product(y, y));
  return divisor > 0 ? product(x, y) / divisor : 0;
}

function ranks(values: ArrayLike<number>): Float64Array {
  const order = Array.from(values, (_, i) => i).sort((i, j) => values[i]! - values[j]!);
  const result = new Float64Array(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && values[order[to]!] === values[order[from]!]) to++;
    for (let i = from; i < to; i++) result[order[i]!] = (from + to + 1) / 2;
    from = to;
  }
  return result;
}

/** Analogies of one kind: in each, the second word is to the first as the fourth is to the third. */
export interface AnalogySection {
  readonly name: string;
  readonly questions: readonly (readonly [string, string, string, string])[];
}

/** Sections as the file questions-words has them: a line ": name", then lines of four words. */
export function parseAnalogies(text: string): AnalogySection[] {
  const sections: { name: string; questions: [string, string, string, string][] }[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "") continue;
    if (line.startsWith(":")) {
      sections.push({ name: line.slice(1).trim(), questions: [] });
      continue;
    }
    const words = line.trim().split(/\s+/);
    const section = sections.at(-1);
    if (words.length !== 4 || !section) {
      throw new FormatError({
        where: `analogies, line ${index + 1}`,
        expected: section ? "four words" : 'a line ": name" first',
        got: JSON.stringify(line.slice(0, 80)),
      });
    }
    section.questions.push(words as [string, string, string, string]);
  }
  if (sections.length === 0)
    throw new FormatError({ where: "analogies", expected: "at least one section", got: "none" });
  return sections;
}

/** How many questions of a section were answered right, of those all of whose words have a vector. */
export interface AnalogyScore {
  readonly name: string;
  readonly right: number;
  readonly asked: number;
  readonly missing: number;
}

/** The score of each section; words are looked up in small letters. */
export function scoreAnalogies(
  vectors: WordVectors,
  sections: readonly AnalogySection[],
  options: { readonly method?: "add" | "multiply" } = {},
): AnalogyScore[] {
  return sections.map(({ name, questions }) => {
    let right = 0;
    let asked = 0;
    for (const question of questions) {
      const [a, b, c, d] = question.map((word) => word.toLowerCase()) as [string, string, string, string];
      if (![a, b, c, d].every((word) => vectors.has(word))) continue;
      asked++;
      if (vectors.analogy(a, b, c, { ...options, most: 1 })[0]?.word === d) right++;
    }
    return { name, right, asked, missing: questions.length - asked };
  });
}
