/** Search in the plainest way: all hypotheses there are, and beam search that sorts everything and never stops early. */
import type { Finished } from "../../ts/decoding/path.js";
import type { PenaltyOptions } from "../../ts/decoding/penalties.js";
import { following, lookedAt, type MachineOptions } from "./machine.js";

export interface PlainRules {
  readonly end: number;
  readonly maxLength: number;
  readonly minLength?: number;
  readonly prefix?: readonly number[];
  readonly repetition?: number;
  readonly noRepeat?: number;
  readonly constraint?: (tokens: readonly number[]) => readonly number[] | undefined;
}

export interface Found {
  readonly tokens: readonly number[];
  readonly logProbability: number;
  readonly total: number;
  readonly finished: Finished;
  readonly score: number;
}

interface Growing {
  /** With the end, if it ended. */
  readonly tokens: readonly number[];
  readonly logProbability: number;
  readonly total: number;
}

const start = 0;

/** What a token costs after others, by the rules; -Infinity if it may not come. */
function weigh(tokens: readonly number[], token: number, log: number, rules: PlainRules): number {
  const { end, minLength = 0, prefix = [], repetition = 1, noRepeat = 0, constraint } = rules;
  if (tokens.length < prefix.length) return token === prefix[tokens.length] ? log : -Infinity;
  if (token === end && tokens.length < minLength) return -Infinity;
  const allowed = constraint?.(tokens);
  if (allowed && !allowed.includes(token)) return -Infinity;
  if (noRepeat > 0) {
    const grams = (list: readonly number[]) =>
      list.map((_, i) => list.slice(i, i + noRepeat)).filter((g) => g.length === noRepeat);
    const seen = grams(tokens).map((gram) => gram.join());
    const made = grams([...tokens, token]).at(-1);
    if (made && seen.includes(made.join())) return -Infinity;
  }
  return tokens.includes(token) ? log * repetition : log;
}

function scoreOf(growing: Growing, seed: number, options: MachineOptions, penalties: PenaltyOptions): number {
  const { lengthPenalty = 0, lengthPenaltyForm = "power", coveragePenalty = 0 } = penalties;
  const n = Math.max(1, growing.tokens.length);
  const divisor =
    lengthPenaltyForm === "wu" ? ((5 + growing.tokens.length) / 6) ** lengthPenalty : n ** lengthPenalty;
  let covered = 0;
  if (coveragePenalty > 0) {
    const steps = growing.tokens.map((_, i) =>
      lookedAt(seed, [start, ...growing.tokens.slice(0, i)], options.source!),
    );
    const sums = Array.from(steps[0] ?? [], (_, j) => steps.reduce((sum, weights) => sum + weights[j], 0));
    covered = sums.reduce((sum, x) => sum + Math.log(Math.min(1, Math.max(1e-6, x))), 0);
  }
  return growing.total / divisor + coveragePenalty * covered;
}

function grow(growing: Growing, seed: number, options: MachineOptions, rules: PlainRules): Growing[] {
  const { tokens, logProbability, total } = growing;
  const logs = following(seed, [start, ...tokens], options);
  return Array.from(logs, (log, token) => ({
    tokens: [...tokens, token],
    logProbability: logProbability + log,
    total: total + weigh(tokens, token, log, rules),
  })).filter(({ total }) => total > -Infinity);
}

function finish(
  growing: Growing,
  finished: Finished,
  seed: number,
  options: MachineOptions,
  penalties: PenaltyOptions,
): Found {
  const { tokens, logProbability, total } = growing;
  const score = scoreOf(growing, seed, options, penalties);
  return {
    tokens: finished === "end" ? tokens.slice(0, -1) : tokens,
    logProbability,
    total,
    finished,
    score,
  };
}

function ranked(found: readonly Found[]): Found[] {
  const dead = ({ finished }: Found) => Number(finished === "constraint");
  return found.toSorted((a, b) => dead(a) - dead(b) || b.score - a.score);
}

/** The beams of a search that goes on to the end, however sure it may be; of as many as there can be: all hypotheses. */
export function plainSearch(
  seed: number,
  beams: number,
  options: MachineOptions,
  rules: PlainRules,
  penalties: PenaltyOptions = {},
): Found[] {
  const found: Found[] = [];
  const add = (growing: Growing, finished: Finished) =>
    found.push(finish(growing, finished, seed, options, penalties));
  let live: Growing[] = [{ tokens: [], logProbability: 0, total: 0 }];
  while (live.length > 0) {
    const grown = live.map((growing) => grow(growing, seed, options, rules));
    for (const [row, growing] of live.entries()) if (grown[row].length === 0) add(growing, "constraint");
    const all = grown
      .flatMap((list, row) => list.map((growing) => ({ growing, row, token: growing.tokens.at(-1)! })))
      .toSorted((a, b) => b.growing.total - a.growing.total || a.token - b.token || a.row - b.row);
    const others = all.filter(({ token }) => token !== rules.end).slice(0, beams);
    live = [];
    for (const [rank, one] of all.entries()) {
      const { growing, token } = one;
      if (token === rules.end && rank < beams) add(growing, "end");
      if (!others.includes(one)) continue;
      if (growing.tokens.length === rules.maxLength) add(growing, "length");
      else live.push(growing);
    }
  }
  return ranked(found);
}

/** All hypotheses there are, found without any beam. */
export function allHypotheses(
  seed: number,
  options: MachineOptions,
  rules: PlainRules,
  penalties: PenaltyOptions = {},
): Found[] {
  const walk = (growing: Growing): Found[] => {
    if (growing.tokens.at(-1) === rules.end) return [finish(growing, "end", seed, options, penalties)];
    if (growing.tokens.length === rules.maxLength)
      return [finish(growing, "length", seed, options, penalties)];
    const grown = grow(growing, seed, options, rules);
    if (grown.length === 0) return [finish(growing, "constraint", seed, options, penalties)];
    return grown.flatMap(walk);
  };
  return ranked(walk({ tokens: [], logProbability: 0, total: 0 }));
}
