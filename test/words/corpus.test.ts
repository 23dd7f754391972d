/** Texts become numbers to learn from. */
import { describe, expect, test } from "vitest";
import { InputError } from "../../ts/errors.js";
import { corpus } from "../../ts/words/corpus.js";
import { phrases } from "../../ts/words/phrases.js";

const text = "The whale, the sea. A ship!\n\nThe whale again";

describe("a corpus", () => {
  test("is the sentences of a text as ids, the frequent words first", () => {
    const { vocabulary, counts, ids, starts, unknown } = corpus(text, { atLeast: 1 });
    expect(vocabulary.symbols).toEqual(["the", "whale", "a", "again", "sea", "ship"]);
    expect([...counts]).toEqual([3, 2, 1, 1, 1, 1]);
    expect([...ids]).toEqual([0, 1, 0, 4, 2, 5, 0, 1, 3]);
    expect([...starts]).toEqual([0, 4, 6, 9]);
    expect(unknown).toBe(0);
  });

  test("leaves out rare words and counts them", () => {
    const { vocabulary, counts, ids, starts, unknown } = corpus([text, "sea"], { atLeast: 2, atMost: 2 });
    expect(vocabulary.symbols).toEqual(["the", "sea"]);
    expect([...counts]).toEqual([3, 2]);
    expect([...ids]).toEqual([0, 0, 1, 0, 1]);
    expect([...starts]).toEqual([0, 3, 3, 4, 5]);
    expect(unknown).toBe(5);
  });

  test("takes sentences that are lists of words already, as they are", () => {
    const { vocabulary, starts } = corpus(
      [
        ["New York", "sea"],
        ["sea", "New York", "new"],
      ],
      { atLeast: 1 },
    );
    expect(vocabulary.symbols).toEqual(["New York", "sea", "new"]);
    expect([...starts]).toEqual([0, 2, 5]);
  });

  test("cuts long sentences", () => {
    const { starts } = corpus([Array.from({ length: 25 }, (_, i) => `${i % 3}`)], {
      atLeast: 1,
      longest: 10,
    });
    expect([...starts]).toEqual([0, 10, 20, 25]);
  });

  test("grows as far as its text", () => {
    const lists = Array.from({ length: 700 }, (_, i) =>
      Array.from({ length: 10 }, (_, k) => `w${(i * k) % 50}`),
    );
    const { ids, vocabulary } = corpus(lists, { atLeast: 1 });
    expect(vocabulary.decode(ids)).toBe(lists.flat().join(" "));
  });

  test.each<[string, string | string[], number, string]>([
    ["nothing", "", 1, "no word at all"],
    ["no texts", [], 1, "no word at all"],
    ["no words", " … ! ", 1, "no word at all"],
    ["one word only", "whale whale", 1, 'one, "whale"'],
    ["rare words only", "whale sea", 2, "nothing in it is frequent enough"],
  ])("of %s is refused", (_, texts, atLeast, got) => {
    expect(() => corpus(texts, { atLeast })).toThrow(InputError);
    expect(() => corpus(texts, { atLeast })).toThrow(got);
  });
});

describe("phrases", () => {
  const sentences = [
    ..."abcdefgh".split("").map((letter) => ["new", "york", letter]),
    ["new", "a", "york", "b"],
    ["new", "york", "city", "hall"],
  ];

  test("join neighbours that are seen together more often than apart", () => {
    const join = phrases(sentences, { atLeast: 2, threshold: 1 });
    // (9 - 2) * 32 > 10 * 10, but no other pair occurs more than twice
    expect(join(["the", "new", "york", "new", "york", "york", "new"])).toEqual([
      "the",
      "new_york",
      "new_york",
      "york",
      "new",
    ]);
    expect(join([])).toEqual([]);
  });

  test("need the score of the paper", () => {
    expect(phrases(sentences, { atLeast: 2, threshold: 2.23 })(["new", "york"])).toEqual(["new_york"]);
    expect(phrases(sentences, { atLeast: 2, threshold: 2.25 })(["new", "york"])).toEqual(["new", "york"]);
  });

  test("of no words are refused", () => {
    expect(() => phrases([[]])).toThrow(InputError);
  });
});
