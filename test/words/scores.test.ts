/** How good vectors are, by the judgement of people, in the formats of the published files. */
import { describe, expect, test } from "vitest";
import { tensor } from "../../ts/data/tensor.js";
import { FormatError, InputError } from "../../ts/errors.js";
import {
  parseAnalogies,
  parseWordPairs,
  scoreAnalogies,
  scoreWordPairs,
  spearman,
} from "../../ts/words/scores.js";
import { wordVectors } from "../../ts/words/vectors.js";
import notes from "../golden/notes/words.json" with { type: "json" };

const rows = Object.values(notes.table.table);
const table = await wordVectors(
  Object.keys(notes.table.table),
  tensor(Float32Array.from(rows.flat()), [6, 3]),
);

describe("Spearman's correlation", () => {
  test.each<[number[], number[], number]>([
    [[1, 2, 3], [10, 20, 1000], 1],
    [[1, 2, 3], [3, 2, 1], -1],
    [[106, 100, 86, 101, 99, 103, 97, 113, 112, 110], [7, 27, 2, 50, 28, 29, 20, 12, 6, 17], -29 / 165],
    [[1, 2, 2, 3], [1, 2, 3, 4], 4.5 / Math.sqrt(4.5 * 5)], // the tie shares rank 2.5
    [[1, 1, 1], [1, 2, 3], 0],
  ])("of %j and %j is %d", (a, b, expected) => {
    expect(spearman(a, b)).toBeCloseTo(expected, 12);
  });

  test("needs two lists of one length", () => {
    expect(() => spearman([1], [1])).toThrow(InputError);
    expect(() => spearman([1, 2], [1, 2, 3])).toThrow("got 2 and 3");
  });
});

describe("word pairs", () => {
  test.each([
    ["tabs", "boy\tking\t6\napple\tmango\t9\n"],
    ["commas and a heading", "Word 1,Word 2,Human (mean)\r\nboy,king,6\r\napple,mango,9\r\n"],
    ["a comment and spaces", "# of us\nboy king 6\n\napple mango 9"],
  ])("come from a file with %s", (_, text) => {
    expect(parseWordPairs(text)).toEqual([
      { words: ["boy", "king"], score: 6 },
      { words: ["apple", "mango"], score: 9 },
    ]);
  });

  test("are scored by the cosines of those that have vectors, in small letters", () => {
    const pairs = parseWordPairs("Apple\tmango\t9\nboy\tking\t6\nboy\tgirl\t1\nboy\twhale\t5");
    expect(scoreWordPairs(table, pairs)).toEqual({ correlation: 1, pairs: 3, missing: 1 });
    const turned = pairs.map(({ words, score }) => ({ words, score: -score }));
    expect(scoreWordPairs(table, turned).correlation).toBe(-1);
  });

  test.each([
    ["", "at least one pair"],
    ["boy king 6\nboy 7\n", "line 2: expected two words and a number"],
    ["boy king 6\nboy girl many\n", "line 2"],
  ])("in a file %j are refused", (text, message) => {
    expect(() => parseWordPairs(text)).toThrow(FormatError);
    expect(() => parseWordPairs(text)).toThrow(message);
  });
});

describe("analogies", () => {
  const text =
    ": family\nBoy girl king queen\nboy king girl queen\nboy girl man woman\n\n: fruit\napple mango apple boy\n";

  test("come in sections and are answered by them", () => {
    const sections = parseAnalogies(text);
    expect(sections.map(({ name, questions }) => [name, questions.length])).toEqual([
      ["family", 3],
      ["fruit", 1],
    ]);
    for (const method of ["add", "multiply"] as const) {
      expect(scoreAnalogies(table, sections, { method })).toEqual([
        { name: "family", right: 2, asked: 2, missing: 1 },
        { name: "fruit", right: 0, asked: 1, missing: 0 },
      ]);
    }
  });

  test.each([
    ["", "at least one section"],
    ["boy girl king queen", 'line 1: expected a line ": name" first'],
    [": a\nboy girl king", "line 2: expected four words"],
  ])("in a file %j are refused", (file, message) => {
    expect(() => parseAnalogies(file)).toThrow(FormatError);
    expect(() => parseAnalogies(file)).toThrow(message);
  });
});
