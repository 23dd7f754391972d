/** Words and vectors that come one after another, nobody knows how many. */
import { EngineError, FormatError } from "../errors.js";

/** Rows that are allocated at a time. */
const BLOCK = 16_384;

export class Table {
  readonly words: string[] = [];
  /** Numbers of a vector; 0 until `begin`. */
  width = 0;
  readonly #most: number;
  readonly #bytes: number;
  readonly #blocks: Float32Array[] = [];
  readonly #seen = new Set<string>();
  #promised: number | undefined;
  #read = 0;

  /** Keeps the first `most` words, and at most `bytes` of numbers. */
  constructor(most: number, bytes: number) {
    this.#most = most;
    this.#bytes = bytes;
  }

  /** Whether no more words are wanted. */
  get full(): boolean {
    return this.words.length >= this.#most;
  }

  /** Sets the width and, where it is known, how many words come. */
  begin(width: number, where: string, words?: number): void {
    if (!(width >= 1 && width <= 65536) || words === 0) {
      throw new FormatError({
        where: `word vectors, ${where}`,
        expected: "at least one word, of 1 to 65536 numbers",
        got: words === undefined ? `a word and ${width} numbers` : `${words} words of ${width} numbers`,
      });
    }
    this.width = width;
    this.#promised = words;
    this.#require(Math.min(words ?? 1, this.#most));
  }

  /** Where to write the numbers of the next word. */
  row(): Float32Array {
    const row = this.words.length;
    if (row % BLOCK === 0 && this.#blocks.length === row / BLOCK) {
      this.#require(row + 1);
      this.#blocks.push(new Float32Array(BLOCK * this.width));
    }
    const from = (row % BLOCK) * this.width;
    return this.#blocks.at(-1)!.subarray(from, from + this.width);
  }

  /** Keeps the row with its word; a word that was there before is left out, for published files repeat some. */
  add(word: string, where: string): void {
    if (word === "") throw new FormatError({ where, expected: "a word", got: "none before the numbers" });
    this.#read++;
    if (this.#seen.has(word)) return;
    this.#seen.add(word);
    this.words.push(word);
  }

  /** Copies a vector. */
  copy(row: number, to: Float32Array): void {
    const from = (row % BLOCK) * this.width;
    to.set(this.#blocks[Math.floor(row / BLOCK)]!.subarray(from, from + this.width));
  }

  /** FormatError unless there are as many words as were promised. */
  end(): void {
    const promised = this.#promised ?? this.#read;
    if (this.words.length === 0 || (this.#read !== promised && !this.full)) {
      throw new FormatError({
        where: "word vectors",
        expected: promised > 0 ? `${promised} words, as the file's first line says` : "at least one word",
        got: `${this.#read}`,
      });
    }
  }

  #require(rows: number): void {
    if (rows * this.width * 4 <= this.#bytes) return;
    throw new EngineError({
      where: "word vectors",
      expected: `at most ${Math.floor(this.#bytes / 1048576)} MiB`,
      got: `${rows} words or more, of ${this.width} numbers`,
      hint: "read fewer words by options.most, or raise options.memory",
    });
  }
}
