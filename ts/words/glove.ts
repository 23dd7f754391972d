/** Word vectors from how often words are seen together: GloVe (Pennington, Socher & Manning 2014). */

import { type Address, LINE, roundUp } from "../engine/address.js";
import { InputError } from "../errors.js";
import { requireOptions } from "../layers/layer.js";
import { log, power } from "../numeric.js";
import { random, requireSeed } from "../random.js";
import { type Cooccurrences, cooccurrences } from "./cooccurrence.js";
import type { Corpus } from "./corpus.js";
import { createWordEngine, type MemoryOptions, type WordEngine } from "./engine.js";
import {
  passes,
  requirePositive,
  requireWhole,
  type WordProgress,
  type WordTrainOptions,
} from "./training.js";
import { WordVectors } from "./vectors.js";
import type { Kernels } from "./words.gen.js";

export interface GloveOptions extends MemoryOptions {
  /** Numbers of a vector; default 100. */
  readonly width?: number;
  /** How far apart words are seen together, 1 to 1000; default 10. */
  readonly window?: number;
  /** Pairs seen more often than this count as much as those seen so often (x max); default 100. */
  readonly enough?: number;
  /** Pairs seen x times less often count x to this power (alpha); default 0.75. */
  readonly exponent?: number;
  /** Rate of AdaGrad; default 0.05. */
  readonly rate?: number;
  /** Any safe integer from 0; default 0. */
  readonly seed?: number;
}

/** Pairs to a batch. */
const BATCH = 20_000;

/** Counts which words a corpus has together and prepares the training. InputError for options that cannot be. */
export async function glove(corpus: Corpus, options: GloveOptions = {}): Promise<Glove> {
  const { width = 100, window = 10, enough = 100, exponent = 0.75, rate = 0.05, seed = 0 } = options;
  requireOptions("glove", options, ["width", "window", "enough", "exponent", "rate", "seed", "memory"]);
  requireWhole("glove.width", width, 1, 65536);
  requireWhole("glove.window", window, 1, 1000);
  requirePositive("glove.enough", enough);
  requirePositive("glove.exponent", exponent, 1);
  requirePositive("glove.rate", rate, 1);
  requireSeed("glove.seed", seed);
  const pairs = cooccurrences(corpus, window);
  if (pairs.counts.length === 0) {
    throw new InputError({
      where: "glove.corpus",
      expected: "sentences of at least two words",
      got: `${corpus.ids.length} words, none beside another`,
    });
  }
  const engine = await createWordEngine(options);
  return new Glove(engine, corpus.vocabulary.symbols, pairs, { width, enough, exponent, rate, seed });
}

type Settings = Required<Omit<GloveOptions, "memory" | "window">>;

/** A training of word vectors, which can be gone on with, looked at and left at any time. */
export class Glove {
  readonly #engine: WordEngine;
  readonly #words: readonly string[];
  readonly #settings: Settings;
  readonly #count: number;
  readonly #operands: Omit<Kernels["glove"]["operands"], "from" | "to">;

  constructor(engine: WordEngine, words: readonly string[], pairs: Cooccurrences, settings: Settings) {
    const { width, rate, seed } = settings;
    this.#engine = engine;
    this.#words = words;
    this.#settings = settings;
    this.#count = pairs.counts.length;
    const stride = roundUp(roundUp(width, 4) + 1, LINE); // the bias is behind the numbers
    const rows = words.length * stride;
    const room = (floats: number) => engine.allocate(floats * 4, `GloVe of ${words.length} words`).address;
    this.#operands = {
      pairs: room(4 * this.#count),
      w: room(rows),
      c: room(rows),
      wSums: room(rows),
      cSums: room(rows),
      width,
      stride,
      rate,
    };
    const { w, c, wSums, cSums } = this.#operands;
    for (const sums of [wSums, cSums]) engine.view(sums, rows).fill(1);
    const source = random(seed);
    for (const table of [w, c]) {
      for (let row = 0; row < words.length; row++) {
        const numbers = engine.view((table + row * stride * 4) as Address, width);
        for (let i = 0; i < width; i++) numbers[i] = (source.bits() / 0x100000000 - 0.5) / width;
      }
    }
    this.#write(pairs);
  }

  /** Trains, yielding after every batch of 20,000 pairs; `break` or an abort signal ends it. */
  train(options: WordTrainOptions = {}): AsyncGenerator<WordProgress, void, void> {
    const ends = Array.from({ length: Math.ceil(this.#count / BATCH) }, (_, batch) =>
      Math.min((batch + 1) * BATCH, this.#count),
    );
    return passes("glove", ends, options, (batch) => {
      const [from, to] = [batch * BATCH, ends[batch]!];
      const loss = this.#engine.call("glove", { ...this.#operands, from, to }) / (to - from);
      return { loss, rate: this.#settings.rate };
    });
  }

  /** Trains to the end and gives the vectors. */
  async fit(options: WordTrainOptions = {}): Promise<WordVectors> {
    for await (const _ of this.train(options));
    return this.vectors();
  }

  /** Copies of the vectors as they are now: of each word the sum of both that it has, as in the paper. */
  vectors(): WordVectors {
    const engine = this.#engine;
    const { w, c, stride } = this.#operands;
    const made = new WordVectors(engine, this.#words, this.#settings.width);
    made.fill((row, to) => {
      const at = row * stride;
      for (let i = 0; i < to.length; i++)
        to[i] = engine.floats[w / 4 + at + i]! + engine.floats[c / 4 + at + i]!;
    });
    return made;
  }

  /** Pairs in random order, each with ln x and its weight. */
  #write({ words, contexts, counts }: Cooccurrences): void {
    const { enough, exponent, seed } = this.#settings;
    const order = new Uint32Array(this.#count).map((_, i) => i);
    const source = random(seed, 1);
    for (let i = order.length - 1; i > 0; i--) {
      const j = source.integer(i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    const { floats, words: memory } = this.#engine;
    let at = this.#operands.pairs / 4;
    for (const pair of order) {
      const count = counts[pair]!;
      memory[at] = words[pair]!;
      memory[at + 1] = contexts[pair]!;
      floats[at + 2] = log(count);
      floats[at + 3] = count < enough ? power(count / enough, exponent) : 1;
      at += 4;
    }
  }
}
