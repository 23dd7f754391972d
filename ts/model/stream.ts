/** A model run one step at a time, its state staying in place: the same plan as a batch, for one step. */
import { LINE, roundUp } from "../engine/address.js";
import { InputError } from "../errors.js";
import type { AttentionObservation } from "../graph/graph.js";
import type { Plan } from "../graph/plan.js";
import { addressOf } from "../graph/span.js";
import type { Named } from "../layers/input.js";
import type { Data } from "./data.js";
import { othersAlone } from "./inputs.js";
import type { Network } from "./network.js";
import type { Part, Program } from "./program.js";
import { type StreamState, StreamStates } from "./stream-states.js";

/** What a stream reads besides its own sequence, where a model has several inputs. */
export interface Others {
  /** Each of the other inputs by name, for every row. */
  readonly others?: Named<Data>;
  /** How many steps of each row count; default all. */
  readonly lengths?: Named<ArrayLike<number>>;
}

export interface StreamOptions extends Others {
  /** How many sequences are stepped together; default 1. */
  readonly rows?: number;
  /** For how many steps of the other inputs there is room, by name; default as many as are given. */
  readonly room?: Named<number>;
  /** What is done with the outputs besides: `logSoftmax()`, so that a search can read them. It must learn nothing. */
  readonly after?: Part;
}

/** One running sequence, or several that are stepped together. Steps are synchronous and allocate nothing. */
export class Stream {
  readonly #network: Network;
  readonly #program: Program;
  readonly #rows: number;
  /** Where in the memory's numbers a step is written. */
  readonly #at: number;
  readonly #output: Float32Array;
  readonly #states: StreamStates;
  #memory: Float32Array | undefined;
  /** The output row by row, where it lies in the engine's memory. */
  #results: readonly Float32Array[] = [];
  #closed = false;
  readonly #options: StreamOptions;
  /**
   * Of a model with attention: how much the last step of each row looked at each position of its source, on average over the
   * heads of the first layer that does so at every step.
   */
  readonly attention: (() => readonly Float32Array[]) | undefined;
  /** The other inputs as they were given. */
  #others: Others;

