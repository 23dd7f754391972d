/** A strict reader of the JSON in a safetensors header, in linear time: it refuses what JSON.parse lets pass. */

import { FormatError } from "../errors.js";
import { lengthInUtf8 } from "./utf8.js";

/** A place in the text. Each method reads one value there and moves past it, or throws FormatError. */
export interface JsonHeader {
  /** Calls `each`, which must read the value, after each key; no key may come twice. */
  object(each: (key: string) => void): void;
  /** Whole numbers that float64 can tell apart, `most` of them at most. */
  integers(most: number): number[];
  string(): string;
  /** Nothing but spaces is left. */
  end(): void;
}

// Of the JSON grammar: no fraction, no exponent, no -0.
const integer = /0|-?[1-9][0-9]*/y;
const space = /[ \t\n\r]*/y;
const padding = / */y;
const loneSurrogate = /\p{Surrogate}/u;

/** Reads `text`, whose first byte is at `offset` in its file. */
export function jsonHeader(text: string, offset: number): JsonHeader {
  let place = 0;

  function fail(expected: string, got = excerpt()): never {
    const before = lengthInUtf8(text.slice(0, place));
    throw new FormatError({ where: `safetensors.header at byte ${offset + before}`, expected, got });
  }

  function excerpt(): string {
    const point = text.codePointAt(place);
    return point === undefined ? "the end of the header" : JSON.stringify(String.fromCodePoint(point));
  }

  function skip(pattern: RegExp): string | undefined {
    pattern.lastIndex = place;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) place += found.length;
    return found;
  }

  function next(mark: string): boolean {
    skip(space);
    if (text[place] !== mark) return false;
    place++;
    return true;
  }

  function list(open: string, close: string, each: () => void): void {
    if (!next(open)) fail(`"${open}"`);
    if (next(close)) return;
    do each();
    while (next(","));
    if (!next(close)) fail(`"," or "${close}"`);
  }

  function string(): string {
    skip(space);
    if (text[place] !== '"') fail("a string");
    let close = place + 1;
    while (close < text.length && text[close] !== '"') close += text[close] === "\\" ? 2 : 1;
    let value: string;
    try {
      value = JSON.parse(text.slice(place, close + 1));
    } catch {
      return fail("a string of valid JSON");
    }
    if (loneSurrogate.test(value)) fail("a string of whole Unicode characters", "half of a surrogate pair");
    place = close + 1;
    return value;
  }

  return {
    string,
    object(each) {
      const keys = new Set<string>();
      list("{", "}", () => {
        const key = string();
        if (keys.has(key)) fail("every key once", `${JSON.stringify(key.slice(0, 80))} again`);
        keys.add(key);
        if (!next(":")) fail('":"');
        each(key);
      });
    },
    integers(most) {
      const values: number[] = [];
      list("[", "]", () => {
        skip(space);
        if (values.length === most) fail(`at most ${most} numbers`, "more");
        const start = place;
        const value = Number(skip(integer) ?? fail("a whole number"));
        if (!Number.isSafeInteger(value)) {
          place = start;
          fail("a whole number between -2^53 and 2^53", `${value}`);
        }
        values.push(value);
      });
      return values;
    },
    end() {
      skip(padding);
      if (place < text.length) fail("only spaces after the header's object");
    },
  };
}
