/** Word vectors as lines of text: a word and its numbers, with spaces between them (word2vec, GloVe, fastText's .vec). */
import { FormatError } from "../errors.js";
import type { Table } from "./table.js";

const SPACE = 32;
const NEWLINE = 10;
const MINUS = 45;
const POINT = 46;
const ZERO = 48;

/** Powers of ten that float64 has exactly. */
const tens = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Takes bytes as they come and adds the words of whole lines to a table, whose width the first line gives. */
export class TextReader {
  readonly #table: Table;
  #line = 0;
  /** Where the parser is in `#bytes`. */
  #at = 0;
  #bytes: Uint8Array = new Uint8Array(0);
  #rest: Uint8Array = new Uint8Array(0);

  constructor(table: Table) {
    this.#table = table;
  }

  /** Reads all lines that end in `bytes`; what is left waits for more. */
  take(bytes: Uint8Array): void {
    const { length } = this.#rest;
    const all = length > 0 ? new Uint8Array(length + bytes.length) : bytes;
    if (length > 0) {
      all.set(this.#rest);
      all.set(bytes, length);
    }
    const end = all.lastIndexOf(NEWLINE) + 1;
    this.#read(all, end);
    this.#rest = all.slice(end);
  }

  /** Reads the last line, if no line break ends it. */
  end(): void {
    if (this.#rest.length > 0) this.take(Uint8Array.of(NEWLINE));
  }

  #read(bytes: Uint8Array, end: number): void {
    this.#bytes = bytes;
    for (let begin = 0; begin < end && !this.#table.full; ) {
      const stop = bytes.indexOf(NEWLINE, begin);
      let last = stop;
      while (last > begin && (bytes[last - 1] === SPACE || bytes[last - 1] === 13)) last--;
      if (last > begin) this.#readLine(begin, last);
      this.#line++;
      begin = stop + 1;
    }
  }

  #readLine(begin: number, end: number): void {
    const table = this.#table;
    if (this.#line === 0 && this.#readHeader(begin, end)) return;
    if (table.width === 0) table.begin(this.#count(begin, end) - 1, "line 1");
    const first = this.#bytes.indexOf(SPACE, begin);
    const row = table.row();
    if (first >= 0 && first < end && this.#numbers(first + 1, end, row)) {
      table.add(this.#text(begin, first), this.#where);
    } else this.#readSlowly(begin, end, row);
  }

  /** "words width", as word2vec writes it and GloVe does not; a line of a word and one number is taken for one too. */
  #readHeader(begin: number, end: number): boolean {
    const header = /^(\d+) (\d+)$/.exec(this.#text(begin, end));
    if (!header) return false;
    this.#table.begin(Number(header[2]), "line 1", Number(header[1]));
    return true;
  }

  /** A word with spaces in it (some published files have such), or a line that is wrong. */
  #readSlowly(begin: number, end: number, row: Float32Array): void {
    const fields = this.#text(begin, end).split(" ");
    const { width } = this.#table;
    const inWord = fields.slice(1, -width);
    if (
      fields.length < width + 1 ||
      (inWord.length > 0 && inWord.every((field) => !Number.isNaN(decimal(field))))
    ) {
      throw new FormatError({
        where: this.#where,
        expected: `a word and ${width} numbers`,
        got: `${fields.length - 1} numbers`,
      });
    }
    const numbers = fields.slice(-width);
    for (const [i, field] of numbers.entries()) {
      row[i] = decimal(field);
      if (Number.isNaN(row[i])) {
        throw new FormatError({ where: this.#where, expected: "finite numbers", got: JSON.stringify(field) });
      }
    }
    this.#table.add(fields.slice(0, -width).join(" "), this.#where);
  }

  /** Reads plain decimal numbers to the end of the line; false if it holds anything else. */
  #numbers(from: number, end: number, row: Float32Array): boolean {
    this.#at = from;
    for (let i = 0; i < row.length; i++) {
      const value = this.#number(end);
      if (Number.isNaN(value)) return false;
      row[i] = value;
    }
    return this.#at > end;
  }

  /** The number at the place and goes behind the space that ends it; NaN for anything but digits, a sign and a point. */
  #number(end: number): number {
    const bytes = this.#bytes;
    const start = this.#at;
    const negative = bytes[start] === MINUS;
    let at = negative ? start + 1 : start;
    let mantissa = 0;
    let digits = 0;
    let fraction = -1;
    for (; at < end; at++) {
      const byte = bytes[at]!;
      if (byte >= ZERO && byte <= ZERO + 9) {
        mantissa = mantissa * 10 + (byte - ZERO);
        digits++;
      } else if (byte === POINT && fraction < 0) fraction = digits;
      else break;
    }
    if (digits === 0 || (at < end && bytes[at] !== SPACE)) return this.#unusual(start, end);
    const places = fraction < 0 ? 0 : digits - fraction;
    if (digits > 15) return this.#unusual(start, end); // the mantissa may be inexact
    this.#at = at + 1;
    const value = mantissa / tens[places]!;
    return negative ? -value : value;
  }

  /** A number in other words: with an exponent, or of many digits. */
  #unusual(start: number, end: number): number {
    const space = this.#bytes.indexOf(SPACE, start);
    const stop = space >= 0 && space < end ? space : end;
    this.#at = stop + 1;
    return decimal(this.#text(start, stop));
  }

  #count(begin: number, end: number): number {
    let fields = 1;
    for (let i = begin; i < end; i++) if (this.#bytes[i] === SPACE) fields++;
    return fields;
  }

  #text(begin: number, end: number): string {
    try {
      return decoder.decode(this.#bytes.subarray(begin, end));
    } catch (cause) {
      throw new FormatError({ where: this.#where, expected: "UTF-8", got: "bytes that are not", cause });
    }
  }

  get #where(): string {
    return `word vectors, line ${this.#line + 1}`;
  }
}

/** A decimal number that float32 can hold; NaN for anything else. */
function decimal(text: string): number {
  const value = /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(text) ? Number(text) : NaN;
  return Number.isFinite(Math.fround(value)) ? value : NaN;
}
