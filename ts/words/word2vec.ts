/** Word vectors from the words around each word: word2vec, and fastText with subwords. */

import { type Address, LINE, roundUp } from "../engine/address.js";
import type { Threading } from "../engine/engine.js";
import { InputError } from "../errors.js";
import { requireOptions } from "../layers/layer.js";
import { requireSeed } from "../random.js";
import type { Corpus } from "./corpus.js";
import { huffmanPaths, keepThresholds, negativeTable } from "./draws.js";
import { createWordEngine, type MemoryOptions, type WordEngine } from "./engine.js";
import { bags, bucketsOf, type SubwordOptions, subwordSettings } from "./subwords.js";
import {
  passes,
  requirePositive,
  requireWhole,
  type WordProgress,
  type WordTrainOptions,
} from "./training.js";
import { WordVectors } from "./vectors.js";
import type { Kernels } from "./words.gen.js";

export interface Word2vecOptions extends MemoryOptions {
  /** `skipGram`: a word tells those around it; `cbow`: those around it tell the word. Default `skipGram`. */
  readonly method?: "skipGram" | "cbow";
  /** Numbers of a vector; default 100. */
  readonly width?: number;
  /** Words on each side at most: how far one looks is drawn anew for every word; 1 to 32, default 5. */
  readonly window?: number;
  /** Words drawn against each word, 1 to 63; 0 for a hierarchical softmax over a Huffman tree. Default 5. */
  readonly negatives?: number;
  /** Words more frequent than this share of all are left out at random; 0 for none. Default 0.001. */
  readonly sample?: number;
  /** Learning rate at the start, falling to 0 in a line; default 0.025, for `cbow` 0.05. */
  readonly rate?: number;
  /** Vectors are the means of those of a word and its runs of letters, so that unknown words have one too (fastText). */
  readonly subwords?: SubwordOptions;
  /** Any safe integer from 0; default 0. */
  readonly seed?: number;
  /**
   * How many threads learn at once. With more than one they change the same vectors without waiting for each other (Hogwild;
   * Recht et al. 2011): faster, and as good, but a seed no longer gives the same bits. Default 1.
   */
  readonly threads?: number;
}

const known = [
  "method",
  "width",
  "window",
  "negatives",
  "sample",
  "rate",
  "subwords",
  "seed",
  "memory",
  "threads",
];

/** Words to a batch, about. */
const BATCH = 10_000;
/** Random numbers of no epoch. */
const FIRST_VALUES = 0xffffffff;

/** Prepares the training of word vectors on a corpus. InputError for options that cannot be. */
export async function word2vec(corpus: Corpus, options: Word2vecOptions = {}): Promise<Word2vec> {
  const { method = "skipGram", width = 100, window = 5, negatives = 5, sample = 1e-3, seed = 0 } = options;
  const { rate = method === "cbow" ? 0.05 : 0.025 } = options;
  const subwords = options.subwords && subwordSettings("word2vec.subwords", options.subwords);
  requireOptions("word2vec", options, known);
  if (method !== "skipGram" && method !== "cbow") {
    throw new InputError({ where: "word2vec.method", expected: '"skipGram" or "cbow"', got: String(method) });
  }
  requireWhole("word2vec.width", width, 1, 65536);
  requireWhole("word2vec.window", window, 1, 32);
  requireWhole("word2vec.negatives", negatives, 0, 63);
  if (sample !== 0) requirePositive("word2vec.sample", sample, 1);
  requirePositive("word2vec.rate", rate, 1);
  requireSeed("word2vec.seed", seed);
  if (corpus.ids.length === 0) {
    throw new InputError({ where: "word2vec.corpus", expected: "words", got: "an empty corpus" });
  }
  const engine = await createWordEngine(options);
  return new Word2vec(engine, corpus, { method, width, window, negatives, sample, rate, subwords, seed });
}

interface Settings extends Required<Omit<Word2vecOptions, "memory" | "threads" | "subwords">> {
  readonly subwords: Required<SubwordOptions> | undefined;
}

/** A training of word vectors, which can be gone on with, looked at and left at any time. */
export class Word2vec {
  readonly #engine: WordEngine;
  readonly #corpus: Corpus;
  readonly #settings: Settings;
  readonly #bags: { starts: Uint32Array; rows: Uint32Array } | undefined;
  readonly #stride: number;
  readonly #inputs: Address;
  readonly #operands: Omit<Kernels["word2vec"]["operands"], "rate" | "epoch" | "from" | "to">;
  /** Bytes of scratch of a thread. */
  readonly #scratch: number;
  #epochs = 0;

