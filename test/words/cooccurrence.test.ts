/** Pairs are counted as by hand. */
import { expect, test } from "vitest";
import { cooccurrences } from "../../ts/words/cooccurrence.js";
import { corpus } from "../../ts/words/corpus.js";
import { indices } from "../reference/draw.js";

test("two words count as the inverse of their distance, both ways, within their sentence", () => {
  const { words, contexts, counts } = cooccurrences(corpus([["a", "b", "a"], ["c"]], { atLeast: 1 }), 10);
  const found = new Map(Array.from(words, (word, i) => [`${word} ${contexts[i]}`, counts[i]]));
  // Ids: a 0, b 1, c 2. a is two apart from itself, seen from either end.
  expect(found).toEqual(
    new Map([
      ["0 1", 2],
      ["1 0", 2],
      ["0 0", 1],
    ]),
  );
});

test.each([1, 3, 50])("of many words within a window of %i are those of a plain count", (window) => {
  const ids = indices(5000, 300, 1);
  const sentences = Array.from({ length: 100 }, (_, i) =>
    Array.from(ids.subarray(50 * i, 50 * i + 50), (id) => `${id}`),
  );
  const given = corpus(sentences, { atLeast: 1 });
  const { words, contexts, counts } = cooccurrences(given, window);
  const expected = new Map<string, number>();
  for (const sentence of sentences) {
    for (let i = 0; i < 50; i++) {
      for (let j = 0; j < 50; j++) {
        const apart = Math.abs(i - j);
        if (apart === 0 || apart > window) continue;
        const pair = `${sentence[i]} ${sentence[j]}`;
        expected.set(pair, (expected.get(pair) ?? 0) + 1 / apart);
      }
    }
  }
  expect(counts.length).toBe(expected.size);
  const { symbols } = given.vocabulary;
  for (const [i, count] of counts.entries()) {
    expect(count).toBeCloseTo(expected.get(`${symbols[words[i]!]} ${symbols[contexts[i]!]}`)!, 9);
  }
});
