/** A model run one step at a time, its state staying in place: the same plan as a batch, for one step. */
import { InputError } from "../errors.js";
import { addressOf, type Place, place } from "../graph/span.js";
import type { Network, Program } from "./network.js";

export interface StreamOptions {
  /** How many sequences are stepped together; default 1. */
  readonly rows?: number;
}

/** All that a stream remembers of one sequence; it can be copied, sent and stored as it is. */
export interface StreamState {
  /** Whether the sequence has yet to begin. */
  readonly fresh: boolean;
  readonly values: Float32Array;
}

/** One running sequence, or several that are stepped together. Steps are synchronous and allocate nothing. */
export class Stream {
  readonly #network: Network;
  readonly #program: Program;
  readonly #rows: number;
  readonly #output: Float32Array;
  readonly #fresh: Place;
  #memory: Float32Array | undefined;
  /** The output row by row, where it lies in the engine's memory. */
  #results: readonly Float32Array[] = [];
  #closed = false;

  constructor(network: Network, { rows = 1 }: StreamOptions = {}) {
    if (!(Number.isInteger(rows) && rows >= 1 && rows <= 65536)) {
      throw new InputError({
        where: "stream.rows",
        expected: "a whole number from 1 to 65536",
        got: String(rows),
      });
    }
    this.#network = network;
    this.#rows = rows;
    this.#program = network.program({ batch: rows, steps: 1 });
    this.#output = new Float32Array(rows * network.width);
    this.#fresh = place(this.#program.graph.fresh);
    const { wholeSequences } = this.#program.graph;
    if (wholeSequences !== undefined) {
      this.#program.plan.release();
      throw new InputError({
        where: "stream",
        expected: "layers that go from the first step to the last",
        got: `${wholeSequences}, which needs whole sequences`,
        hint: "use predict",
      });
    }
    this.reset();
  }

  /** How many sequences are stepped together. */
  get rows(): number {
    return this.#rows;
  }