  constructor(engine: WordEngine, corpus: Corpus, settings: Settings) {
    const { method, width, window, negatives, sample, subwords, seed } = settings;
    const { vocabulary, counts, ids, starts } = corpus;
    const size = vocabulary.size;
    this.#engine = engine;
    this.#corpus = corpus;
    this.#settings = settings;
    this.#stride = roundUp(width, LINE);
    this.#bags = subwords && bags(vocabulary.symbols, subwords);
    const rows = size + (subwords?.buckets ?? 0);
    const room = (bytes: number) => engine.allocate(bytes, `word2vec of ${size} words`).address;
    const put = (words: Uint32Array | undefined) => {
      if (!words) return 0 as Address;
      const address = room(words.byteLength);
      engine.words.set(words, address / 4);
      return address;
    };
    this.#inputs = room(rows * this.#stride * 4);
    const longest = starts.reduce((most, start, i) => Math.max(most, start - starts[Math.max(0, i - 1)]!), 0);
    this.#scratch = roundUp(engine.call("scratchBytes", { stride: this.#stride, longest }), 64);
    const paths = negatives === 0 ? huffmanPaths(counts) : undefined;
    const key = { key0: seed >>> 0, key1: Math.floor(seed / 0x100000000) };
    this.#operands = {
      words: put(ids),
      starts: put(starts),
      bagStarts: put(this.#bags?.starts),
      bagRows: put(this.#bags?.rows),
      keep: put(sample > 0 ? keepThresholds(counts, sample) : undefined),
      alias: put(negatives > 0 ? negativeTable(counts) : undefined),
      entries: size,
      negatives,
      pathStarts: put(paths?.starts),
      pathNodes: put(paths?.nodes),
      inputTable: this.#inputs,
      outputTable: room(size * this.#stride * 4),
      scratch: room(engine.threads.count * this.#scratch),
      width,
      stride: this.#stride,
      window,
      cbow: method === "cbow" ? 1 : 0,
      ...key,
    };
    this.#draw(rows, key);
  }

  /** Trains, yielding after every batch of about 10,000 words; `break` or an abort signal ends it. */
  train(options: WordTrainOptions = {}): AsyncGenerator<WordProgress, void, void> {
    const { starts } = this.#corpus;
    const begins = [0];
    for (let sentence = 1; sentence < starts.length - 1; sentence++) {
      if (starts[sentence]! - starts[begins.at(-1)!]! >= BATCH) begins.push(sentence);
    }
    const ends = [...begins.slice(1), starts.length - 1];
    const first = this.#epochs;
    return passes(
      "word2vec",
      ends.map((end) => starts[end]!),
      options,
      async (batch, epoch, fraction) => {
        this.#epochs = first + epoch + 1;
        const rate = this.#settings.rate * Math.max(1e-4, 1 - fraction);
        return { loss: await this.#learn(begins[batch]!, ends[batch]!, first + epoch, rate), rate };
      },
    );
  }

  /** Trains to the end and gives the vectors. */
  async fit(options: WordTrainOptions = {}): Promise<WordVectors> {
    for await (const _ of this.train(options));
    return this.vectors();
  }

  /** Copies of the vectors as they are now. */
  vectors(): WordVectors {
    const { symbols } = this.#corpus.vocabulary;
    const made = new WordVectors(this.#engine, symbols, this.#settings.width);
    made.fill((row, to) => this.#mean(this.#bagOf(row), to));
    return made;
  }

  /** The vector of a word. With subwords, a word that is not in the corpus has one too; without, it is an InputError. */
  vector(word: string): Float32Array {
    const { vocabulary } = this.#corpus;
    const { subwords, width } = this.#settings;
    const vector = new Float32Array(width);
    const parts =
      subwords && !vocabulary.has(word)
        ? bucketsOf(word, subwords).map((bucket) => vocabulary.size + bucket)
        : [];
    this.#mean(parts.length > 0 ? parts : this.#bagOf(vocabulary.id(word)), vector);
    return vector;
  }

  /** How many threads learn, and why no more where the host grants only one. */
  get threads(): Threading {
    return this.#engine.threads;
  }

  /** Stops the threads, if there are several, now and not only when nobody can reach them any more. */
  close(): Promise<void> {
    return this.#engine.close();
  }

  /** The mean loss of sentences [from, to), which it learns; 0 if nothing was to be learned, for lack of neighbours. */
  async #learn(from: number, to: number, epoch: number, rate: number): Promise<number> {
    const engine = this.#engine;
    const { starts } = this.#corpus;
    const { negatives, width, window } = this.#settings;
    const totals = () =>
      Array.from({ length: engine.threads.count }, (_, thread) => {
        const { buffer, byteOffset } = engine.view(this.#operands.scratch, 0);
        return new Float64Array(buffer, byteOffset + thread * this.#scratch, 2);
      });
    for (const each of totals()) each.fill(0);
    const operands = { ...this.#operands, rate, epoch, from, to };
    const own = { operand: "scratch", bytes: this.#scratch };
    const work = 3 * (starts[to]! - starts[from]!) * window * (1 + negatives) * width;
    const shared = engine.share([{ kernel: "word2vec", operands, own, work }]);
    try {
      if (!(await shared?.run())) engine.call("word2vec", operands);
    } finally {
      shared?.release();
    }
    const [loss, terms] = [0, 1].map((k) => totals().reduce((sum, each) => sum + each[k]!, 0));
    return terms! > 0 ? loss! / terms! : 0;
  }

  /** Evenly in ±1/2 by the width, the outputs zero: as the authors' program begins. */
  #draw(rows: number, key: { key0: number; key1: number }): void {
    const engine = this.#engine;
    const count = rows * this.#stride;
    engine.call("randomWords", { words: this.#inputs, count, stream: FIRST_VALUES, ...key });
    const { width } = this.#settings;
    const at = this.#inputs / 4;
    for (let row = 0; row < rows; row++) {
      const words = engine.words.subarray(at + row * this.#stride, at + (row + 1) * this.#stride);
      const floats = engine.floats.subarray(at + row * this.#stride, at + (row + 1) * this.#stride);
      for (let i = 0; i < width; i++) floats[i] = (words[i]! / 0x100000000 - 0.5) / width;
      floats.fill(0, width);
    }
  }

  #bagOf(word: number): ArrayLike<number> {
    return this.#bags
      ? this.#bags.rows.subarray(this.#bags.starts[word], this.#bags.starts[word + 1])
      : [word];
  }

  /** to = the mean of some rows of the inputs. */
  #mean(rows: ArrayLike<number>, to: Float32Array): void {
    for (let i = 0; i < to.length; i++) {
      let sum = 0;
      for (let r = 0; r < rows.length; r++)
        sum += this.#engine.floats[this.#inputs / 4 + rows[r]! * this.#stride + i]!;
      to[i] = sum / rows.length;
    }
  }
}
