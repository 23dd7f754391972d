/** Texts as rows of numbers, one for each term: bag of words, TF-IDF, hashing. */
import { FormatError, InputError } from "../errors.js";
import { requireOptions } from "../layers/layer.js";
import { log } from "../numeric.js";
import { hash } from "./hash.js";
import { type SparseRows, sparseRows } from "./sparse.js";
import { requireTerms, type TermOptions, type Text, termsOf } from "./terms.js";

export interface BagOptions extends TermOptions {
  /** Whether a term counts once however often it occurs; default false. */
  readonly binary?: boolean;
  /** In how many texts a term must occur; default 1. */
  readonly atLeast?: number;
  /** How many terms are kept at most, those of the highest count over all texts; default all. */
  readonly atMost?: number;
}

export interface TfIdfOptions extends BagOptions {
  /** Whether every term counts as seen in one text more, so that none divides by zero; default true. */
  readonly smooth?: boolean;
  /** Whether a count c becomes 1 + ln c; default false. */
  readonly sublinear?: boolean;
  /** `l2`: every row has length 1. Default `l2`. */
  readonly norm?: "l2" | "none";
}

/** All there is to know of a vectoriser: plain data, to keep as JSON. */
export interface VectoriserDefinition extends TermOptions {
  /** A column for each, by its place. */
  readonly terms: readonly string[];
  readonly binary?: boolean | undefined;
  /** By what each column is multiplied; none for counts. */
  readonly weights?: readonly number[] | undefined;
  readonly sublinear?: boolean | undefined;
  readonly norm?: "l2" | "none" | undefined;
}

/** Rows, and how many terms of the texts have no column. */
export interface Vectorised extends SparseRows {
  readonly unknown: number;
}

export interface Vectoriser {
  readonly width: number;
  /** The term of each column; empty where columns are hashes. */
  readonly terms: readonly string[];
  /** What `vectoriserOf` makes the same vectoriser from. */
  readonly definition: VectoriserDefinition;
  transform(texts: Iterable<Text>): Vectorised;
}

const termOptions = ["ngrams", "skips", "locale", "lowerCase"];
const bagOptions = [...termOptions, "binary", "atLeast", "atMost"];

/** A vectoriser that counts terms, learned from texts: columns are in the order of their terms by code unit. */
export function bagOfWords(texts: Iterable<Text>, options: BagOptions = {}): Vectoriser {
  requireOptions("bagOfWords", options, bagOptions);
  const { binary, atLeast, atMost, ...rest } = options;
  return vectoriserOf({ ...rest, binary, terms: countTerms("bagOfWords", texts, options).terms });
}

/**
 * A vectoriser that weighs each count by how rare its term is (Spärck Jones 1972), in the form of scikit-learn: a term of df
 * among n texts weighs ln(n / df) + 1, or smoothed ln((1 + n) / (1 + df)) + 1.
 */
export function tfIdf(texts: Iterable<Text>, options: TfIdfOptions = {}): Vectoriser {
  requireOptions("tfIdf", options, [...bagOptions, "smooth", "sublinear", "norm"]);
  const { smooth = true, sublinear, norm = "l2", binary, atLeast, atMost, ...rest } = options;
  const { terms, frequencies, count } = countTerms("tfIdf", texts, options);
  const more = smooth ? 1 : 0;
  const weights = terms.map((term) => log((count + more) / (frequencies.get(term)! + more)) + 1);
  return vectoriserOf({ ...rest, terms, binary, weights, sublinear, norm });
}

