/** How alike words are, which are nearest, and what is to one as another is to a third. */
import { describe, expect, test } from "vitest";
import { tensor } from "../../ts/data/tensor.js";
import { EngineError, InputError } from "../../ts/errors.js";
import { corpus } from "../../ts/words/corpus.js";
import { groups } from "../../ts/words/groups.js";
import { pca } from "../../ts/words/pca.js";
import { cosine, wordVectors } from "../../ts/words/vectors.js";
import { word2vec } from "../../ts/words/word2vec.js";
import notes from "../golden/notes/words.json" with { type: "json" };
import { normals } from "../reference/draw.js";

const names = Object.keys(notes.table.table);
const rows = Object.values(notes.table.table);
/** The table of the lecture notes: gender, royalty and age of six words. */
const table = await wordVectors(names, tensor(Float32Array.from(rows.flat()), [6, 3]));
const minus = (a: string, b: string) => table.vector(a).map((value, i) => value - table.vector(b)[i]!);

describe("the notes' table", () => {
  test("has boy - girl and king - queen point the same way", () => {
    const [children, royals] = [minus("boy", "girl"), minus("king", "queen")];
    for (const i of [0, 1, 2]) {
      expect(children[i]).toBeCloseTo(notes.table.boy_minus_girl[i]!, 6);
      expect(royals[i]).toBeCloseTo(notes.table.king_minus_queen[i]!, 6);
    }
    expect(cosine(children, royals)).toBeCloseTo(notes.table.cosine_of_differences, 6);
  });

  test("has the cosines computed by hand", () => {
    expect(table.cosine("apple", "mango")).toBeCloseTo(notes.table.cosine_apple_mango, 6);
    expect(table.cosine("boy", "apple")).toBeCloseTo(notes.table.cosine_boy_apple, 6);
  });

  test.each(["add", "multiply"] as const)("knows the queen by method %s", (method) => {
    expect(table.analogy("boy", "girl", "king", { method, most: 1 })[0]!.word).toBe("queen");
    expect(table.analogy("girl", "boy", "queen", { method, most: 1 })[0]!.word).toBe("king");
  });

  test("falls into three groups, as one sees in the plane", () => {
    const expected = [
      ["boy", "king"],
      ["girl", "queen"],
      ["apple", "mango"],
    ];
    for (const points of [table.tensor(), pca(table.tensor()).points]) {
      const { labels } = groups(points, 3);
      const found = [0, 1, 2].map((group) => names.filter((_, i) => labels[i] === group));
      expect(found).toEqual(expect.arrayContaining(expected));
    }
  });

  test("has one word that is least like the others", () => {
    expect(table.outlier(["apple", "mango", "boy"])).toBe("boy");
    expect(table.outlier(["boy", "queen", "girl"])).toBe("boy");
    expect(() => table.outlier(["boy", "girl"])).toThrow("outlier: expected at least three words, got 2");
  });
});

describe("a cosine", () => {
  test("with zeros is 0, never NaN", async () => {
    expect(cosine([0, 0], [1, 2])).toBe(0);
    expect(cosine([0, 0], [0, 0])).toBe(0);
    const vectors = await wordVectors(["zero", "one"], tensor(Float32Array.of(0, 0, 1, 0), [2, 2]));
    expect(vectors.nearest("zero")).toEqual([{ word: "one", score: 0 }]);
    expect(vectors.nearest("one")).toEqual([{ word: "zero", score: 0 }]);
    expect(vectors.cosine("zero", "one")).toBe(0);
  });

  test("is of the angle, whatever the lengths", () => {
    expect(cosine([3, 0], [5, 5])).toBeCloseTo(Math.SQRT1_2, 15);
    expect(cosine([1e-20, 0], [-1e20, 0])).toBe(-1);
    expect(() => cosine([1], [1, 2])).toThrow(InputError);
  });
});

