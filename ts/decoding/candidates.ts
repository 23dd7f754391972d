/** The best ways to go on, out of all tokens after all rows. */

import { requireLogProbability } from "./rows.js";

/** Keeps the greatest sums, in order; of equal ones the lower token, then the lower row. */
export class Candidates {
  readonly totals: Float64Array;
  readonly tokens: Uint32Array;
  readonly rows: Uint32Array;
  count = 0;

  /** @param most How many to keep. */
  constructor(most: number) {
    this.totals = new Float64Array(most);
    this.tokens = new Uint32Array(most);
    this.rows = new Uint32Array(most);
  }

  /** Takes in what may follow a row whose sum is `total`; says whether anything may. */
  offer(logProbabilities: Float32Array | Float64Array, total: number, row: number): boolean {
    const { totals } = this;
    const most = totals.length;
    let any = false;
    let least = this.count < most ? -Infinity : totals[most - 1]!;
    for (let token = 0; token < logProbabilities.length; token++) {
      const x = logProbabilities[token]!;
      if (x === -Infinity) continue;
      requireLogProbability(x);
      any = true;
      const sum = total + x;
      if (sum < least) continue;
      this.#insert(sum, token, row);
      if (this.count === most) least = totals[most - 1]!;
    }
    return any;
  }

  #insert(total: number, token: number, row: number): void {
    const { totals, tokens, rows } = this;
    let place = this.count;
    // Rows come in ascending order, and so do the tokens of each.
    while (
      place > 0 &&
      (totals[place - 1]! < total || (totals[place - 1] === total && tokens[place - 1]! > token))
    ) {
      place--;
    }
    if (place === totals.length) return;
    if (this.count < totals.length) this.count++;
    totals.copyWithin(place + 1, place, this.count - 1);
    tokens.copyWithin(place + 1, place, this.count - 1);
    rows.copyWithin(place + 1, place, this.count - 1);
    totals[place] = total;
    tokens[place] = token;
    rows[place] = row;
  }
}
