/** Training of word vectors on small corpora whose structure is known. */
import { describe, expect, test } from "vitest";
import { InputError } from "../../ts/errors.js";
import { random } from "../../ts/random.js";
import { type Corpus, corpus } from "../../ts/words/corpus.js";
import { glove } from "../../ts/words/glove.js";
import type { WordVectors } from "../../ts/words/vectors.js";
import { type Word2vecOptions, word2vec } from "../../ts/words/word2vec.js";
import { expectSameBits } from "../reference/compare.js";

const subjects = ["sea", "court"];
/** Words of a subject, which occur with each other only. */
const wordsOf = (subject: string) => Array.from({ length: 8 }, (_, i) => `${subject}${i}`);

/** Sentences of six words of one subject each; shuffled, the same words without their order. */
function sentences(count: number, shuffled = false): string[][] {
  const source = random(3);
  const words = Array.from({ length: count }, (_, i) => {
    const known = wordsOf(subjects[i % 2]!);
    return Array.from({ length: 6 }, () => known[source.integer(8)]!);
  }).flat();
  if (shuffled) source.shuffle(words);
  return Array.from({ length: count }, (_, i) => words.slice(6 * i, 6 * i + 6));
}

const learned = corpus(sentences(1000));
const control = corpus(sentences(1000, true));

/** How many of the seven nearest words are of the same subject, over all words: from 0 to 1; by chance 7 / 15. */
function purity(vectors: WordVectors): number {
  const hits = subjects.flatMap((subject) =>
    wordsOf(subject).map(
      (word) => vectors.nearest(word, { most: 7 }).filter((near) => near.word.startsWith(subject)).length,
    ),
  );
  return hits.reduce((sum, count) => sum + count, 0) / (hits.length * 7);
}

const options = { width: 10, sample: 0, rate: 0.05, seed: 1 } as const;
const variants: [string, Word2vecOptions][] = [
  ["skip-gram", {}],
  ["CBOW", { method: "cbow", rate: 0.1 }],
  ["skip-gram with a hierarchical softmax", { negatives: 0 }],
  ["CBOW with a hierarchical softmax", { method: "cbow", negatives: 0 }],
  ["subwords", { subwords: { least: 2, most: 3, buckets: 100 } }],
];

