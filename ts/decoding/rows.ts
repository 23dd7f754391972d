/** A decoder in the middle of its work, and the rows of it that one sentence has. */

import type { Decoder } from "./decoder.js";
import type { Path } from "./path.js";
import { refused } from "./rules.js";

/** A decoder with what its next step takes. */
export class Steps {
  readonly #decoder: Decoder;
  readonly #tokens: Uint32Array;
  readonly #from: Uint32Array;
  #moved = false;
  #rows: readonly Float32Array[] = [];
  #attention: readonly Float32Array[] | undefined;

  /** @param tokens The first of each row. */
  constructor(decoder: Decoder, tokens: Uint32Array) {
    this.#decoder = decoder;
    this.#tokens = tokens;
    this.#from = tokens.map((_, row) => row);
  }

  /** Until then what the last step gave can be read. */
  next(): void {
    this.#select();
    const decoder = this.#decoder;
    this.#read(decoder.stepRows?.(this.#tokens) ?? this.#parted(decoder.step(this.#tokens)));
  }

  /** The same, where the decoder's rows are waited for. */
  async nextBy(step: (tokens: Uint32Array) => Promise<readonly Float32Array[]>): Promise<void> {
    this.#select();
    this.#read(await step(this.#tokens));
  }

  #select(): void {
    if (this.#moved) this.#decoder.select(this.#from);
    this.#moved = false;
    for (let row = 0; row < this.#from.length; row++) this.#from[row] = row;
  }

  #read(rows: readonly Float32Array[]): void {
    this.#rows = rows;
    this.#attention = this.#decoder.attention?.();
  }

  logProbabilities(row: number): Float32Array {
    return this.#rows[row]!;
  }

  attention(row: number): Float32Array | undefined {
    return this.#attention?.[row].slice();
  }

  #parted(all: Float32Array): readonly Float32Array[] {
    const { rows, width } = this.#decoder;
    return Array.from({ length: rows }, (_, row) => all.subarray(row * width, (row + 1) * width));
  }

  /** The next step of a row takes `token` from the state of the row `source`. */
  goOn(row: number, token: number, source: number): void {
    this.#tokens[row] = token;
    this.#from[row] = source;
    if (source !== row) this.#moved = true;
  }
}

/** The rows of one sentence, counted from 0. */
export class Rows {
  readonly #steps: Steps;
  readonly #first: number;

  constructor(steps: Steps, first: number) {
    this.#steps = steps;
    this.#first = first;
  }

  logProbabilities(row: number): Float32Array {
    return this.#steps.logProbabilities(this.#first + row);
  }

  goOn(row: number, token: number, source = row): void {
    this.#steps.goOn(this.#first + row, token, this.#first + source);
  }

  /** The path to a token after a row; InputError if its log-probability cannot be one. */
  extend(path: Path, row: number, token: number, total: number): Path {
    const logProbability = this.logProbabilities(row)[token]!;
    requireLogProbability(logProbability);
    return {
      before: path,
      token,
      length: path.length + 1,
      logProbability: path.logProbability + logProbability,
      total,
      attention: this.#steps.attention(this.#first + row),
    };
  }
}

/** What float32 may add to the logarithm of 1. */
const rounding = 1e-3;

export function requireLogProbability(x: number): void {
  if (x <= rounding) return;
  throw refused("decoder", "log-probabilities, 0 at most", x, "fromLogits(decoder) makes them of logits");
}
