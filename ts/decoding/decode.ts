/** From a decoder to sentences: the same loop for every search. */

import type { Decoder } from "./decoder.js";
import type { Draft, Hypothesis } from "./path.js";
import { Rows, Steps } from "./rows.js";
import { type RuleOptions, Rules, refused, requireWhole } from "./rules.js";
import { greedy } from "./sampling.js";
import type { Search, SentenceSearch } from "./search.js";

export interface DecodeOptions extends RuleOptions {
  /** The token that every sentence's first step takes, or each sentence's; it is no part of the result. */
  readonly start: number | ArrayLike<number>;
  /** Default `greedy()`. */
  readonly search?: Search;
  /**
   * The number of each sentence, by which its constraint knows it and its samples are drawn: where sentences are decoded some at a
   * time, their place among all. Default their place here.
   */
  readonly numbers?: ArrayLike<number>;
}

/** How far decoding has come after a step. */
export interface DecodingStep {
  /** Counted from 1. */
  readonly step: number;
  /** What is ahead at this moment in a sentence, the first by default; `leading(0).tokens.at(-1)` is greedy's newest token. */
  leading(sentence?: number): Draft;
}

/**
 * Decodes as many sentences as the decoder has rows, divided by the rows that the search takes for each: what it finds for each
 * sentence, the best first, at least one and after `maxLength` steps at most. A sentence's result does not depend
 * on the others. InputError for options out of range, and for log-probabilities that are none.
 */
export function decode(decoder: Decoder, options: DecodeOptions): Hypothesis[][] {
  const steps = decoding(decoder, options);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** The same, step by step, so that a page can draw what there is: leaving the loop leaves the rest undone. */
export function decoding(
  decoder: Decoder,
  options: DecodeOptions,
): Generator<DecodingStep, Hypothesis[][], undefined> {
  return stepping(new Decoding(decoder, options));
}

function* stepping(all: Decoding): Generator<DecodingStep, Hypothesis[][], undefined> {
  for (let step = 1; !all.done; step++) {
    all.steps.next();
    all.advance();
    yield { step, leading: (sentence = 0) => all.leading(sentence) };
  }
  return all.result();
}

/** A step of the decoder, as its `stepRows`, that is waited for, and what comes after each: what that throws ends the search. */
export interface Waiting {
  step(tokens: Uint32Array): Promise<readonly Float32Array[]>;
  between(): Promise<void>;
}

/** The same, all at once, with a decoder whose steps are waited for. */
export async function decodeWaiting(
  decoder: Decoder,
  options: DecodeOptions,
  { step, between }: Waiting,
): Promise<Hypothesis[][]> {
  const all = new Decoding(decoder, options);
  while (!all.done) {
    await all.steps.nextBy(step);
    all.advance();
    await between();
  }
  return all.result();
}

/** The searches of all sentences, and the decoder that they have in common. */
class Decoding {
  readonly steps: Steps;
  readonly #under: readonly { readonly sentence: SentenceSearch; readonly rows: Rows }[];

  constructor(decoder: Decoder, options: DecodeOptions) {
    const { search = greedy(), start, prefix, numbers } = options;
    const { rows, width } = decoder;
    if (rows % search.rows !== 0)
      throw refused("decoder", `${search.rows} rows for each sentence`, `${rows} rows`);
    const count = rows / search.rows;
    requireEach("start", start, count);
    requireEach("maxLength", options.maxLength, count);
    if (typeof prefix?.[0] === "object") requireEach("prefix", prefix, count);
    if (numbers) {
      requireEach("numbers", numbers, count);
      for (const number of Array.from(numbers)) requireWhole("numbers", number, 0);
    }
    const tokens = starts(start, decoder, search.rows);
    // Only penalties of repetition make other numbers than the decoder gives.
    const changed = new (options.repetition === undefined ? Float32Array : Float64Array)(width);
    const sentences = Array.from({ length: count }, (_, sentence) => {
      const number = numbers?.[sentence] ?? sentence;
      return search.begin(decoder, new Rules(options, sentence, number, changed), number);
    });
    this.steps = new Steps(decoder, tokens);
    this.#under = sentences.map((sentence, index) => ({
      sentence,
      rows: new Rows(this.steps, index * search.rows),
    }));
  }

  get done(): boolean {
    return this.#under.every(({ sentence }) => sentence.done);
  }

  /** After a step. */
  advance(): void {
    for (const { sentence, rows } of this.#under) if (!sentence.done) sentence.advance(rows);
  }

  leading(index: number): Draft {
    requireWhole("leading", index, 0, this.#under.length - 1);
    return this.#under[index]!.sentence.leading();
  }

  result(): Hypothesis[][] {
    return this.#under.map(({ sentence }) => sentence.result());
  }
}

/** Each row's first token. */
function starts(start: number | ArrayLike<number>, { rows, width }: Decoder, rowsEach: number): Uint32Array {
  return Uint32Array.from({ length: rows }, (_, row) => {
    const token = typeof start === "number" ? start : start[Math.floor(row / rowsEach)]!;
    requireWhole("start", token, 0, width - 1);
    return token;
  });
}

/** Throws unless there is one number for all sentences or one for each. */
function requireEach(option: string, value: number | ArrayLike<unknown>, sentences: number): void {
  const count = typeof value === "object" ? value.length : value;
  if (typeof value === "number" || count === sentences) return;
  throw refused(option, `one for each of ${sentences} sentences, or one for all`, count);
}
