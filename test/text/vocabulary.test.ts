/** Text becomes ids and comes back unchanged, whatever is in it. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../../ts/errors.js";
import { vocabulary, vocabularyOf } from "../../ts/text/vocabulary.js";

/** Every string there is, lone surrogates included. */
const anyString = fc.string({ unit: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)), minLength: 1 });
const mixedString = fc.string({
  unit: fc.constantFrom("a", "é", "😀", "\ud83d", "\ude00", "\u0000"),
  minLength: 1,
});

describe("vocabulary", () => {
  test("holds every distinct code point in ascending order", () => {
    const { symbols, size } = vocabulary("hello, 😀 wörld\n\uffee");
    expect(symbols.join("")).toBe("\n ,dehlorwö\uffee😀");
    expect(size).toBe(13);
  });

  test("encodes hello over {e, h, l, o}", () => {
    const letters = vocabulary("hello");
    expect([...letters.encode("hello")]).toEqual([1, 0, 2, 2, 3]);
    expect(letters.decode([1, 0, 2, 2, 3])).toBe("hello");
    expect(letters.encode("")).toEqual(new Uint32Array(0));
    expect(letters.decode([])).toBe("");
  });

  test("counts a surrogate pair as one symbol", () => {
    expect(vocabulary("a😀").encode("😀a😀")).toEqual(new Uint32Array([1, 0, 1]));
  });

  test.each([
    ["any", anyString],
    ["mixed", mixedString],
  ])("gives back %s string it was made of", (_, strings) => {
    fc.assert(
      fc.property(strings, (text) => {
        const symbols = vocabulary(text);
        const ids = symbols.encode(text);
        expect(ids.length).toBe([...text].length);
        expect(symbols.decode(ids)).toBe(text);
      }),
    );
  });

  test("is rebuilt from its symbols", () => {
    fc.assert(
      fc.property(mixedString, (text) => {
        const saved = JSON.parse(JSON.stringify(vocabulary(text).symbols));
        expect(vocabularyOf(saved).encode(text)).toEqual(vocabulary(text).encode(text));
      }),
    );
  });

  test("keeps the order of a saved list", () => {
    expect([...vocabularyOf(["z", "a"]).encode("az")]).toEqual([1, 0]);
  });

  test("is not changed by a later change of the list", () => {
    const list = ["a", "b"];
    const symbols = vocabularyOf(list);
    list[0] = "x";
    expect(symbols.symbol(0)).toBe("a");
    expect(symbols.decode([0])).toBe("a");
  });

  test("looks up a single symbol and a single id", () => {
    const letters = vocabulary("abc😀");
    expect(letters.id("b")).toBe(1);
    expect(letters.id("😀")).toBe(3);
    expect(letters.symbol(3)).toBe("😀");
  });

  test("has the symbols it was made of, and no other", () => {
    const letters = vocabulary("abc😀");
    expect(["a", "c", "😀"].map(letters.has)).toEqual([true, true, true]);
    expect(["", "ab", "d", "\ud83d", "\u{10ffff}"].map(letters.has)).toEqual(Array(5).fill(false));
  });

  test("names the symbol it does not know and its place", () => {
    const letters = vocabulary("ab😀\n");
    expect(() => letters.encode("ab\n😀aéb")).toThrow(
      new InputError({
        where: "vocabulary.encode",
        expected: "only the 4 symbols of the vocabulary",
        got: '"é" (U+00E9) at index 5, line 2, column 3',
      }),
    );
    expect(() => letters.encode("\u{1f680}")).toThrow('"🚀" (U+1F680) at index 0, line 1, column 1');
    expect(() => letters.encode("\ud800")).toThrow('"\\ud800" (U+D800) at index 0');
  });

  test.each([4, -1, 0.5, NaN])("refuses the id %d", (id) => {
    const letters = vocabulary("abcd");
    expect(() => letters.symbol(id)).toThrow(`vocabulary.symbol: expected an id from 0 to 3, got ${id}`);
    expect(() => letters.decode([0, id])).toThrow(
      `vocabulary.decode[1]: expected an id from 0 to 3, got ${id}`,
    );
  });

  test.each(["", "ab", "é", "z", "\u{10ffff}"])("has no id for %j", (symbol) => {
    expect(() => vocabulary("abe").id(symbol)).toThrow(InputError);
  });

  test("refuses an empty text, an empty list, a repeated symbol and a symbol of two code points", () => {
    expect(() => vocabulary("")).toThrow(InputError);
    expect(() => vocabularyOf([])).toThrow(InputError);
    expect(() => vocabularyOf(["a", "b", "a"])).toThrow('"a" (U+0061), which is also at 0');
    expect(() => vocabularyOf(["a", "bc"])).toThrow(
      'vocabulary.symbols[1]: expected a single Unicode code point, got "bc"',
    );
    expect(() => vocabularyOf(["a", ""])).toThrow(InputError);
  });
});
