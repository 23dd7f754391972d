/** Words with a vector each: how alike they are, and which are nearest. */

import { type Tensor, tensor } from "../data/tensor.js";
import { type Address, roundUp } from "../engine/address.js";
import type { Block } from "../engine/heap.js";
import { InputError } from "../errors.js";
import { suggestion } from "../text/spelling.js";
import type { Vocabulary } from "../text/vocabulary.js";
import { createWordEngine, type MemoryOptions, type WordEngine } from "./engine.js";

/** A word and how alike it is to what was asked for: a cosine, or the score of an analogy. */
export interface Neighbour {
  readonly word: string;
  readonly score: number;
}

export interface NearestOptions {
  /** How many; default 10. */
  readonly most?: number;
  /** Words that are left out, besides those asked for. */
  readonly except?: readonly string[];
}

export interface AnalogyOptions extends NearestOptions {
  /** `add`: 3CosAdd (Mikolov, Yih & Zweig 2013); `multiply`: 3CosMul (Levy & Goldberg 2014). Default `add`. */
  readonly method?: "add" | "multiply";
}

/** A word, or numbers that stand for one. */
export type Query = string | ArrayLike<number>;

/** Vectors [words, width], finite, for distinct words. InputError for anything else. */
export async function wordVectors(
  words: readonly string[],
  vectors: Tensor,
  options: MemoryOptions = {},
): Promise<WordVectors> {
  const [rows, width = 0] = vectors.shape;
  if (vectors.shape.length !== 2 || rows !== words.length || rows === 0 || width === 0) {
    throw new InputError({
      where: "wordVectors",
      expected: `a vector for each of ${words.length} words`,
      got: `the shape [${vectors.shape}]`,
    });
  }
  const made = new WordVectors(await createWordEngine(options), words, width);
  made.fill((row, to) => to.set(vectors.data.subarray(row * width, (row + 1) * width)));
  return made;
}

/** Words and their vectors in the memory of an engine. */
export class WordVectors {
  readonly words: readonly string[];
  /** Numbers of a vector. */
  readonly width: number;
  readonly #engine: WordEngine;
  readonly #ids = new Map<string, number>();
  readonly #stride: number;
  readonly #table: Address;
  /** The inverse norms of the vectors, 0 for a vector of zeros. */
  readonly #scales: Address;
  readonly #query: Address;
  readonly #scores: Address;
  readonly #blocks: Block[] = [];

  /** Zeros, until `fill`. EngineError where the memory of the engine does not suffice. */
  constructor(engine: WordEngine, words: readonly string[], width: number) {
    for (const [id, word] of words.entries()) {
      if (this.#ids.has(word)) {
        throw new InputError({
          where: `wordVectors.words[${id}]`,
          expected: "every word once",
          got: `${JSON.stringify(word)}, which is also at ${this.#ids.get(word)}`,
        });
      }
      this.#ids.set(word, id);
    }
    this.#engine = engine;
    this.words = words;
    this.width = width;
    this.#stride = roundUp(width, 4); // no wider: looking at all words is reading all memory
    const floats = (count: number) => {
      const block = engine.allocate(count * 4, `vectors of ${words.length} words`);
      this.#blocks.push(block);
      return block.address;
    };
    this.#table = floats(words.length * this.#stride);
    this.#scales = floats(words.length);
    this.#query = floats(this.#stride);
    this.#scores = floats(words.length);
  }

  /** Writes all vectors anew. InputError for a number that is not finite. */
  fill(write: (row: number, to: Float32Array) => void): void {
    const scales = this.#engine.view(this.#scales, this.words.length);
    for (const row of this.words.keys()) {
      const to = this.#row(row);
      write(row, to);
      const norm = normOf(to);
      if (!Number.isFinite(norm)) {
        throw new InputError({
          where: `the vector of ${JSON.stringify(this.words[row])}`,
          expected: "finite numbers",
          got: String(to.find((value) => !Number.isFinite(value))),
        });
      }
      scales[row] = norm > 0 ? 1 / norm : 0;
    }
  }

  has(word: string): boolean {
    return this.#ids.has(word);
  }

  /** A copy of the vector of a word. InputError for an unknown one, with words that are spelled like it. */
  vector(word: string): Float32Array {
    return this.#row(this.#id(word)).slice();
  }

