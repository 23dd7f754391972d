/** The plans of a network for the sizes that come along: made once for each size, the least recently used given up. */
import { InputError } from "../errors.js";
import type { Loss } from "./losses.js";
import type { Network } from "./network.js";
import type { Program, Size, Use } from "./program.js";

const KEPT = 4;

export class Programs {
  readonly loss: Loss | undefined;
  readonly #network: Network;
  readonly #use: Use;
  readonly #programs = new Map<string, Program>();
  #last: { readonly size: Size; readonly program: Program } | undefined;

  constructor(network: Network, loss?: Loss, use: Use = "evaluate") {
    this.loss = loss;
    this.#network = network;
    this.#use = use;
  }

  /** The program for this size; it must be the one that was asked for last if rows of the batch `continue`. */
  of(size: Size, continues: boolean, where: string): Program {
    const { batch, steps, ragged = false, advance = steps, labels = 0, others = {} } = size;
    const besides = Object.values(others).map(({ steps, ragged }) => `${steps}${ragged ? " ragged" : ""}`);
    const key = `${batch}x${[steps, ...besides].join(",")}${ragged ? " ragged" : ""} ${advance} ${labels}`;
    let program = this.#programs.get(key);
    if (continues && (!program || program !== this.#last?.program)) {
      const last = this.#last?.program.input;
      throw new InputError({
        where,
        expected: last
          ? `${last.batch} rows of ${last.steps} steps, to continue the batch before`
          : "a first batch that does not continue another",
        got: `${batch} rows of ${steps} steps`,
      });
    }
    if (program) {
      this.#programs.delete(key);
    } else {
      for (const [oldest, { plan }] of this.#programs) {
        if (this.#programs.size < KEPT) break;
        plan.release();
        this.#programs.delete(oldest);
      }
      program = this.#network.program(size, this.loss, this.#use);
    }
    this.#programs.set(key, program);
    this.#last = { size, program };
    return program;
  }

  /** The one that was asked for last, whose states the next may continue from. */
  get last(): { readonly size: Size; readonly program: Program } | undefined {
    return this.#last;
  }

  /** Gives all memory back. */
  release(): void {
    for (const { plan } of this.#programs.values()) plan.release();
    this.#programs.clear();
    this.#last = undefined;
  }
}
