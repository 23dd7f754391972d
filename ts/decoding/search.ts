/** What a search is: what it keeps of each sentence from step to step. */

import type { Decoder } from "./decoder.js";
import type { Draft, Hypothesis } from "./path.js";
import type { Rows } from "./rows.js";
import type { Rules } from "./rules.js";

/** How to look for a likely sequence: `greedy()`, `sampling()` or `beamSearch()`. */
export interface Search {
  /** How many rows of the decoder each sentence takes. */
  readonly rows: number;
  /** `number`: of the sentence among all. Throws InputError for a decoder that lacks what the search needs. */
  begin(decoder: Decoder, rules: Rules, number: number): SentenceSearch;
}

/** The search of one sentence. */
export interface SentenceSearch {
  readonly done: boolean;
  /** Takes in what follows the last tokens, and says how each row goes on. */
  advance(rows: Rows): void;
  leading(): Draft;
  /** The best first. */
  result(): Hypothesis[];
}
