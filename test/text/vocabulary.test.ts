/** Text becomes ids and comes back unchanged, whatever is in it. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../../ts/errors.js";
import { countUnknown, vocabulary } from "../../ts/index.js";
import { vocabularyOf } from "../../ts/text/saved-vocabulary.js";
import type { VocabularyDefinition } from "../../ts/text/vocabulary.js";

const charactersOf = (symbols: readonly string[]) => vocabularyOf({ kind: "characters", symbols });

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

  test("is rebuilt from its definition", () => {
    fc.assert(
      fc.property(mixedString, (text) => {
        const saved = JSON.parse(JSON.stringify(vocabulary(text).definition));
        expect(vocabularyOf(saved).encode(text)).toEqual(vocabulary(text).encode(text));
      }),
    );
  });

  test("keeps the order of a saved list", () => {
    expect([...charactersOf(["z", "a"]).encode("az")]).toEqual([1, 0]);
  });

  test("is not changed by a later change of the list", () => {
    const list = ["a", "b"];
    const symbols = charactersOf(list);
    list[0] = "x";
    expect(symbols.symbol(0)).toBe("a");
    const special = { end: "<end>" };
    const { definition } = vocabulary("a", { special });
    special.end = "<other>";
    expect(definition.special).toEqual({ end: "<end>" });
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

  test("can leave out rare symbols and the least frequent ones", () => {
    expect(vocabulary("banana bread", { atLeast: 2 }).symbols.join("")).toBe("abn");
    expect(vocabulary(["banana", "bread"], { atMost: 3, special: { unknown: "<?>" } }).symbols).toEqual([
      "<?>",
      "a",
      "b", // as often as n
    ]);
  });

  test("has special symbols, which no text becomes and decoding can leave out", () => {
    const special = { padding: "<pad>", unknown: "?", start: "<s>", end: "</s>" };
    const letters = vocabulary("abc <pad>", { special });
    expect(letters.special).toEqual({ padding: 0, unknown: 1, start: 2, end: 3 });
    expect(letters.symbols.slice(0, 5)).toEqual(["<pad>", "?", "<s>", "</s>", " "]);
    const ids = letters.encode("<pad>?é");
    expect([...ids.slice(-2)]).toEqual([1, 1]);
    expect(letters.decode([...ids, letters.special.end!])).toBe("<pad>??</s>");
    expect(letters.decode([2, ...ids, 3, 0, 0], { special: false })).toBe("<pad>");
    expect([letters.id("</s>"), letters.symbol(3), letters.has("<s>")]).toEqual([3, "</s>", true]);
    expect(vocabulary("ab", { special: { end: "$" } }).encode("ab")).toEqual(new Uint32Array([1, 2]));
    expect(() => vocabulary("ab", { special: { end: "$" } }).encode("$")).toThrow(InputError);
    expect(vocabularyOf(letters.definition).encode("ab?")).toEqual(letters.encode("ab?"));
  });

  test("counts what is unknown to it", () => {
    const letters = vocabulary("aab", { special: { unknown: "<?>" } });
    expect(countUnknown(letters, ["abc", "", "ddab"])).toEqual({ symbols: 7, unknown: 3 });
    expect(countUnknown(letters, "c")).toEqual({ symbols: 1, unknown: 1 });
    expect(() => countUnknown(vocabulary("a"), "b")).toThrow(InputError);
  });

  test("refuses an empty text, an empty list, a repeated symbol and a symbol of two code points", () => {
    expect(() => vocabulary("")).toThrow(InputError);
    expect(() => vocabulary("ab", { atLeast: 2 })).toThrow("nothing in it is frequent enough");
    expect(() => charactersOf([])).toThrow("at least one symbol");
    expect(() => charactersOf(["a", "b", "a"])).toThrow(
      'vocabulary.symbols[2]: expected every symbol once, and none empty, got "a", which is also the symbol 0',
    );
    expect(() => charactersOf(["a", "bc"])).toThrow(
      'vocabulary.symbols[1]: expected a single Unicode code point, got "bc"',
    );
    expect(() => charactersOf(["a", ""])).toThrow(InputError);
    expect(() => vocabulary("a$", { special: { start: "$", end: "$" } })).toThrow("vocabulary.special");
  });

  test.each([
    [null, "an object"],
    [[], "an object"],
    [{ kind: "letters" }, "characters, words, bytePairs"],
    [{ kind: "toString" }, "characters, words, bytePairs"],
    [{ kind: "characters" }, "vocabulary.symbols: expected a list"],
    [{ kind: "characters", symbols: ["a", 1] }, "vocabulary.symbols[1]: expected a text, got 1"],
    [{ kind: "characters", symbols: ["a"], rules: {} }, "only special, symbols, got rules"],
    [{ kind: "characters", symbols: ["a"], special: ["<pad>"] }, "vocabulary.special"],
    [{ kind: "characters", symbols: ["a"], special: { start: 1 } }, "vocabulary.special"],
    [{ kind: "words", symbols: "a" }, "vocabulary.symbols: expected a list"],
    [{ kind: "words", symbols: ["a"], rules: [] }, "vocabulary.rules: expected an object"],
    [{ kind: "words", symbols: ["a"], rules: { keep: "some" } }, '"words", "punctuation" or "all"'],
    [{ kind: "words", symbols: ["a"], rules: { toString: 1 } }, "only locale, lowerCase, keep"],
    [{ kind: "bytePairs" }, "vocabulary.merges: expected a list"],
  ])("is not made of %j", (definition, message) => {
    const make = () => vocabularyOf(definition as unknown as VocabularyDefinition);
    expect(make).toThrow(InputError);
    expect(make).toThrow(message);
  });
});
