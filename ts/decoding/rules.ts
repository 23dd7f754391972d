/** What may follow a hypothesis, whatever the search: lengths, a forced beginning, repetitions, and rules of the user's own. */

import { InputError } from "../errors.js";
import { type Path, tokensOf } from "./path.js";

/** The tokens that may follow `tokens`, which the sentence of that number has so far; the end among them, if it may. Undefined: all. */
export type Constraint = (tokens: readonly number[], sentence: number) => Iterable<number> | undefined;

export interface RuleOptions {
  /** The token after which a sentence is over; default none: all become as long as they may. */
  readonly end?: number;
  /**
   * How many tokens a sentence has at most, without the end: a number, or one for each sentence. One that may have none is passed
   * over: nobody asks what follows it.
   */
  readonly maxLength: number | ArrayLike<number>;
  /** How many tokens a sentence has at least, unless it may not have as many; default 0. */
  readonly minLength?: number;
  /** How all sentences begin, or each of them; no other rule concerns these tokens, whose probability counts. */
  readonly prefix?: readonly number[] | readonly (readonly number[])[];
  /** Multiplies the log-probability of tokens that the sentence already has: above 1 there are fewer of them; default 1. */
  readonly repetition?: number;
  /** No sequence of so many tokens comes twice (Paulus et al. 2018); default 0: any may. */
  readonly noRepeat?: number;
  /**
   * A vocabulary, a grammar. Where it allows nothing that the other rules and the model allow too, the hypothesis stops: it
   * is `finished: "constraint"`, and ranks below all that are finished otherwise.
   */
  readonly constraint?: Constraint;
}

/** The rules of one sentence. */
export class Rules {
  readonly end: number | undefined;
  readonly maxLength: number;
  readonly #minLength: number;
  readonly #prefix: readonly number[];
  readonly #repetition: number;
  readonly #noRepeat: number;
  readonly #constraint: Constraint | undefined;
  readonly #number: number;
  readonly #changed: Float32Array | Float64Array;

  /**
   * @param number The constraint's name for the sentence.
   * @param changed Room for the log-probabilities of a row, which sentences may share.
   */
  constructor(options: RuleOptions, sentence: number, number: number, changed: Float32Array | Float64Array) {
    const { end, maxLength, minLength = 0, prefix = [], repetition = 1, noRepeat = 0, constraint } = options;
    const width = changed.length;
    const [longest, least, most] =
      typeof maxLength === "number" ? [maxLength, 1, maxLength] : [maxLength[sentence]!, 0];
    if (end !== undefined) requireWhole("end", end, 0, width - 1);
    requireWhole("maxLength", longest, least);
    requireWhole("minLength", minLength, 0, most);
    requireWhole("noRepeat", noRepeat, 0);
    if (!(repetition > 0 && repetition < Infinity))
      throw refused("repetition", "a number above 0", repetition);
    const beginning = prefixOf(prefix, sentence);
    if (beginning.length > longest) throw refused("prefix", `at most ${longest} tokens`, beginning.length);
    for (const token of beginning) {
      requireWhole("prefix", token, 0, width - 1);
      if (token === end) throw refused("prefix", "tokens other than the end", token);
    }
    this.end = end;
    this.maxLength = longest;
    this.#minLength = end === undefined ? 0 : minLength;
    this.#prefix = beginning;
    this.#repetition = repetition;
    this.#noRepeat = noRepeat;
    this.#constraint = constraint;
    this.#number = number;
    this.#changed = changed;
  }

  /** The log-probabilities of what follows `path` as the rules leave them, valid until the next call: `row` itself if they do. */
  apply(row: Float32Array, path: Path): Float32Array | Float64Array {
    const changed = this.#changed;
    if (path.length < this.#prefix.length) {
      const token = this.#prefix[path.length]!;
      changed.fill(-Infinity);
      changed[token] = row[token]!;
      return changed;
    }
    const short = path.length < this.#minLength;
    const repeating = this.#repetition !== 1 || this.#noRepeat > 0;
    if (!short && !repeating && !this.#constraint) return row;
    const tokens = repeating || this.#constraint ? tokensOf(path) : [];
    this.#allow(row, this.#constraint?.(tokens, this.#number));
    if (this.#repetition !== 1) {
      for (const token of tokens) {
        if (changed[token]! > -Infinity) changed[token] = row[token]! * this.#repetition;
      }
    }
    if (this.#noRepeat > 0) this.#forbidRepeated(tokens);
    if (short) changed[this.end!] = -Infinity;
    return changed;
  }

  #allow(row: Float32Array, allowed: Iterable<number> | undefined): void {
    const changed = this.#changed;
    if (!allowed) {
      changed.set(row);
      return;
    }
    changed.fill(-Infinity);
    for (const token of allowed) {
      requireWhole("constraint", token, 0, changed.length - 1);
      changed[token] = row[token]!;
    }
  }

  /** Forbids what once followed the last tokens, one fewer than may not come twice. */
  #forbidRepeated(tokens: readonly number[]): void {
    const context = this.#noRepeat - 1;
    const last = tokens.length - context;
    for (let from = 0; from < last; from++) {
      let same = 0;
      while (same < context && tokens[from + same] === tokens[last + same]) same++;
      if (same === context) this.#changed[tokens[from + context]!] = -Infinity;
    }
  }
}

function prefixOf(prefix: NonNullable<RuleOptions["prefix"]>, sentence: number): readonly number[] {
  const each = prefix.filter((part) => typeof part !== "number");
  return each.length > 0 ? (each[sentence] ?? []) : (prefix as readonly number[]);
}

export function requireWhole(option: string, value: number, least: number, most = Infinity): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  throw refused(option, `a whole number from ${least}${most === Infinity ? "" : ` to ${most}`}`, value);
}

export function refused(option: string, expected: string, got: unknown, hint?: string): InputError {
  return new InputError({ where: `decode.${option}`, expected, got: String(got), hint });
}
