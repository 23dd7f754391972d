/** From sources to targets with a model of an encoder and a decoder: streams of the right size, a search, and what it finds. */
import { type DecodeOptions, type DecodingStep, decodeWaiting, decoding } from "../decoding/decode.js";
import type { Draft, Hypothesis } from "../decoding/path.js";
import { greedy } from "../decoding/sampling.js";
import { roundUp } from "../engine/address.js";
import { InputError } from "../errors.js";
import { logSoftmax } from "../layers/softmax.js";
import { othersOf } from "./inputs.js";
import type { Model } from "./model.js";
import { TurnTaking } from "./pause.js";
import { beginShared, stepShared } from "./shared-stream.js";
import { type Others, Stream } from "./stream.js";

export interface TranslatorOptions extends Omit<DecodeOptions, "start" | "maxLength" | "prefix" | "numbers"> {
  /** The token with which every target begins; it is no part of the results. */
  readonly start: number;
  /** The token after which a target is over. */
  readonly end: number;
  /** How many tokens a target has at most, or a function of how many its source has; default twice as many and ten. */
  readonly maxLength?: number | ((source: number) => number);
  /** How many sources are decoded together; default 32. */
  readonly batch?: number;
}

/** Sources that are decoded together: the size of their stream, what it reads, and how. */
interface Together {
  readonly size: string;
  readonly rows: number;
  readonly room: number;
  readonly others: Others;
  readonly options: DecodeOptions;
}

/** Streams that are kept for sources of other lengths. */
const KEPT = 4;

/** Positions of the source by which streams differ. */
const ROOM = 8;

/**
 * Translates with a model of two inputs whose last layer gives logits: `encoderDecoder(...)` and `dense(size)`. The streams it
 * needs are made once and kept; `close` gives their memory back. InputError for a model of one input.
 */
export function translator(model: Model, options: TranslatorOptions): Translator {
  return new Translator(model, options);
}

export class Translator {
  readonly #model: Model;
  readonly #options: TranslatorOptions;
  readonly #source: string;
  readonly #batch: number;
  /** Those that nothing is being decoded with, by their size; the one used last is the last. */
  readonly #streams = new Map<string, Stream>();

  /** @internal */
  constructor(model: Model, options: TranslatorOptions) {
    const { batch = 32 } = options;
    const others = othersOf(model.network.input);
    if (others.length !== 1) {
      throw new InputError({
        where: "translator",
        expected: "a model of two inputs, the target and its source",
        got: others.length === 0 ? "a model of one" : `${others.length + 1} inputs`,
      });
    }
    if (!(Number.isInteger(batch) && batch >= 1)) {
      throw new InputError({
        where: "translator.batch",
        expected: "a whole number from 1",
        got: String(batch),
      });
    }
    this.#model = model;
    this.#options = options;
    this.#source = others[0]![0];
    this.#batch = batch;
  }

  /**
   * What the search finds for each source, the best first. Sources may be of any length, also 0; those of about the same length
   * are decoded together, on all threads where that pays, and others may work between two steps. InputError for tokens that the model does not know.
   */
  async translate(
    sources: readonly ArrayLike<number>[],
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<Hypothesis[][]> {
    const { engine } = this.#model.network;
    const turns = new TurnTaking(signal);
    const order = sources.map((_, index) => index).sort((a, b) => sources[a]!.length - sources[b]!.length);
    const found: Hypothesis[][] = [];
    for (let from = 0; from < order.length; from += this.#batch) {
      const chosen = order.slice(from, from + this.#batch);
      const together = this.#together(
        chosen.map((index) => sources[index]!),
        chosen,
      );
      let stream = this.#take(together.size);
      try {
        if (stream) await beginShared(stream, engine, together.others);
        else stream = this.#make(together);
        const own = stream;
        const step = (tokens: Uint32Array) => stepShared(own, engine, tokens);
        const all = await decodeWaiting(own, together.options, { step, between: turns.take });
        for (const [place, index] of chosen.entries()) {
          found[index] = all[place]!.map((hypothesis) => trimmed(hypothesis, sources[index]!.length));
        }
      } finally {
        if (stream) this.#keep(together.size, stream);
      }
    }
    return found;
  }

  /** Translates one source, step by step, so that a page can draw what there is: leaving the loop leaves the rest undone. */
  *translating(source: ArrayLike<number>): Generator<DecodingStep, Hypothesis[][], undefined> {
    const together = this.#together([source], [0]);
    let stream = this.#take(together.size);
    try {
      if (stream) stream.begin(together.others);
      else stream = this.#make(together);
      const steps = decoding(stream, together.options);
      for (;;) {
        const { done, value } = steps.next();
        if (done) return value.map((found) => found.map((each) => trimmed(each, source.length)));
        const { step, leading } = value;
        yield { step, leading: (sentence) => trimmed(leading(sentence), source.length) };
      }
    } finally {
      if (stream) this.#keep(together.size, stream);
    }
  }

  /** Gives the memory of all streams back to the model. */
  close(): void {
    for (const stream of this.#streams.values()) stream.close();
    this.#streams.clear();
  }

  /** Sources that are decoded together. `places`: theirs among all. */
  #together(sources: readonly ArrayLike<number>[], places: readonly number[]): Together {
    const { maxLength = (source) => 2 * source + 10, search = greedy() } = this.#options;
    let sentences = 1;
    while (sentences < sources.length) sentences *= 2; // the rest are passed over
    const longest = Math.max(1, ...sources.map(({ length }) => length));
    const rows = Array.from({ length: sentences * search.rows }, (_, row) => {
      const source = sources[Math.floor(row / search.rows)] ?? [];
      return Array.from({ length: longest }, (_, i) => source[i] ?? 0);
    });
    const lengths = rows.map((_, row) => sources[Math.floor(row / search.rows)]?.length ?? 0);
    const limits = Array.from({ length: sentences }, (_, index) => {
      const source = sources[index];
      if (!source) return 0;
      return typeof maxLength === "number" ? maxLength : maxLength(source.length);
    });
    const numbers = limits.map((_, index) => places[index] ?? 0);
    const room = roundUp(longest, ROOM);
    return {
      size: `${rows.length}x${room}`,
      rows: rows.length,
      room,
      others: { others: { [this.#source]: rows }, lengths: { [this.#source]: lengths } },
      options: { ...this.#options, search, maxLength: limits, numbers },
    };
  }

  #make({ rows, room, others }: Together): Stream {
    const options = { rows, ...others, room: { [this.#source]: room }, after: logSoftmax() };
    return new Stream(this.#model.network, options);
  }

  /** A stream of this size that is free; nobody else has it until it is kept again. */
  #take(size: string): Stream | undefined {
    const free = this.#streams.get(size);
    this.#streams.delete(size);
    return free;
  }

  /** Keeps a stream for the next of its size, and gives up what was used longest ago. */
  #keep(size: string, stream: Stream): void {
    this.#take(size)?.close();
    this.#streams.set(size, stream);
    for (const [oldest, free] of this.#streams) {
      if (this.#streams.size <= KEPT) break;
      free.close();
      this.#streams.delete(oldest);
    }
  }
}

/** Without what lies past the end of the source. */
function trimmed<D extends Draft>(draft: D, source: number): D {
  const { attention } = draft;
  return attention ? { ...draft, attention: attention.map((row) => row.subarray(0, source)) } : draft;
}
