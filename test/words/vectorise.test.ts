/** Texts as rows of numbers: the lecture notes' matrices, scikit-learn's numbers and ONNX's. */
import { describe, expect, test } from "vitest";
import { FormatError, InputError } from "../../ts/errors.js";
import { wordVocabularyOf } from "../../ts/text/word-vocabulary.js";
import { hashedWords, oneHot } from "../../ts/words/one-hot.js";
import { denseRows, type SparseRows } from "../../ts/words/sparse.js";
import { bagOfWords, hashedTerms, tfIdf, vectoriserOf } from "../../ts/words/vectorise.js";
import { cosine } from "../../ts/words/vectors.js";
import notes from "../golden/notes/words.json" with { type: "json" };
import golden from "../golden/words/scikit-learn.json" with { type: "json" };

const texts = golden.texts.map((text) => text.split(" ").filter((word) => word !== ""));

/** All numbers of sparse rows, in float64. */
function full({ shape: [rows, width], starts, columns, values }: SparseRows): number[][] {
  return Array.from({ length: rows }, (_, r) => {
    const row = Array(width).fill(0);
    for (let i = starts[r]!; i < starts[r + 1]!; i++) row[columns[i]!] = values[i];
    return row;
  });
}

function expectRows(found: number[][], expected: number[][]) {
  expect(found.length).toBe(expected.length);
  for (const [r, row] of expected.entries()) {
    expect(found[r]!.length).toBe(row.length);
    for (const [c, value] of row.entries())
      expect(Math.abs(found[r]![c]! - value)).toBeLessThanOrEqual(1e-12);
  }
}

describe("one-hot", () => {
  test("gives the matrices of the notes", () => {
    const vocabulary = wordVocabularyOf(notes.oneHot.vocab);
    for (const [text, matrix] of [
      ["My name is Ram.", notes.oneHot.s1],
      ["My city is Delhi.", notes.oneHot.s2],
    ] as const) {
      const { shape, data } = oneHot(vocabulary.encode(text), vocabulary.size);
      expect(shape).toEqual([4, 6]);
      expect([...data]).toEqual(matrix.flat());
    }
  });

  test("of man and woman among 10,000 words has a single 1 each, and nothing in common", () => {
    const [man, woman] = [oneHot([5000], 10_000).data, oneHot([9000], 10_000).data];
    expect(man.filter((value) => value !== 0)).toEqual(Float32Array.of(1));
    expect(man[5000]).toBe(1);
    expect(cosine(man, woman)).toBe(0);
  });

  test.each([[-1], [3], [0.5]])("refuses the id %d", (id) => {
    expect(() => oneHot([0, id], 3)).toThrow(`oneHot.ids[1]: expected a whole number from 0 to 2, got ${id}`);
  });
});

describe("hashed words", () => {
  test("are ids below a size, the same for the same word", () => {
    const ids = hashedWords("Boy is good, good boy", 10_000);
    expect(ids).toHaveLength(5);
    expect([ids[0], ids[2]]).toEqual([ids[4], ids[3]]);
    expect(ids.every((id) => id < 10_000)).toBe(true);
    expect(hashedWords("a b c d e f g h", 3, { first: 1 }).every((id) => id === 1 || id === 2)).toBe(true);
  });

  test.each([0, 0.5, 2 ** 33])("refuse the size %d", (size) => {
    expect(() => hashedWords("a", size)).toThrow(InputError);
  });
});

describe("numbers of scikit-learn", () => {
  test.each(golden.cases.map((each, i) => ({ ...each, i })))("for $kind with $options come out", (given) => {
    const learn = given.kind === "bag" ? bagOfWords : tfIdf;
    const vectoriser = learn(texts, given.options as object);
    expect(vectoriser.terms).toEqual(given.terms);
    const rows = vectoriser.transform(texts);
    expectRows(full(rows), given.rows);
    expect(rows.columns.every((column, i) => rows.starts.includes(i) || column > rows.columns[i - 1]!)).toBe(
      true,
    );

    const again = vectoriserOf(JSON.parse(JSON.stringify(vectoriser.definition)));
    expect(again.transform(texts)).toEqual(rows);
  });

  test("for hashed terms come out", () => {
    const { width, options, rows } = golden.hashed;
    expectRows(full(hashedTerms(texts, width, options as object)), rows);
  });
});

