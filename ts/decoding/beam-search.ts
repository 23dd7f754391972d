/** Several hypotheses at once: at each step the likeliest of all their continuations go on. */

import { Candidates } from "./candidates.js";
import {
  type Draft,
  draftOf,
  type Finished,
  type Hypothesis,
  hypothesisOf,
  type Path,
  root,
} from "./path.js";
import { Penalties, type PenaltyOptions } from "./penalties.js";
import type { Rows } from "./rows.js";
import { type Rules, refused, requireWhole } from "./rules.js";
import type { Search, SentenceSearch } from "./search.js";

export interface BeamSearchOptions extends PenaltyOptions {
  /** How many hypotheses go on at each step, each in a row of the decoder. */
  readonly beams: number;
  /** How many to give, the best first; at most `beams`, default 1. There are fewer if so many do not exist. */
  readonly best?: number;
  /**
   * Stop as soon as `beams` hypotheses have ended, or nothing can go on. By default the search stops when no hypothesis
   * under way can come among the best, which is exact; a high length penalty lets that take up to `maxLength` steps.
   */
  readonly early?: boolean;
}

/**
 * Beam search. A hypothesis ends if that is among the `beams` likeliest of all continuations; as many as ever go on. Of
 * equally likely continuations those by the lower token rank first, then those of the higher-ranking hypothesis. Penalties
 * concern the ranking of those that are finished. With one beam and no penalties it is `greedy()`; with beams
 * for all hypotheses there are it finds the best of all.
 */
export function beamSearch(options: BeamSearchOptions): Search {
  const { beams, best = 1, early = false } = options;
  requireWhole("beams", beams, 1);
  requireWhole("best", best, 1, beams);
  const penalties = new Penalties(options);
  return {
    rows: beams,
    begin: (decoder, rules) => {
      if (penalties.coverage > 0 && !decoder.attention) {
        throw refused("coveragePenalty", "a decoder with attention", "one without");
      }
      return new Beam(beams, best, early, penalties, rules);
    },
  };
}

interface Kept {
  readonly path: Path;
  readonly score: number;
  readonly finished: Finished;
}

class Beam implements SentenceSearch {
  readonly #beams: number;
  readonly #best: number;
  readonly #early: boolean;
  readonly #penalties: Penalties;
  readonly #rules: Rules;
  readonly #candidates: Candidates;
  /** Under way, by row, the likeliest first. */
  #live: Path[] = [root];
  /** Finished, the best first. */
  readonly #kept: Kept[] = [];
  #ended = 0;

  constructor(beams: number, best: number, early: boolean, penalties: Penalties, rules: Rules) {
    this.#beams = beams;
    this.#best = best;
    this.#early = early;
    this.#penalties = penalties;
    this.#rules = rules;
    this.#candidates = new Candidates(2 * beams); // half of them may be ends, one for each row
    if (rules.maxLength > 0) return;
    this.#finish(root, "length");
    this.#live = [];
  }

  get done(): boolean {
    return this.#live.length === 0;
  }

  advance(rows: Rows): void {
    const candidates = this.#candidates;
    candidates.count = 0;
    for (const [row, path] of this.#live.entries()) {
      const weighed = this.#rules.apply(rows.logProbabilities(row), path);
      if (!candidates.offer(weighed, path.total, row)) this.#finish(path, "constraint");
    }
    this.#live = this.#goOn(rows);
    if (this.#certain()) this.#live = [];
  }

  leading(): Draft {
    const [path] = this.#live;
    const [kept] = this.#kept;
    if (path && !(kept && kept.score >= this.#penalties.score(path))) {
      return draftOf(path, this.#penalties.score(path));
    }
    return draftOf(kept!.path, kept!.score, kept!.finished);
  }

  result(): Hypothesis[] {
    return this.#kept.map(({ path, score, finished }) => hypothesisOf(path, score, finished));
  }

  /** Finishes those of the likeliest continuations that are, and gives the others. */
  #goOn(rows: Rows): Path[] {
    const { totals, tokens, rows: sources, count } = this.#candidates;
    const { end, maxLength } = this.#rules;
    const live: Path[] = [];
    let others = 0;
    for (let rank = 0; rank < count && others < this.#beams; rank++) {
      const source = sources[rank]!;
      const token = tokens[rank]!;
      if (token === end && rank >= this.#beams) continue;
      const path = rows.extend(this.#live[source]!, source, token, totals[rank]!);
      if (token === end) {
        this.#ended++;
        this.#finish(path, "end");
        continue;
      }
      others++;
      if (path.length === maxLength) {
        this.#finish(path, "length");
        continue;
      }
      rows.goOn(live.length, token, source);
      live.push(path);
    }
    return live;
  }

  #finish(path: Path, finished: Finished): void {
    const kept = this.#kept;
    const made = { path, score: this.#penalties.score(path), finished };
    let place = kept.length;
    while (place > 0 && ranksAbove(made, kept[place - 1]!)) place--;
    kept.splice(place, 0, made);
    if (kept.length > this.#best) kept.pop();
  }

  /** Whether nothing under way can come among the best any more, or enough have ended. */
  #certain(): boolean {
    const [likeliest] = this.#live;
    if (!likeliest) return true;
    if (this.#early && this.#ended >= this.#beams) return true;
    const worst = this.#kept[this.#best - 1];
    if (!worst || worst.finished === "constraint") return false;
    return this.#penalties.bound(likeliest, this.#rules.maxLength) <= worst.score;
  }
}

function ranksAbove(a: Kept, b: Kept): boolean {
  const [stopped, other] = [a.finished === "constraint", b.finished === "constraint"];
  return stopped === other ? a.score > b.score : other;
}
