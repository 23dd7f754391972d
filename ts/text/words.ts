/**
 * Words and sentences of a text by the rules of Unicode (UAX #29), as the host's Intl.Segmenter knows them: hosts with other
 * editions of them agree but on rare words, such as U.S.A.
 */

import { EngineError, InputError } from "../errors.js";

export interface WordOptions {
  /** A language tag (BCP 47) whose rules apply; default "en", not the host's own, so that hosts agree. */
  readonly locale?: string;
  /** Whether capital letters become small ones; default true. */
  readonly lowerCase?: boolean;
  /** What is kept: words, as is the default; words and punctuation, each mark alone; or all of the text, spaces too. */
  readonly keep?: "words" | "punctuation" | "all";
}

/** Characters that are given to the segmenter at a time: its time for a text grows with the square of the length. */
const CHUNK = 1000;

/** The words of a text in their order. */
export function words(text: string, options: WordOptions = {}): string[] {
  const { locale = "en", lowerCase = true, keep = "words" } = options;
  const segmenter = segmenterOf(locale, "word");
  const found: string[] = [];
  for (let from = 0; from < text.length; ) {
    const to = afterSpace(text, from + CHUNK);
    for (const { segment, isWordLike } of segmenter.segment(text.slice(from, to))) {
      if (isWordLike || keep === "all" || (keep === "punctuation" && /\S/.test(segment)))
        found.push(lowerCase ? segment.toLowerCase() : segment);
    }
    from = to;
  }
  return found;
}

/** The sentences of a text. Single line breaks are spaces, an empty line ends a sentence. */
export function sentences(text: string, { locale = "en" }: Pick<WordOptions, "locale"> = {}): string[] {
  const segmenter = segmenterOf(locale, "sentence");
  return text
    .split(/\n\s*\n/)
    .flatMap((paragraph) => [...segmenter.segment(paragraph.replace(/\s+/g, " ").trim())])
    .map(({ segment }) => segment.trim());
}

/** Throws unless `rules` are what they should be: a file may have brought them. */
export function requireRules(where: string, rules: WordOptions): void {
  const known: Record<string, readonly [string, (value: unknown) => boolean]> = {
    locale: ["a language tag", (value) => typeof value === "string"],
    lowerCase: ["true or false", (value) => typeof value === "boolean"],
    keep: ['"words", "punctuation" or "all"', (value) => /^(words|punctuation|all)$/.test(String(value))],
  };
  for (const [name, value] of Object.entries(rules)) {
    const [expected, allows] = Object.hasOwn(known, name) ? known[name]! : [];
    if (value !== undefined && !allows?.(value)) {
      throw new InputError({
        where: `${where}.${name}`,
        expected: expected ?? `only ${Object.keys(known).join(", ")}`,
        got: String(value),
      });
    }
  }
  segmenterOf(rules.locale ?? "en", "word");
}

/** The first place from `at` where no word can be cut in two: no rule joins what is before spaces to what is after them. */
function afterSpace(text: string, at: number): number {
  const space = /\s+/g;
  space.lastIndex = at;
  return at < text.length && space.test(text) ? space.lastIndex : text.length;
}

function segmenterOf(locale: string, granularity: "word" | "sentence"): Intl.Segmenter {
  if (typeof Intl === "undefined" || !("Segmenter" in Intl)) {
    throw new EngineError({
      where: "words",
      expected: "a host with Intl.Segmenter",
      got: "a host without",
      hint: "every browser since 2024 and Node.js since 16 have it",
    });
  }
  try {
    return new Intl.Segmenter(locale, { granularity });
  } catch (cause) {
    throw new InputError({
      where: "words.locale",
      expected: "a language tag",
      got: JSON.stringify(locale),
      cause,
    });
  }
}