describe("the TfIdfVectorizer of ONNX", () => {
  const pool = ["2", "3", "5", "4", "5 6", "7 8", "6 7"];
  const one = [[1, 1, 3, 3, 3, 7, 8, 6, 7, 5, 6, 8]];
  const two = [one[0]!.slice(0, 6), one[0]!.slice(6)];
  // Inputs and outputs of its backend tests tfidfvectorizer_tf_…
  test.each<[string, string[], [number, number], number, number[][], number[][]]>([
    ["only_bigrams_skip0", pool, [2, 2], 0, one, [[0, 0, 0, 0, 1, 1, 1]]],
    [
      "batch_onlybigrams_skip0",
      pool,
      [2, 2],
      0,
      two,
      [
        [0, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 1, 0, 1],
      ],
    ],
    ["onlybigrams_levelempty", ["5 6", "7 8", "6 7"], [2, 2], 0, one, [[1, 1, 1]]],
    ["onlybigrams_skip5", pool, [2, 2], 5, one, [[0, 0, 0, 0, 1, 3, 1]]],
    [
      "batch_onlybigrams_skip5",
      pool,
      [2, 2],
      5,
      two,
      [
        [0, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 1, 1, 1],
      ],
    ],
    ["uniandbigrams_skip5", pool, [1, 2], 5, one, [[0, 3, 1, 0, 1, 3, 1]]],
    [
      "batch_uniandbigrams_skip5",
      pool,
      [1, 2],
      5,
      two,
      [
        [0, 3, 0, 0, 0, 0, 0],
        [0, 0, 1, 0, 1, 1, 1],
      ],
    ],
  ])("gives the same for %s", (_, terms, ngrams, skips, inputs, expected) => {
    const vectoriser = vectoriserOf({ terms, ngrams, skips });
    expect(full(vectoriser.transform(inputs.map((row) => row.map(String))))).toEqual(expected);
  });
});

describe("vectorisers", () => {
  test("learn from some texts, and count what others have that is unknown", () => {
    const bag = bagOfWords(["The whale.", "The sea!"]);
    expect(bag.terms).toEqual(["sea", "the", "whale"]);
    const rows = bag.transform(["the white whale", "a ship"]);
    expect(full(rows)).toEqual([
      [0, 1, 1],
      [0, 0, 0],
    ]);
    expect(rows.unknown).toBe(3);
  });

  test("give rows with all their zeros to models", () => {
    const rows = bagOfWords(["b a a", "c"]).transform(["a b a", "c", "b"]);
    expect(denseRows(rows)).toEqual({ shape: [3, 3], data: Float32Array.of(2, 1, 0, 0, 0, 1, 0, 1, 0) });
    expect(denseRows(rows, 1, 2)).toEqual({ shape: [1, 3], data: Float32Array.of(0, 0, 1) });
  });

  test.each<[string, () => unknown, string]>([
    ["no texts", () => bagOfWords([]), "no word at all"],
    ["empty texts", () => tfIdf(["", "!"]), "no word at all"],
    ["rare terms only", () => tfIdf(["a", "b"], { atLeast: 2 }), "2 terms that occur in fewer"],
    ["an unknown option", () => bagOfWords(["a"], { ngram: 2 } as object), "only the options"],
    ["runs of no words", () => bagOfWords(["a"], { ngrams: [0, 1] }), "ngrams [0, 1], skips 0"],
    ["negative gaps", () => tfIdf(["a"], { skips: -1 }), "skips -1"],
    ["no width", () => hashedTerms(["a"], 0), "hashedTerms.width"],
  ])("refuse %s", (_, make, message) => {
    expect(make).toThrow(InputError);
    expect(make).toThrow(message);
  });

  test.each<[string, object]>([
    ["no terms", {}],
    ["other terms", { terms: [1] }],
    ["too few weights", { terms: ["a", "b"], weights: [1] }],
    ["a weight that is no number", { terms: ["a"], weights: [null] }],
    ["another norm", { terms: ["a"], norm: "l1" }],
  ])("saved with %s are refused", (_, definition) => {
    expect(() => vectoriserOf(definition as { terms: string[] })).toThrow(FormatError);
  });
});
