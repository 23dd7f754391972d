/** What a field lets follow what, by the scheme of its tags. */
import { describe, expect, test } from "vitest";
import { type CrfOptions, crf, dense, features, InputError, model } from "../../ts/index.js";

/** The pairs that are forbidden, as `before after`, with `start` and `end`. */
async function forbidden(options: CrfOptions): Promise<string[]> {
  const names = options.tags!;
  const net = await model(features(names.length), crf(options));
  const [transitions, start, end] = net.parameters().map(({ data }) => data);
  const pairs = [
    ...names.map((name, i) => [start[i], `start ${name}`] as const),
    ...names.flatMap((before, i) =>
      names.map((after, j) => [transitions[i * names.length + j], `${before} ${after}`] as const),
    ),
    ...names.map((name, i) => [end[i], `${name} end`] as const),
  ];
  expect(pairs.every(([score]) => score === 0 || score === -10_000)).toBe(true);
  return pairs.filter(([score]) => score < 0).map(([, pair]) => pair);
}

test("BIO: I goes on in a span of its own kind only", async () => {
  expect(await forbidden({ tags: ["O", "B-a", "I-a", "I-b"], scheme: "BIO" })).toEqual([
    "start I-a",
    "start I-b",
    "O I-a",
    "O I-b",
    "B-a I-b",
    "I-a I-b",
    "I-b I-a",
  ]);
});

test("BIOES: what has begun goes on to its end", async () => {
  expect(await forbidden({ tags: ["O", "B-a", "I-a", "E-a", "S-a"], scheme: "BIOES" })).toEqual([
    "start I-a",
    "start E-a",
    "O I-a",
    "O E-a",
    "B-a O",
    "B-a B-a",
    "B-a S-a",
    "I-a O",
    "I-a B-a",
    "I-a S-a",
    "E-a I-a",
    "E-a E-a",
    "S-a I-a",
    "S-a E-a",
    "B-a end",
    "I-a end",
  ]);
});

test("without a scheme anything may follow anything, and emissions come out as they are", async () => {
  expect(await forbidden({ tags: ["O", "I-a"] })).toEqual([]);
  const net = await model(features(3), crf());
  const { shape, data } = await net.predict([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  expect([shape, [...data]]).toEqual([
    [1, 2, 3],
    [1, 2, 3, 4, 5, 6],
  ]);
  expect(net.parameters().map(({ path, shape }) => [path, shape])).toEqual([
    ["0.crf.transitions", [3, 3]],
    ["0.crf.start", [3]],
    ["0.crf.end", [3]],
  ]);
});

describe("refused:", () => {
  test.each<[string, CrfOptions]>([
    ["crf: expected only the options tags, scheme, got names", { names: 3 } as CrfOptions],
    ['crf.tags: expected different names, got ["O","O"]', { tags: ["O", "O"] }],
    ["crf.tags: expected different names, got []", { tags: [] }],
    ["crf.tags: expected different names, got 3", { tags: 3 } as unknown as CrfOptions],
    ["crf.tags: expected names, for the scheme, got none", { scheme: "BIO" }],
    ['crf.scheme: expected "BIO" or "BIOES", got IOB', { tags: ["O"], scheme: "IOB" as "BIO" }],
    ['crf.tags[1]: expected O or B-x, I-x, got "E-a"', { tags: ["O", "E-a"], scheme: "BIO" }],
    ['crf.tags[0]: expected O or B-x, I-x, E-x, S-x, got "NOUN"', { tags: ["NOUN"], scheme: "BIOES" }],
    ['crf.tags[0]: expected O or B-x, I-x, got "B-"', { tags: ["B-"], scheme: "BIO" }],
  ])("%s", (message, options) => {
    expect(() => crf(options)).toThrow(InputError);
    expect(() => crf(options)).toThrow(message);
  });

  test("as many numbers as there are tags", async () => {
    const made = model(features(2), dense(4), crf({ tags: ["O", "B-a", "I-a"] }));
    await expect(made).rejects.toThrow(
      "1.crf: expected 3 numbers, one for each tag, got 4 — put dense(3) before it",
    );
  });
});