describe("word2vec", () => {
  test.each(variants)(
    "by %s finds which words belong together, and nothing in shuffled ones",
    async (_, more) => {
      const trained = await (await word2vec(learned, { ...options, ...more })).fit({ epochs: 10 });
      expect(purity(trained)).toBeGreaterThan(0.99);
      if (more.subwords) return; // these see that words are spelled alike
      const shuffled = await (await word2vec(control, { ...options, ...more })).fit({ epochs: 10 });
      expect(purity(shuffled)).toBeLessThan(0.75);
    },
  );

  test.each(variants)("by %s has a loss that falls", async (_, more) => {
    const losses: number[] = [];
    const trainer = await word2vec(learned, { ...options, ...more });
    for await (const { loss } of trainer.train({ epochs: 4 })) losses.push(loss);
    expect(losses).toHaveLength(4); // 6000 words are one batch
    expect(losses[0]).toBeLessThan(0.7);
    expect(losses[3]).toBeLessThan(losses[0]! - 0.02);
  });

  test("with a seed gives the same vectors again, and others with another", async () => {
    const run = async (seed: number) =>
      (await (await word2vec(learned, { ...options, seed })).fit({ epochs: 2 })).tensor().data;
    expectSameBits(await run(7), await run(7));
    expect(await run(7)).not.toEqual(await run(8));
    expect(await run(7)).not.toEqual(await run(7 + 2 ** 32));
  });

  test("on two threads learns as well, where the host has them", async () => {
    const long = corpus(sentences(6000));
    const trainer = await word2vec(long, { ...options, window: 10, negatives: 15, width: 32, threads: 2 });
    expect(trainer.threads).toEqual({ count: 2, reason: undefined });
    const losses: number[] = [];
    for await (const { loss } of trainer.train({ epochs: 4 })) losses.push(loss);
    expect(losses.at(-1)).toBeLessThan(losses[0]! - 0.02);
    expect(purity(trainer.vectors())).toBeGreaterThan(0.99);
    await trainer.close();
    await trainer.fit({ epochs: 1 }); // on new ones
    await trainer.close();
  });

  test("reports how far it is, and how its rate falls in a line", async () => {
    const long = corpus(sentences(4000));
    const trainer = await word2vec(long, { ...options, rate: 0.04 });
    const all = [];
    for await (const progress of trainer.train({ epochs: 2 })) all.push(progress);
    expect(all.map(({ epoch }) => epoch)).toEqual([0, 0, 0, 1, 1, 1]);
    expect(all.map(({ done }) => done)).toEqual([10_002, 20_004, 24_000, 34_002, 44_004, 48_000]);
    expect(all.at(-1)!.fraction).toBe(1);
    for (const [i, { rate }] of all.entries()) {
      expect(rate).toBeCloseTo(0.04 * (1 - (i > 0 ? all[i - 1]!.fraction : 0)), 12);
    }
  });

  test("can be left and gone on with; a second training is not the first again", async () => {
    const trainer = await word2vec(learned, options);
    for await (const _ of trainer.train({ epochs: 3 })) break;
    const first = trainer.vectors().tensor().data;
    for await (const _ of trainer.train({ epochs: 3 })) break;
    const second = trainer.vectors().tensor().data;
    expect(second).not.toEqual(first);
    await trainer.fit({ epochs: 5 });
    expect(purity(trainer.vectors())).toBeGreaterThan(0.9);
  });

  test("is stopped by an abort signal", async () => {
    const trainer = await word2vec(learned, options);
    const controller = new AbortController();
    const run = async () => {
      for await (const _ of trainer.train({ epochs: 50, signal: controller.signal }))
        controller.abort("enough");
    };
    await expect(run()).rejects.toBe("enough");
    expect(trainer.vectors().words).toHaveLength(16);
  });

  test("with subwords has vectors for words it has not seen, near those spelled alike", async () => {
    const trainer = await word2vec(learned, { ...options, subwords: { least: 2, most: 3, buckets: 1000 } });
    const vectors = await trainer.fit({ epochs: 10 });
    expect(
      vectors.nearest(trainer.vector("sea9"), { most: 8 }).every(({ word }) => word.startsWith("sea")),
    ).toBe(true);
    expectSameBits(trainer.vector("sea1"), vectors.vector("sea1"));
    const without = await word2vec(learned, options);
    expect(() => without.vector("sea9")).toThrow("did you mean");
  });

  test("of words that are never beside another learns nothing and stays finite", async () => {
    const lonely = corpus([["a"], ["b"], ["a"]], { atLeast: 1 });
    const vectors = await (await word2vec(lonely, options)).fit();
    expect(vectors.tensor().data.every(Number.isFinite)).toBe(true);
  });

  test("of a vocabulary as small as can be draws no word against itself", async () => {
    const two = corpus([["a", "b", "a", "b", "a"]], { atLeast: 1 });
    for (const negatives of [0, 1, 20]) {
      const vectors = await (await word2vec(two, { ...options, negatives })).fit({ epochs: 20 });
      expect(vectors.tensor().data.every(Number.isFinite)).toBe(true);
    }
  });

  test.each<[object, string]>([
    [{ method: "glove" }, 'word2vec.method: expected "skipGram" or "cbow", got glove'],
    [{ width: 0 }, "word2vec.width: expected a whole number from 1 to 65536, got 0"],
    [{ window: 33 }, "word2vec.window: expected a whole number from 1 to 32, got 33"],
    [{ negatives: 64 }, "word2vec.negatives: expected a whole number from 0 to 63, got 64"],
    [{ sample: -1 }, "word2vec.sample: expected a number above 0 and at most 1, got -1"],
    [{ rate: Number.NaN }, "word2vec.rate"],
    [{ seed: 0.5 }, "word2vec.seed"],
    [{ subwords: { least: 4, most: 3 } }, "word2vec.subwords.most"],
    [{ subwords: { buckets: 0 } }, "word2vec.subwords.buckets"],
    [{ threads: 0 }, "options.threads: expected a whole number from 1"],
    [{ windows: 5 }, "word2vec: expected only the options"],
  ])("refuses %j", async (wrong, message) => {
    await expect(word2vec(learned, wrong)).rejects.toThrow(InputError);
    await expect(word2vec(learned, wrong)).rejects.toThrow(message);
  });

  test("refuses an empty corpus and no epochs", async () => {
    const empty: Corpus = { ...learned, ids: new Uint32Array(0), starts: new Uint32Array(1) };
    await expect(word2vec(empty)).rejects.toThrow("word2vec.corpus: expected words, got an empty corpus");
    const trainer = await word2vec(learned, options);
    await expect(trainer.fit({ epochs: 0 })).rejects.toThrow("word2vec.epochs");
  });
});

describe("GloVe", () => {
  const settings = { width: 10, window: 5, enough: 20, seed: 1 };

  test("finds which words belong together, and nothing in shuffled ones", async () => {
    expect(purity(await (await glove(learned, settings)).fit({ epochs: 30 }))).toBeGreaterThan(0.99);
    expect(purity(await (await glove(control, settings)).fit({ epochs: 30 }))).toBeLessThan(0.75);
  });

  test("has a loss that falls, and the same vectors with the same seed", async () => {
    const run = async (seed: number) => {
      const losses: number[] = [];
      const trainer = await glove(learned, { ...settings, seed });
      for await (const { loss } of trainer.train({ epochs: 20 })) losses.push(loss);
      return { losses, data: trainer.vectors().tensor().data };
    };
    const first = await run(1);
    expect(first.losses.at(-1)).toBeLessThan(first.losses[0]! / 10);
    expectSameBits((await run(1)).data, first.data);
    expect((await run(2)).data).not.toEqual(first.data);
  });

  test.each<[object, string]>([
    [{ width: 0.5 }, "glove.width"],
    [{ window: 0 }, "glove.window"],
    [{ enough: 0 }, "glove.enough"],
    [{ exponent: 2 }, "glove.exponent"],
    [{ rate: 0 }, "glove.rate"],
    [{ xmax: 1 }, "glove: expected only the options"],
  ])("refuses %j", async (wrong, message) => {
    await expect(glove(learned, wrong)).rejects.toThrow(InputError);
    await expect(glove(learned, wrong)).rejects.toThrow(message);
  });

  test("refuses a corpus in which no word is beside another", async () => {
    await expect(glove(corpus([["a"], ["b"]], { atLeast: 1 }))).rejects.toThrow("none beside another");
  });
});