  /**
   * Takes one step of every sequence. Input: a token, or the numbers of a step; for several rows a token each, or their numbers
   * row after row. Gives the output rows one after another, in an array that the next step writes again. InputError for a
   * token outside the vocabulary or rows of another width; the state is then unchanged.
   */
  step(input: number | ArrayLike<number>): Float32Array {
    if (this.#closed) this.#refuseClosed("step");
    const { engine } = this.#network;
    const { plan, input: value, output } = this.#program;
    if (value.kind === "tokens") this.#writeTokens(input);
    else this.#writeNumbers(input);
    plan.forward();
    plan.carry();
    const fresh = addressOf(this.#fresh) / 4;
    for (let row = 0; row < this.#rows; row++) engine.words[fresh + row] = 0;
    if (engine.floats !== this.#memory) this.#findResults(); // only when memory has grown since the last step
    for (let row = 0; row < this.#rows; row++) this.#output.set(this.#results[row]!, row * output.width);
    return this.#output;
  }

  /** Goes back to the beginning, in one row or in all: the next step starts from the initial states. */
  reset(row?: number): void {
    if (row !== undefined) this.#requireRow("reset", row);
    const at = addressOf(this.#fresh) / 4;
    const { words } = this.#network.engine;
    words.fill(1, at + (row ?? 0), row === undefined ? at + this.#rows : at + row + 1);
  }

  /** A copy of what is remembered of a sequence. */
  save(row = 0): StreamState {
    this.#requireRow("save", row);
    const { engine } = this.#network;
    const values = new Float32Array(this.#stateLength());
    this.#eachState(row, (state, at) => values.set(state, at));
    return { fresh: engine.words[addressOf(this.#fresh) / 4 + row] !== 0, values };
  }

  /**
   * Goes on from what was saved of a sequence of the same model, in this stream or in another, in whatever row. InputError,
   * and no change, for the state of another model.
   */
  restore({ fresh, values }: StreamState, row = 0): void {
    this.#requireRow("restore", row);
    const length = this.#stateLength();
    if (!(values instanceof Float32Array) || values.length !== length) {
      throw new InputError({
        where: "stream.restore",
        expected: `a state of ${length} numbers`,
        got: values instanceof Float32Array ? `one of ${values.length}` : String(values),
        hint: "a state fits the model that it was saved from",
      });
    }
    this.#eachState(row, (state, at) => state.set(values.subarray(at, at + state.length)));
    this.#network.engine.words[addressOf(this.#fresh) / 4 + row] = fresh ? 1 : 0;
  }

  /** Another stream that goes on from here. */
  clone(): Stream {
    if (this.#closed) this.#refuseClosed("clone");
    const made = new Stream(this.#network, { rows: this.#rows });
    for (let row = 0; row < this.#rows; row++) made.restore(this.save(row), row);
    return made;
  }

  /** Gives the stream's memory back to the model. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#program.plan.release();
  }

  #findResults(): void {
    const { floats } = this.#network.engine;
    const { place, width, stride } = this.#program.output;
    const at = addressOf(place) / 4;
    this.#memory = floats;
    this.#results = Array.from({ length: this.#rows }, (_, row) =>
      floats.subarray(at + row * stride, at + row * stride + width),
    );
  }

  #writeTokens(input: number | ArrayLike<number>): void {
    const { words } = this.#network.engine;
    const { place, width } = this.#program.input;
    const at = addressOf(place) / 4;
    const rows = this.#rows;
    if (typeof input === "number" ? rows !== 1 : input?.length !== rows) this.#refuse(input);
    for (let row = 0; row < rows; row++) {
      const token = typeof input === "number" ? input : input[row]!;
      if (!(token >= 0 && token < width && Number.isInteger(token))) this.#refuse(token);
    }
    for (let row = 0; row < rows; row++) words[at + row] = typeof input === "number" ? input : input[row]!;
  }

  #writeNumbers(input: number | ArrayLike<number>): void {
    const { floats } = this.#network.engine;
    const { place, width, stride } = this.#program.input;
    const at = addressOf(place) / 4;
    if (typeof input === "number" || input?.length !== this.#rows * width) this.#refuse(input);
    else if (this.#rows === 1) floats.set(input, at);
    else {
      for (let row = 0, from = 0; row < this.#rows; row++) {
        for (let i = 0; i < width; i++) floats[at + row * stride + i] = input[from++]!;
      }
    }
  }

  /** Calls with the numbers of each state of a row, and where they begin among those of all. */
  #eachState(row: number, use: (state: Float32Array, at: number) => void): void {
    let at = 0;
    for (const { first, count } of this.#program.graph.states) {
      const length = count / this.#rows;
      const from = addressOf(first) / 4 + row * length;
      use(this.#network.engine.floats.subarray(from, from + length), at);
      at += length;
    }
  }

  #stateLength(): number {
    return this.#program.graph.states.reduce((sum, { count }) => sum + count / this.#rows, 0);
  }

  #requireRow(method: string, row: number): void {
    if (this.#closed) this.#refuseClosed(method);
    if (!(Number.isInteger(row) && row >= 0 && row < this.#rows)) {
      throw new InputError({
        where: `stream.${method}`,
        expected: `a row from 0 to ${this.#rows - 1}`,
        got: String(row),
      });
    }
  }

  #refuseClosed(method: string): never {
    throw new InputError({ where: `stream.${method}`, expected: "an open stream", got: "a closed one" });
  }

  #refuse(input: number | ArrayLike<number>): never {
    const { kind, width } = this.#network.input;
    const rows = this.#rows;
    const token = `token${rows === 1 ? "" : "s"} from 0 to ${width - 1}`;
    const numbers = rows === 1 ? `a row of ${width} numbers` : `${rows} rows of ${width} numbers`;
    throw new InputError({
      where: "stream.step",
      expected: kind === "features" ? numbers : rows === 1 ? `a ${token}` : `${rows} ${token}`,
      got: typeof input === "number" ? String(input) : `${input?.length} numbers`,
    });
  }
}
