/** The terms of a text: its words, or runs of them (n-grams), with gaps by option. */
import { InputError } from "../errors.js";
import { type WordOptions, words } from "../text/words.js";

export interface TermOptions extends WordOptions {
  /** Shortest and longest run of words that is a term; default [1, 1]. */
  readonly ngrams?: readonly [least: number, most: number];
  /** Runs also take every second word and so on, leaving out up to so many between two (as in ONNX); default 0. */
  readonly skips?: number;
}

/** A text, or its words. */
export type Text = string | readonly string[];

/** Throws for options that cannot be. */
export function requireTerms(
  where: string,
  { ngrams: [least, most] = [1, 1], skips = 0 }: TermOptions,
): void {
  const whole = [least, most, skips].every((value) => Number.isInteger(value));
  if (!(whole && least >= 1 && most >= least && skips >= 0)) {
    throw new InputError({
      where,
      expected: "ngrams [least, most] from 1, and skips from 0",
      got: `ngrams [${least}, ${most}], skips ${skips}`,
    });
  }
}

/** Each term as often as it occurs; the words of a run have single spaces between them. */
export function termsOf(
  text: Text,
  { ngrams: [least, most] = [1, 1], skips = 0, ...options }: TermOptions,
): string[] {
  const list = typeof text === "string" ? words(text, options) : text;
  const found: string[] = [];
  for (let length = least; length <= most; length++) {
    // A single word has no gaps, and counts once.
    for (let stride = 1; stride <= (length === 1 ? 1 : skips + 1); stride++) {
      for (let from = 0; from + (length - 1) * stride < list.length; from++) {
        let term = list[from]!;
        for (let i = 1; i < length; i++) term += ` ${list[from + i * stride]}`;
        found.push(term);
      }
    }
  }
  return found;
}