  constructor(network: Network, options: StreamOptions = {}) {
    const { rows = 1, room = {}, after } = options;
    if (!(Number.isInteger(rows) && rows >= 1 && rows <= 65536)) {
      throw new InputError({
        where: "stream.rows",
        expected: "a whole number from 1 to 65536",
        got: String(rows),
      });
    }
    this.#network = network;
    this.#options = options;
    this.#rows = rows;
    const given = othersAlone("stream", network.input, options, rows);
    const sizes = Object.entries(given).map(([name, { steps }]) => [
      name,
      { steps: room[name] ?? steps, ragged: true },
    ]);
    this.#program = network.program(
      { batch: rows, steps: 1, others: Object.fromEntries(sizes) },
      undefined,
      "stream",
      after,
    );
    this.#others = options;
    const { graph, input, output } = this.#program;
    this.#at = addressOf(input.place) >>> 2;
    this.#output = new Float32Array(rows * output.width);
    this.#states = new StreamStates(network.engine, graph, rows);
    const { wholeSequences, attentions } = graph;
    if (wholeSequences !== undefined) {
      this.#program.plan.release();
      throw new InputError({
        where: "stream",
        expected: "layers that go from the first step to the last",
        got: `${wholeSequences}, which needs whole sequences`,
        hint: "use predict",
      });
    }
    const looking = attentions.find(({ standing, own }) => !standing && !own);
    this.attention = looking && (() => this.#weightsOf(looking));
    try {
      this.begin(options);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** @internal What runs between the parts of a step, and before a beginning. */
  get plan(): Plan {
    return this.#program.plan;
  }

  /** How many sequences are stepped together. */
  get rows(): number {
    return this.#rows;
  }

  /** Numbers in a row of the output. */
  get width(): number {
    return this.#program.output.width;
  }

  /**
   * Takes one step of every sequence. Input: a token, or the numbers of a step; for several rows a token each, or their numbers
   * row after row. Gives the output rows one after another, in an array that the next step writes again. InputError for a
   * token outside the vocabulary, rows of another width, or a step for which a layer has no room; the state is then unchanged.
   */
  step(input: number | ArrayLike<number>): Float32Array {
    const rows = this.stepRows(input);
    for (let row = 0; row < this.#rows; row++) this.#output.set(rows[row]!, row * this.width);
    return this.#output;
  }

  /** The same with a view of each output row where it lies, which the next call on the model may change: nothing is copied. */
  stepRows(input: number | ArrayLike<number>): readonly Float32Array[] {
    this.take(input);
    this.#program.plan.forward(this.#states.fresh);
    return this.stepped();
  }

  /** @internal The step's first part, before the plan runs: writes the input, or throws before anything changes. */
  take(input: number | ArrayLike<number>): void {
    if (this.#closed) this.#refuseClosed("step");
    this.#states.requireRoom();
    if (this.#program.input.kind === "tokens") this.#writeTokens(input);
    else this.#writeNumbers(input);
  }

  /** @internal Its last part: carries the states on, and gives the output rows. */
  stepped(): readonly Float32Array[] {
    this.#program.plan.carry();
    this.#states.stepped();
    if (this.#network.engine.floats !== this.#memory) this.#findResults(); // only when memory has grown since the last step
    return this.#results;
  }

  /**
   * Begins anew in all rows with other inputs, for which there must be room: what depends on nothing else (an encoder) is
   * computed here, once, on one thread. InputError, and no change, for data that do not fit.
   */
  begin(others: Others = {}): void {
    this.give(others);
    this.#program.plan.prepare();
    this.reset();
  }

  /** @internal Writes other inputs, or throws before anything changes. */
  give(others: Others): void {
    if (this.#closed) this.#refuseClosed("begin");
    const given = othersAlone("stream.begin", this.#network.input, others, this.#rows);
    for (const [name, { steps }] of Object.entries(given)) {
      const room = this.#program.others[name]!.input.steps;
      if (steps <= room) continue;
      throw new InputError({
        where: `stream.begin.${name}`,
        expected: `at most ${room} steps, for which the stream was made`,
        got: String(steps),
      });
    }
    this.#others = others;
    this.#network.giveOthers(this.#program, given);
  }

  /** Lets each row go on from where another is: row r from where row `from[r]` was. InputError for rows that are not there. */
  select(from: ArrayLike<number>): void {
    if (from.length !== this.#rows) {
      throw new InputError({
        where: "stream.select",
        expected: `${this.#rows} rows`,
        got: String(from.length),
      });
    }
    for (let row = 0; row < this.#rows; row++) this.#requireRow("select", from[row]!);
    this.#states.select(from);
  }

  /** Goes back to the beginning, in one row or in all: the next step starts from the initial states. */
  reset(row?: number): void {
    if (row !== undefined) this.#requireRow("reset", row);
    this.#states.reset(row);
  }

  /** A copy of what is remembered of a sequence. */
  save(row = 0): StreamState {
    this.#requireRow("save", row);
    return this.#states.save(row);
  }

  /**
   * Goes on from what was saved of a sequence of the same model, in this stream or in another, in whatever row. InputError,
   * and no change, for the state of another model.
   */
  restore(state: StreamState, row = 0): void {
    this.#requireRow("restore", row);
    this.#states.restore(state, row);
  }

  /** Another stream that goes on from here. */
  clone(): Stream {
    if (this.#closed) this.#refuseClosed("clone");
    const { others } = this.#program;
    const room = Object.fromEntries(Object.entries(others).map(([name, { input }]) => [name, input.steps]));
    const made = new Stream(this.#network, { ...this.#options, ...this.#others, room });
    for (let row = 0; row < this.#rows; row++) made.restore(this.save(row), row);
    return made;
  }

  /** Gives the stream's memory back to the model. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#program.plan.release();
  }

  #weightsOf({ heads, sources, weights }: AttentionObservation): readonly Float32Array[] {
    const { floats } = this.#network.engine;
    const stride = roundUp(sources, LINE);
    const at = addressOf(weights) / 4;
    return Array.from({ length: this.#rows }, (_, row) => {
      const mean = new Float32Array(sources);
      for (let head = 0; head < heads; head++) {
        const from = at + (row * heads + head) * stride;
        for (let i = 0; i < sources; i++) mean[i]! += floats[from + i]! / heads;
      }
      return mean;
    });
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
    const { width } = this.#program.input;
    const at = this.#at;
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
    const { width, stride } = this.#program.input;
    const at = this.#at;
    if (typeof input === "number" || input?.length !== this.#rows * width) this.#refuse(input);
    else if (this.#rows === 1) floats.set(input, at);
    else {
      for (let row = 0, from = 0; row < this.#rows; row++) {
        for (let i = 0; i < width; i++) floats[at + row * stride + i] = input[from++]!;
      }
    }
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
    const { kind, width } = this.#program.input;
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
