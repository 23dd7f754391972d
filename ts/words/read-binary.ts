/** Word vectors as word2vec's binary files have them: a line "words width", then each word, a space and its float32s. */
import { FormatError } from "../errors.js";
import type { Table } from "./table.js";

const SPACE = 32;
const NEWLINE = 10;
/** Bytes of a word or of the header, at most. */
const LONGEST = 4096;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Takes bytes as they come and adds whole words to a table. */
export class BinaryReader {
  readonly #table: Table;
  #rest: Uint8Array = new Uint8Array(0);
  #offset = 0;

  constructor(table: Table) {
    this.#table = table;
  }

  take(bytes: Uint8Array): void {
    const all = new Uint8Array(this.#rest.length + bytes.length);
    all.set(this.#rest);
    all.set(bytes, this.#rest.length);
    let at = this.#table.width === 0 ? this.#readHeader(all) : 0;
    while (at >= 0 && !this.#table.full) {
      const next = this.#readWord(all, at);
      if (next < 0) break;
      at = next;
    }
    this.#offset += Math.max(at, 0);
    this.#rest = all.slice(Math.max(at, 0));
  }

  end(): void {
    const rest = this.#rest.filter((byte) => byte !== NEWLINE).length;
    if (this.#table.width === 0 || (rest > 0 && !this.#table.full)) {
      throw new FormatError({
        where: this.#where(0),
        expected: this.#table.width === 0 ? 'a line "words width"' : "a whole word and its numbers",
        got: "the end of the file",
      });
    }
  }

  /** Gives the place behind the header, or -1 if it is not there yet. */
  #readHeader(bytes: Uint8Array): number {
    const end = bytes.indexOf(NEWLINE);
    if (end < 0 && bytes.length < LONGEST) return -1;
    const header = /^(\d+) (\d+)$/.exec(this.#text(bytes, 0, Math.max(0, Math.min(end, LONGEST))));
    if (!header) {
      throw new FormatError({
        where: this.#where(0),
        expected: 'a line "words width"',
        got: "something else",
        hint: 'is it a text file? Then give format "text"',
      });
    }
    this.#table.begin(Number(header[2]), "the header", Number(header[1]));
    return end + 1;
  }

  /** Gives the place behind a word, or -1 if it is not there as a whole. */
  #readWord(bytes: Uint8Array, from: number): number {
    let start = from;
    while (bytes[start] === NEWLINE) start++; // after the numbers of the word before, in some files
    const space = bytes.indexOf(SPACE, start);
    if (space < 0 && bytes.length - start > LONGEST) {
      throw new FormatError({
        where: this.#where(start),
        expected: `a word of at most ${LONGEST} bytes`,
        got: "a longer one",
      });
    }
    const end = space + 1 + 4 * this.#table.width;
    if (space < 0 || end > bytes.length) return -1;
    const row = this.#table.row();
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    for (let i = 0; i < row.length; i++) {
      row[i] = view.getFloat32(space + 1 + 4 * i, true);
      if (!Number.isFinite(row[i])) {
        throw new FormatError({
          where: this.#where(space + 1 + 4 * i),
          expected: "finite numbers",
          got: String(row[i]),
        });
      }
    }
    this.#table.add(this.#text(bytes, start, space), this.#where(start));
    return end;
  }

  #text(bytes: Uint8Array, begin: number, end: number): string {
    try {
      return decoder.decode(bytes.subarray(begin, end));
    } catch (cause) {
      throw new FormatError({
        where: this.#where(begin),
        expected: "UTF-8",
        got: "bytes that are not",
        cause,
      });
    }
  }

  #where(at: number): string {
    return `word vectors, byte ${this.#offset + at}`;
  }
}
