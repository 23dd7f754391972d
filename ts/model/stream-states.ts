/** What a stream remembers: the states of its rows, where they lie in the engine's memory. */
import type { Engine } from "../engine/engine.js";
import { InputError } from "../errors.js";
import type { Graph } from "../graph/graph.js";
import { addressOf, place } from "../graph/span.js";

/** All that a stream remembers of one sequence; it can be copied, sent and stored as it is. */
export interface StreamState {
  /** Whether the sequence has yet to begin. */
  readonly fresh: boolean;
  /** How many steps it has taken since its beginning. */
  readonly steps: number;
  readonly values: Float32Array;
}

export class StreamStates {
  readonly #engine: Engine;
  readonly #graph: Graph;
  readonly #rows: number;
  /** Numbers in the states of a row. */
  readonly #length: number;
  /** Where in the memory's words it says which rows are at their beginning. */
  readonly #flags: number;
  /** Whether it may say so of one. */
  #fresh = true;
  /** How many steps each row has taken since its beginning. */
  readonly #taken: Uint32Array;
  /** The states of all rows, while rows are chosen. */
  #chosen: readonly StreamState[] | undefined;

  constructor(engine: Engine, graph: Graph, rows: number) {
    this.#engine = engine;
    this.#graph = graph;
    this.#rows = rows;
    this.#flags = addressOf(place(graph.fresh)) >>> 2;
    this.#taken = new Uint32Array(rows);
    this.#length = graph.states.reduce((sum, { count }) => sum + count / rows, 0);
  }

  /** Whether a row may be at its beginning. */
  get fresh(): boolean {
    return this.#fresh;
  }

  /** Throws if a layer has no room for another step of some row. */
  requireRoom(): void {
    const { longest } = this.#graph;
    for (let row = 0; row < this.#rows; row++) {
      if (this.#taken[row]! < longest) continue;
      throw new InputError({
        where: `stream.step row ${row}`,
        expected: `at most ${longest} steps from its beginning`,
        got: "one more",
        hint: "reset the row, or make the layers with more room (`longest`)",
      });
    }
  }

  /** Every row has taken a step: none is at its beginning any more. */
  stepped(): void {
    if (this.#fresh) this.#engine.words.fill(0, this.#flags, this.#flags + this.#rows);
    this.#fresh = false;
    for (let row = 0; row < this.#rows; row++) this.#taken[row]!++;
  }

  /** Back to the beginning, in one row or in all. */
  reset(row?: number): void {
    const from = this.#flags + (row ?? 0);
    this.#engine.words.fill(1, from, row === undefined ? from + this.#rows : from + 1);
    this.#taken.fill(0, row ?? 0, row === undefined ? this.#rows : row + 1);
    this.#fresh = true;
  }

  save(row: number): StreamState {
    const values = new Float32Array(this.#length);
    this.#read(row, values);
    return { fresh: this.#engine.words[this.#flags + row] !== 0, steps: this.#taken[row]!, values };
  }

  /** InputError, and no change, for the state of another model. */
  restore({ fresh, steps, values }: StreamState, row: number): void {
    if (!(values instanceof Float32Array) || values.length !== this.#length || !Number.isInteger(steps)) {
      throw new InputError({
        where: "stream.restore",
        expected: `a state of ${this.#length} numbers`,
        got: values instanceof Float32Array ? `one of ${values.length}` : String(values),
        hint: "a state fits the model that it was saved from",
      });
    }
    this.#write(row, values);
    this.#engine.words[this.#flags + row] = fresh ? 1 : 0;
    this.#fresh ||= fresh;
    this.#taken[row] = steps;
  }

  /** Row r goes on from where row `from[r]` was. */
  select(from: ArrayLike<number>): void {
    const { words } = this.#engine;
    this.#chosen ??= Array.from({ length: this.#rows }, (_, row) => this.save(row));
    const kept = this.#chosen as { fresh: boolean; steps: number; readonly values: Float32Array }[];
    for (let row = 0; row < this.#rows; row++) {
      kept[row]!.fresh = words[this.#flags + row] !== 0;
      kept[row]!.steps = this.#taken[row]!;
      this.#read(row, kept[row]!.values);
    }
    for (let row = 0; row < this.#rows; row++) {
      if (from[row] !== row) this.restore(kept[from[row]!]!, row);
    }
  }

  #read(row: number, values: Float32Array): void {
    const { floats } = this.#engine;
    let at = 0;
    for (const { first, count } of this.#graph.states) {
      const length = count / this.#rows;
      const from = addressOf(first) / 4 + row * length;
      for (let i = 0; i < length; i++) values[at++] = floats[from + i]!;
    }
  }

  #write(row: number, values: Float32Array): void {
    const { floats } = this.#engine;
    let at = 0;
    for (const { first, count } of this.#graph.states) {
      const length = count / this.#rows;
      const to = addressOf(first) / 4 + row * length;
      for (let i = 0; i < length; i++) floats[to + i] = values[at++]!;
    }
  }
}
