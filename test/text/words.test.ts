/** Texts fall into words and sentences. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../../ts/errors.js";
import { similarlySpelled, suggestion } from "../../ts/text/spelling.js";
import { sentences, words } from "../../ts/text/words.js";

describe("words", () => {
  test("leave punctuation and capital letters behind", () => {
    expect(words("My name is Ram.")).toEqual(["my", "name", "is", "ram"]);
    expect(words("“Don’t!” — said the man, 3.14 times…")).toEqual([
      "don’t",
      "said",
      "the",
      "man",
      "3.14",
      "times",
    ]);
    expect(words(" \n\t. ")).toEqual([]);
    expect(words("")).toEqual([]);
  });

  test("keep their capital letters where that is asked for", () => {
    expect(words("My city is Delhi.", { lowerCase: false })).toEqual(["My", "city", "is", "Delhi"]);
  });

  test("come with punctuation, or with everything, where that is asked for", () => {
    expect(words("Oh,  my! ", { keep: "punctuation" })).toEqual(["oh", ",", "my", "!"]);
    expect(words("Oh,  my! ", { keep: "all" })).toEqual(["oh", ",", "  ", "my", "!", " "]);
  });

  test("are found in scripts without spaces, and with the letters of a language", () => {
    expect(words("中文分词").length).toBeGreaterThan(1);
    expect(words("żółć Ünïcode été")).toEqual(["żółć", "ünïcode", "été"]);
  });

  test("are the same in a long text as in its parts", () => {
    const token = fc.constantFrom("a", "co-op", "it's", "3.5", "x_y", "!", "é", "漢字", "e.g.", "-", "Ab");
    const space = fc.constantFrom(" ", "\n", "  ", "\t", "\u00a0");
    const pair = fc.tuple(token, space).map((both) => both.join(""));
    fc.assert(
      fc.property(fc.array(pair, { minLength: 600, maxLength: 900 }), (pairs) => {
        const text = pairs.join("");
        const whole = [...new Intl.Segmenter("en", { granularity: "word" }).segment(text)];
        expect(words(text)).toEqual(
          whole.filter((part) => part.isWordLike).map((part) => part.segment.toLowerCase()),
        );
      }),
      { numRuns: 5 },
    );
  });

  test("of a text without a space are found too", () => {
    expect(words("漢字".repeat(1000)).join("")).toBe("漢字".repeat(1000));
  });

  test("refuse a language that cannot be one", () => {
    expect(() => words("a", { locale: "no language" })).toThrow(InputError);
  });
});

test("sentences go on over a line break and end at an empty line", () => {
  const text = "Call me Ishmael. Some years\nago I went! A title\n\n  Chapter 2\n";
  expect(sentences(text)).toEqual(["Call me Ishmael.", "Some years ago I went!", "A title", "Chapter 2"]);
  expect(sentences("")).toEqual([]);
});

describe("similarly spelled words", () => {
  test.each([
    ["whlae", ["whale"]], // neighbours exchanged
    ["whal", ["whale", "hal"]],
    ["whhale", ["whale"]],
    ["wxale", ["whale"]],
    ["xyzzy", []],
    ["x", []],
  ])("of %j are %j", (word, expected) => {
    expect(similarlySpelled(word, ["ship", "whale", "hal", "captain"])).toEqual(expected);
  });

  test("are suggested in a question, the nearest first", () => {
    expect(suggestion("whale", ["shale", "what", "whales"])).toBe(
      'did you mean "shale" or "whales" or "what"?',
    );
    expect(suggestion("whale", [])).toBeUndefined();
  });
});
