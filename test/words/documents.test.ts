/** Texts have vectors too, and are found by what they are about. */
import { describe, expect, test } from "vitest";
import { tensor } from "../../ts/data/tensor.js";
import { InputError } from "../../ts/errors.js";
import { textSearch, textVectors } from "../../ts/words/documents.js";
import type { Text } from "../../ts/words/terms.js";
import { tfIdf } from "../../ts/words/vectorise.js";
import { wordVectors } from "../../ts/words/vectors.js";

const vectors = await wordVectors(
  ["whale", "ship", "law", "court", "the"],
  tensor(Float32Array.of(1, 0.1, 0.9, 0, 0, 1, 0.2, 1, 0.5, 0.5), [5, 2]),
);

describe("the vector of a text", () => {
  test("is the mean of those of its words", () => {
    const { shape, data } = textVectors(vectors, [
      "The whale!",
      ["ship", "ship", "unknown"],
      "nothing known",
    ]);
    expect(shape).toEqual([3, 2]);
    expect([...data]).toEqual([...Float32Array.of(0.75, 0.3, 0.9, 0, 0, 0)]);
  });

  test("can weigh words by how rare they are", () => {
    const weights = tfIdf(["the whale", "the ship", "the law"]);
    const [the, whale] = ["the", "whale"].map(
      (word) => weights.definition.weights![weights.terms.indexOf(word)]!,
    );
    const { data } = textVectors(vectors, ["the whale court"], { weights });
    const mean = (i: 0 | 1) => (the! * [0.5, 0.5][i]! + whale! * [1, 0.1][i]!) / (the! + whale!);
    expect(data[0]).toBeCloseTo(mean(0), 6);
    expect(data[1]).toBeCloseTo(mean(1), 6);
  });
});

describe("search", () => {
  const texts = new Map<string, Text>([
    ["at sea", "The whale, the ship"],
    ["at home", ["the", "law"]],
    ["at court", "court court law"],
  ]);

  test("finds the texts that are about it, the nearest first", async () => {
    const { search } = await textSearch(vectors, texts);
    expect(search("a ship")[0]!.word).toBe("at sea");
    expect(search(["court"], { most: 2 }).map(({ word }) => word)).toEqual(["at court", "at home"]);
    expect(search("a ship")).toHaveLength(3);
  });

  test("finds nothing for words without a vector", async () => {
    expect((await textSearch(vectors, texts)).search("xyzzy")).toEqual([]);
  });

  test("works over one text, and not over none", async () => {
    const { search } = await textSearch(vectors, new Map([["all", "whale"]]));
    expect(search("ship")[0]!.word).toBe("all");
    await expect(textSearch(vectors, new Map())).rejects.toThrow(InputError);
  });
});