/** The vectoriser of a definition. FormatError for one that is none. */
export function vectoriserOf(definition: VectoriserDefinition): Vectoriser {
  const { terms, binary = false, weights, sublinear = false, norm = "none", ...options } = definition;
  const refuse = (what: string, expected: string): never => {
    throw new FormatError({ where: `vectoriser.${what}`, expected, got: "something else" });
  };
  if (!Array.isArray(terms) || !terms.every((term) => typeof term === "string"))
    refuse("terms", "a list of terms");
  if (
    weights &&
    !(Array.isArray(weights) && weights.length === terms.length && weights.every(Number.isFinite))
  ) {
    refuse("weights", `${terms.length} finite numbers`);
  }
  if (norm !== "none" && norm !== "l2") refuse("norm", '"l2" or "none"');
  requireTerms("vectoriser", options);
  const columns = new Map(terms.map((term, column) => [term, column]));
  return {
    width: terms.length,
    terms,
    definition,
    transform(texts) {
      const rows: [number, number][][] = [];
      let unknown = 0;
      for (const text of texts) {
        const counts = new Map<number, number>();
        for (const term of termsOf(text, options)) {
          const column = columns.get(term);
          if (column === undefined) unknown++;
          else counts.set(column, binary ? 1 : (counts.get(column) ?? 0) + 1);
        }
        const row = [...counts].map(([column, count]): [number, number] => {
          const frequency = sublinear ? 1 + log(count) : count;
          return [column, weights ? frequency * weights[column]! : frequency];
        });
        rows.push(norm === "l2" ? normalised(row) : row);
      }
      return { ...sparseRows(rows, terms.length), unknown };
    },
  };
}

/** Rows of `width` columns that need no learning: a term's hash gives its column and its sign (Weinberger et al. 2009). */
export function hashedTerms(texts: Iterable<Text>, width: number, options: TermOptions = {}): SparseRows {
  requireOptions("hashedTerms", options, termOptions);
  requireTerms("hashedTerms", options);
  if (!(Number.isInteger(width) && width >= 1 && width <= 0x7fffffff)) {
    throw new InputError({
      where: "hashedTerms.width",
      expected: "a whole number from 1",
      got: String(width),
    });
  }
  const rows: [number, number][][] = [];
  for (const text of texts) {
    const counts = new Map<number, number>();
    for (const term of termsOf(text, options)) {
      const signed = hash(term) | 0;
      const column = Math.abs(signed) % width;
      counts.set(column, (counts.get(column) ?? 0) + (signed < 0 ? -1 : 1));
    }
    rows.push([...counts].filter(([, value]) => value !== 0));
  }
  return sparseRows(rows, width);
}

/** The terms of some texts that are to have columns, and in how many texts each occurs. */
function countTerms(where: string, texts: Iterable<Text>, options: BagOptions) {
  const { atLeast = 1, atMost = Infinity } = options;
  requireTerms(where, options);
  const totals = new Map<string, number>();
  const frequencies = new Map<string, number>();
  let count = 0;
  for (const text of texts) {
    const found = termsOf(text, options);
    for (const term of found) totals.set(term, (totals.get(term) ?? 0) + 1);
    for (const term of new Set(found)) frequencies.set(term, (frequencies.get(term) ?? 0) + 1);
    count++;
  }
  const byOrder = (a: string, b: string) => (a < b ? -1 : 1);
  const terms = [...totals.keys()]
    .filter((term) => frequencies.get(term)! >= atLeast)
    .sort((a, b) => totals.get(b)! - totals.get(a)! || byOrder(a, b))
    .slice(0, atMost)
    .sort(byOrder);
  if (terms.length === 0) {
    throw new InputError({
      where: `${where}.texts`,
      expected: `a term that occurs in at least ${atLeast} of them`,
      got: totals.size === 0 ? "no word at all" : `${totals.size} terms that occur in fewer`,
    });
  }
  return { terms, frequencies, count };
}

/** Values by the root of the sum of their squares, in the order of the columns. */
function normalised(row: readonly [number, number][]): [number, number][] {
  const inOrder = row.toSorted(([a], [b]) => a - b);
  const norm = Math.sqrt(inOrder.reduce((sum, [, value]) => sum + value * value, 0));
  return inOrder.map(([column, value]) => [column, norm > 0 ? value / norm : value]);
}
