/** One token after another: the likeliest each time, or one drawn at random. */

import { type Sampler, type SamplerOptions, sampler } from "../text/sample.js";
import {
  type Draft,
  draftOf,
  type Finished,
  type Hypothesis,
  hypothesisOf,
  type Path,
  root,
} from "./path.js";
import type { Rows } from "./rows.js";
import { type Rules, requireWhole } from "./rules.js";
import type { Search, SentenceSearch } from "./search.js";

export interface SamplingOptions extends Omit<SamplerOptions, "stream"> {
  /** How many sequences to draw for each sentence, each in a row of the decoder; default 1. */
  readonly samples?: number;
}

/** Takes the likeliest token at each step; of several the lowest. The score is the sum of the log-probabilities. */
export function greedy(): Search {
  return sampling({ temperature: 0 });
}

/**
 * Draws each token at random, in proportion to the probabilities that the rules leave, by temperature, top-k and top-p. Every
 * row has random numbers of its own, so that what is drawn in one does not depend on the others. Samples are in the order
 * of their rows.
 */
export function sampling(options: SamplingOptions = {}): Search {
  const { samples = 1, ...rest } = options;
  requireWhole("samples", samples, 1);
  sampler(rest); // refuses what it does not know before anything is decoded
  return {
    rows: samples,
    begin: (_, rules, number) => {
      const draw = (_: unknown, row: number) => sampler({ ...rest, stream: number * samples + row });
      return new Sampling(rules, Array.from({ length: samples }, draw));
    },
  };
}

class Sampling implements SentenceSearch {
  readonly #rules: Rules;
  readonly #samplers: readonly Sampler[];
  readonly #paths: Path[];
  readonly #finished: (Finished | undefined)[];
  #running: number;

  constructor(rules: Rules, samplers: readonly Sampler[]) {
    this.#rules = rules;
    this.#samplers = samplers;
    this.#paths = samplers.map(() => root);
    const none = rules.maxLength === 0;
    this.#finished = samplers.map(() => (none ? "length" : undefined));
    this.#running = none ? 0 : samplers.length;
  }

  get done(): boolean {
    return this.#running === 0;
  }

  advance(rows: Rows): void {
    for (const [row, path] of this.#paths.entries()) {
      if (this.#finished[row]) continue;
      this.#finished[row] = this.#take(rows, row, path);
      if (this.#finished[row]) this.#running--;
    }
  }

  leading(): Draft {
    const drafts = this.#paths.map((path, row) => draftOf(path, path.total, this.#finished[row]));
    return drafts.reduce((best, draft) => (draft.score > best.score ? draft : best));
  }

  result(): Hypothesis[] {
    return this.#paths.map((path, row) => hypothesisOf(path, path.total, this.#finished[row]!));
  }

  /** Chooses a token for a row; says why it is the last, if it is. */
  #take(rows: Rows, row: number, path: Path): Finished | undefined {
    const rules = this.#rules;
    const weighed = rules.apply(rows.logProbabilities(row), path);
    if (weighed.every((x) => x === -Infinity)) return "constraint";
    const token = this.#samplers[row]!(weighed);
    const reached = rows.extend(path, row, token, path.total + weighed[token]!);
    this.#paths[row] = reached;
    rows.goOn(row, token);
    if (token === rules.end) return "end";
    return reached.length === rules.maxLength ? "length" : undefined;
  }
}