  /** Copies of the vectors of these words, by default of all, [words, width]: for an embedding, a map or groups. */
  tensor(words: readonly string[] = this.words): Tensor {
    const data = new Float32Array(words.length * this.width);
    for (const [i, word] of words.entries()) data.set(this.#row(this.#id(word)), i * this.width);
    return tensor(data, [words.length, this.width]);
  }

  /**
   * Vectors for an embedding of these symbols, [symbols, width]: those of the words among them, and for all others, such as
   * one for unknown words, the mean of these.
   */
  embedding({ symbols }: Pick<Vocabulary, "symbols">): Tensor {
    const data = new Float32Array(symbols.length * this.width);
    const known = symbols.map((symbol) => this.has(symbol));
    const { data: rows } = this.tensor(symbols.filter((_, i) => known[i]));
    const mean = new Float64Array(this.width);
    for (const [i, value] of rows.entries()) mean[i % this.width]! += value / (rows.length / this.width);
    let next = 0;
    for (const [i, isKnown] of known.entries()) {
      data.set(isKnown ? rows.subarray(next, next + this.width) : mean, i * this.width);
      if (isKnown) next += this.width;
    }
    return tensor(data, [symbols.length, this.width]);
  }

  /** The cosine of the angle between two words or vectors; 0 if one of them is zero. */
  cosine(a: Query, b: Query): number {
    return cosine(this.#numbers(a), this.#numbers(b));
  }

  /** The words whose vectors have the greatest cosine, the greatest first, by looking at all of them. */
  nearest(query: Query, { most = 10, except = [] }: NearestOptions = {}): Neighbour[] {
    const own = typeof query === "string" ? [query] : [];
    return this.#best(this.#cosines(this.#numbers(query)), most, [...own, ...except]);
  }

  /** What is to c as b is to a: `analogy("boy", "girl", "king")` looks for the queen. The three are left out. */
  analogy(a: string, b: string, c: string, options: AnalogyOptions = {}): Neighbour[] {
    const { method = "add", most = 10, except = [] } = options;
    const [x, y, z] = [a, b, c].map((word) => unit(this.vector(word)));
    if (method === "add") {
      const goal = z!.map((value, i) => value - x![i]! + y![i]!);
      return this.#best(this.#cosines(goal), most, [a, b, c, ...except]);
    }
    // Cosines are moved to [0, 1], so that a product of two negative ones is not great.
    const [near, also] = [this.#cosines(y!).slice(), this.#cosines(z!).slice()];
    const far = this.#cosines(x!);
    const scores = far.map((cosine, i) => ((near[i]! + 1) * (also[i]! + 1)) / 4 / ((cosine + 1) / 2 + 0.001));
    return this.#best(scores, most, [a, b, c, ...except]);
  }

  /** The word that is least like the others: the least cosine with the mean of their unit vectors. */
  outlier(words: readonly string[]): string {
    if (words.length < 3) {
      throw new InputError({ where: "outlier", expected: "at least three words", got: `${words.length}` });
    }
    const vectors = words.map((word) => unit(this.vector(word)));
    const scores = vectors.map((vector, i) => {
      const others = vector.map((_, k) =>
        vectors.reduce((sum, other, j) => sum + (j === i ? 0 : other[k]!), 0),
      );
      return cosine(vector, others);
    });
    return words[scores.indexOf(Math.min(...scores))]!;
  }

  /** Gives the memory back; the vectors cannot be used any longer. */
  close(): void {
    for (const block of this.#blocks.splice(0)) this.#engine.release(block);
  }

  #id(word: string): number {
    const id = this.#ids.get(word);
    if (id !== undefined) return id;
    throw new InputError({
      where: "word vectors",
      expected: `one of their ${this.words.length} words`,
      got: JSON.stringify(word),
      hint: suggestion(word, this.words),
    });
  }

  #row(id: number): Float32Array {
    this.#requireOpen();
    return this.#engine.view((this.#table + id * this.#stride * 4) as Address, this.width);
  }

  #requireOpen(): void {
    if (this.#blocks.length > 0) return;
    throw new InputError({ where: "word vectors", expected: "open ones", got: "closed ones" });
  }

  #numbers(query: Query): ArrayLike<number> {
    if (typeof query === "string") return this.#row(this.#id(query));
    if (query.length !== this.width || !Array.from(query).every(Number.isFinite)) {
      throw new InputError({
        where: "word vectors",
        expected: `a word or ${this.width} finite numbers`,
        got: `${query.length} numbers`,
      });
    }
    return query;
  }

  /** The cosines of a vector with all words, where the next ones will be written. */
  #cosines(vector: ArrayLike<number>): Float32Array {
    this.#requireOpen();
    const engine = this.#engine;
    const count = this.words.length;
    engine.view(this.#query, this.width).set(unit(vector));
    engine.call("similarities", {
      query: this.#query,
      table: this.#table,
      scales: this.#scales,
      scores: this.#scores,
      width: this.width,
      stride: this.#stride,
      from: 0,
      to: count,
    });
    return engine.view(this.#scores, count);
  }

  /** The words of the greatest scores; of equal ones those that come first. */
  #best(scores: Float32Array, most: number, except: readonly string[]): Neighbour[] {
    const left = new Set(except.map((word) => this.#ids.get(word)));
    const best: number[] = [];
    let least = most > 0 ? -Infinity : Infinity;
    for (let id = 0; id < scores.length; id++) {
      const score = scores[id]!;
      if (!(score > least) || left.has(id)) continue;
      let place = Math.min(best.length, most - 1);
      for (; place > 0 && score > scores[best[place - 1]!]!; place--) best[place] = best[place - 1]!;
      best[place] = id;
      if (best.length === most) least = scores[best[most - 1]!]!;
    }
    return best.map((id) => ({ word: this.words[id]!, score: scores[id]! }));
  }
}

/** The cosine of the angle between two vectors of equal length; 0 if one of them is zero. */
export function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) {
    throw new InputError({ where: "cosine", expected: `${a.length} numbers`, got: `${b.length}` });
  }
  const norms = normOf(a) * normOf(b);
  if (norms === 0) return 0;
  let dot = 0;
  for (let i = 0; i < a.length; i++) dot += a[i]! * b[i]!;
  return Math.max(-1, Math.min(1, dot / norms));
}

function normOf(vector: ArrayLike<number>): number {
  let square = 0;
  for (let i = 0; i < vector.length; i++) square += vector[i]! * vector[i]!;
  return Math.sqrt(square);
}

/** The vector with norm 1; one of zeros as it is. */
export function unit(vector: ArrayLike<number>): Float32Array {
  const norm = normOf(vector);
  return Float32Array.from(vector, (value) => (norm > 0 ? value / norm : 0));
}