describe("the nearest words", () => {
  const [size, width] = [500, 13];
  const data = normals(size * width, 1);
  const words = Array.from({ length: size }, (_, i) => `w${i}`);
  const made = wordVectors(words, tensor(data, [size, width]));

  test("are those that a sort finds", async () => {
    const vectors = await made;
    for (const word of ["w0", "w7", "w499"]) {
      const sorted = words
        .filter((other) => other !== word)
        .map((other) => ({ word: other, score: vectors.cosine(word, other) }))
        .sort((a, b) => b.score - a.score);
      for (const most of [1, 3, 10, 600]) {
        const found = vectors.nearest(word, { most });
        expect(found.map((each) => each.word)).toEqual(sorted.slice(0, most).map((each) => each.word));
        for (const [i, { score }] of found.entries()) expect(score).toBeCloseTo(sorted[i]!.score, 5);
      }
    }
    expect(vectors.nearest("w0", { most: 0 })).toEqual([]);
  });

  test("can be of any vector, and leave words out", async () => {
    const vectors = await made;
    const own = vectors.vector("w5");
    expect(vectors.nearest(own, { most: 1 })[0]!.word).toBe("w5");
    const [first, second] = vectors.nearest("w5", { most: 2 });
    expect(vectors.nearest("w5", { most: 1, except: [first!.word, "no word"] })).toEqual([second]);
  });

  test("of analogies are those of the formulas", async () => {
    const vectors = await made;
    const unit = (word: string) => {
      const vector = vectors.vector(word);
      return vector.map((value) => value / Math.hypot(...vector));
    };
    const [a, b, c] = ["w1", "w2", "w3"].map(unit);
    const goal = c!.map((value, i) => value - a![i]! + b![i]!);
    const asked = ["w1", "w2", "w3"];
    const best = (score: (word: string) => number) =>
      words
        .filter((word) => !asked.includes(word))
        .sort((x, y) => score(y) - score(x))
        .slice(0, 5);
    const found = (method: "add" | "multiply") =>
      vectors.analogy("w1", "w2", "w3", { method, most: 5 }).map(({ word }) => word);
    expect(found("add")).toEqual(best((word) => vectors.cosine(goal, word)));
    const moved = (x: string, y: string) => (vectors.cosine(x, y) + 1) / 2;
    expect(found("multiply")).toEqual(
      best((word) => (moved(word, "w2") * moved(word, "w3")) / (moved(word, "w1") + 0.001)),
    );
  });
});

describe("word vectors", () => {
  test("give copies", () => {
    table.vector("boy").fill(9);
    table.tensor(["boy"]).data.fill(9);
    expect([...table.vector("boy")]).toEqual([...Float32Array.from(notes.table.table.boy)]);
    expect(table.tensor(["king", "boy"]).shape).toEqual([2, 3]);
    expect(table.has("king")).toBe(true);
    expect(table.has("man")).toBe(false);
  });

  test("say what is spelled like an unknown word", () => {
    expect(() => table.nearest("quene")).toThrow(
      new InputError({
        where: "word vectors",
        expected: "one of their 6 words",
        got: '"quene"',
        hint: 'did you mean "queen"?',
      }),
    );
    expect(() => table.vector("elephant")).toThrow(/got "elephant"$/);
  });

  test.each<[string, readonly string[], readonly number[], readonly number[]]>([
    ["another number of rows", ["a", "b"], [1, 2, 3], [3, 1]],
    ["no rows", [], [], [0, 3]],
    ["no width", ["a"], [], [1, 0]],
    ["another rank", ["a"], [1], [1]],
    ["a word twice", ["a", "a"], [1, 2], [2, 1]],
    ["a number that is none", ["a", "b"], [1, Number.NaN], [2, 1]],
    ["a number without end", ["a", "b"], [1, Infinity], [2, 1]],
  ])("of %s are refused", async (_, words, data, shape) => {
    await expect(wordVectors(words, tensor(Float32Array.from(data), shape))).rejects.toThrow(InputError);
  });

  test("refuse a vector of another width, or one that is not finite", () => {
    expect(() => table.nearest([1, 2])).toThrow("a word or 3 finite numbers, got 2 numbers");
    expect(() => table.nearest([1, 2, Number.NaN])).toThrow(InputError);
  });

  test("give their memory back when they are closed, and cannot be used then", async () => {
    const vectors = await wordVectors(["a"], tensor(Float32Array.of(1), [1, 1]));
    vectors.close();
    vectors.close();
    for (const use of [() => vectors.vector("a"), () => vectors.nearest([1]), () => vectors.tensor()]) {
      expect(use).toThrow("word vectors: expected open ones, got closed ones");
    }
    const trainer = await word2vec(corpus([["a", "b"]], { atLeast: 1 }), { width: 4096, memory: 4 });
    for (let i = 0; i < 100; i++) trainer.vectors().close(); // as many take 3 MiB
  });

  test("that need more memory than there may be are an EngineError", async () => {
    const words = Array.from({ length: 20_000 }, (_, i) => `${i}`);
    const vectors = tensor(new Float32Array(20_000 * 20), [20_000, 20]);
    await expect(wordVectors(words, vectors, { memory: 1 })).rejects.toThrow(EngineError);
  });
});
