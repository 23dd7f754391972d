/** Decoding always ends, keeps its rules, and gives what the decoder says. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  beamSearch,
  type DecodeOptions,
  decode,
  decoding,
  fromLogits,
  greedy,
  InputError,
  type SamplingOptions,
  sampler,
  sampling,
  score,
} from "../../ts/index.js";
import { logSoftmax } from "../reference/losses.js";
import { following, lookedAt, machine } from "./machine.js";

const end = 1;
const start = 0;
const width = 6;
const options = { width };
const likeliest = (logs: Float32Array) => logs.indexOf(Math.max(...logs));

/** A decoder that says the same of every row at every step. */
const constant = (logs: readonly number[], rows = 1) => ({
  rows,
  width: logs.length,
  step: () => Float32Array.from(new Array(rows).fill(logs).flat()),
  select: () => {},
});

test("greedy takes the likeliest token of each step, up to the end", () => {
  const tokens: number[] = [];
  let sum = 0;
  for (let token = start; tokens.length < 40; tokens.push(token)) {
    const logs = following(3, [start, ...tokens], options);
    token = likeliest(logs);
    sum += logs[token];
    if (token === end) break;
  }
  const [[found]] = decode(machine([3], options), { start, end, maxLength: 40 });
  expect(found).toEqual({ tokens, score: sum, logProbability: sum, finished: "end" });
  expect(tokens.length).toBeGreaterThan(1);
});

test("each of several sentences gets what it gets alone, finished ones waiting for the others", () => {
  const seeds = [3, 4, 5, 9];
  const given = { start, end, minLength: 1, maxLength: [40, 1, 40, 40] };
  const together = machine(seeds, options);
  const found = decode(together, given);
  const alone = seeds.map((seed, i) =>
    decode(machine([seed], options), { ...given, maxLength: given.maxLength[i] }),
  );
  expect(found).toEqual(alone.flat());
  expect(found.map(([{ finished }]) => finished)).toContain("length");
  const longest = Math.max(
    ...found.map(([{ tokens, finished }]) => tokens.length + Number(finished === "end")),
  );
  expect(together.calls).toEqual({ steps: longest, selects: 0 });
});

test.each([
  ["greedy", greedy()],
  ["sampling", sampling({ samples: 2 })],
  ["beam search", beamSearch({ beams: 2 })],
])("%s passes over a sentence that may have no token", (_, search) => {
  const asked: number[] = [];
  const constraint = (_: readonly number[], sentence: number) => {
    asked.push(sentence);
    return undefined;
  };
  const rows = (seeds: number[]) =>
    machine(
      seeds.flatMap((seed) => new Array(search.rows).fill(seed)),
      options,
    );
  const given = { start, end, constraint, minLength: 2, search };
  const found = decode(rows([3, 4, 5]), { ...given, maxLength: [7, 0, 1], numbers: [10, 11, 12] });
  expect(found[1][0]).toEqual({ tokens: [], score: 0, logProbability: 0, finished: "length" });
  expect(found[2][0]).toMatchObject({ tokens: [expect.any(Number)], finished: "length" });
  expect(new Set(asked)).toEqual(new Set([10, 12]));
  expect(found[0][0].tokens.length).toBeGreaterThan(1);
  const none = rows([3]);
  expect(decode(none, { ...given, maxLength: [0] })[0][0].tokens).toEqual([]);
  expect(none.calls.steps).toBe(0);
});

test.each([
  ["greedy", greedy(), 1],
  ["sampling", sampling({ seed: 1, samples: 2 }), 2],
  ["beam search", beamSearch({ beams: 3, lengthPenalty: 3 }), 3],
])("%s ends where nothing ever does", (_, search, rows) => {
  const decoder = constant([-1, -Infinity, -0.5], rows);
  for (const [{ tokens, finished }] of [
    decode(decoder, { start, end, maxLength: 17, search }).flat(),
    decode(decoder, { start, maxLength: 17, search }).flat(),
  ]) {
    expect(tokens.length).toBe(17);
    expect(finished).toBe("length");
  }
});

test("a decoder for which nothing can follow is done at once", () => {
  for (const search of [greedy(), sampling(), beamSearch({ beams: 1 })]) {
    const [[found]] = decode(constant([-Infinity, -Infinity]), { start, maxLength: 5, search });
    expect(found).toEqual({ tokens: [], score: 0, logProbability: 0, finished: "constraint" });
  }
});

describe("rules:", () => {
  const run = (logs: readonly number[], rules: Partial<DecodeOptions>) =>
    decode(constant(logs), { start, end, maxLength: 6, ...rules })[0][0];

  test("a sentence has its least length before it may end", () => {
    expect(run([-3, -1, -2], { minLength: 2 }).tokens).toEqual([2, 2]);
    expect(run([-3, -1, -2], {}).tokens).toEqual([]);
    expect(run([-3, -1, -2], { minLength: 6 })).toMatchObject({
      tokens: [2, 2, 2, 2, 2, 2],
      finished: "length",
    });
  });

  test("a sentence begins as it must, whatever other rules say, and this counts", () => {
    const found = run([-3, -1, -2], { prefix: [0, 0, 2], noRepeat: 1, minLength: 1 });
    expect(found).toEqual({ tokens: [0, 0, 2], score: -9, logProbability: -9, finished: "end" });
    expect(run([-3, -1, -2], { prefix: [0, 0], maxLength: 2 })).toMatchObject({
      tokens: [0, 0],
      finished: "length",
    });
    expect(run([-3, -1, -Infinity], { prefix: [2] })).toMatchObject({ tokens: [], finished: "constraint" });
  });

  test("no token comes twice, nor any sequence of the length that may not", () => {
    expect(run([-3, -9, -1, -2], { noRepeat: 1 }).tokens).toEqual([2, 3, 0]);
    expect(run([-3, -99, -1, -2], { noRepeat: 2 }).tokens).toEqual([2, 2, 3, 2, 0, 2]);
    expect(run([-3, -99, -1, -2], { noRepeat: 3, maxLength: 9 }).tokens).toEqual([2, 2, 2, 3, 2, 2, 0, 2, 2]);
  });

  test("tokens that came cost more, in the score and not in the probability", () => {
    const found = run([-3, -9, -1, -1.5], { repetition: 2, maxLength: 4 });
    // -1, then -1.5 against -2, then both cost double: -2 against -3.
    expect(found).toEqual({ tokens: [2, 3, 2, 2], score: -6.5, logProbability: -4.5, finished: "length" });
  });

  test("only what a constraint allows comes, of each sentence by what it has so far", () => {
    const asked: unknown[] = [];
    const constraint = (tokens: readonly number[], sentence: number) => {
      asked.push([sentence, ...tokens]);
      return sentence === 0 ? undefined : tokens.length < 2 ? new Set([3, 4]) : [end];
    };
    const found = decode(machine([7, 7], options), { start, end, maxLength: 2, constraint });
    expect(found[0]).toEqual(decode(machine([7], options), { start, end, maxLength: 2 })[0]);
    const [first] = following(7, [start], options).subarray(3, 4);
    expect(found[1][0].tokens[0]).toBe(first > following(7, [start], options)[4] ? 3 : 4);
    expect(asked).toContainEqual([1, ...found[1][0].tokens.slice(0, 1)]);
  });

  test.each([
    ["greedy", greedy(), -4],
    ["sampling", sampling({ seed: 2 }), -4],
    ["beam search", beamSearch({ beams: 1, lengthPenalty: 1 }), -2],
  ])("a constraint that allows nothing stops the sentence of %s, and says so", (_, search, score) => {
    const constraint = (tokens: readonly number[]) => (tokens.length < 2 ? [2] : []);
    const found = run([-3, -1, -2], { constraint, search });
    expect(found).toEqual({ tokens: [2, 2], score, logProbability: -4, finished: "constraint" });
    expect(run([-3, -1, -2], { constraint: () => [end], minLength: 1, search })).toMatchObject({
      tokens: [],
      finished: "constraint",
    });
  });
});

describe("sampling:", () => {
  test("draws what the sampler of each row draws", () => {
    const given = { temperature: 0.7, topK: 4, topP: 0.9, seed: 5 };
    const search = sampling({ ...given, samples: 2 });
    const found = decode(machine([3, 3, 8, 8], options), { start, maxLength: 9, search });
    expect(found.map((samples) => samples.length)).toEqual([2, 2]);
    for (const [row, { tokens }] of found.flat().entries()) {
      const draw = sampler({ ...given, stream: row });
      const before = [start];
      while (before.length < 10) before.push(draw(following(row < 2 ? 3 : 8, before, options)));
      expect(tokens).toEqual(before.slice(1));
    }
    expect(found[0][0].tokens).not.toEqual(found[0][1].tokens);
  });

  test("draws from what the rules leave, in proportion", () => {
    const logs = [0.4, 0.3, 0.2, 0.1].map((p) => Math.log(p));
    const rows = 9000;
    const search = sampling({ seed: 3, samples: rows });
    const [found] = decode(constant(logs, rows), {
      start,
      maxLength: 1,
      search,
      constraint: () => [0, 2, 3],
    });
    const counts = [4 / 7, 0, 2 / 7, 1 / 7].map((share, token) => {
      const count = found.filter(({ tokens }) => tokens[0] === token).length;
      return share === 0 ? count : (count - rows * share) ** 2 / (rows * share);
    });
    expect(counts.reduce((sum, x) => sum + x)).toBeLessThan(13.8); // 99.9 % at 2 degrees of freedom
  });

  test("at temperature 0 is greedy", () => {
    const run = (search: SamplingOptions) =>
      decode(machine([4], options), { start, end, maxLength: 9, search: sampling(search) });
    expect(run({ temperature: 0, seed: 8 })).toEqual(
      decode(machine([4], options), { start, end, maxLength: 9 }),
    );
  });

  test("what a sentence gets depends on its number, and not on which others are decoded with it", () => {
    const run = (seeds: number[], numbers: number[]) =>
      decode(machine(seeds, options), { start, end, maxLength: 9, search: sampling({ seed: 4 }), numbers });
    const all = run([1, 2, 3, 4], [0, 1, 2, 3]);
    expect([...run([3, 1], [2, 0]), ...run([4, 2], [3, 1])]).toEqual([all[2], all[0], all[3], all[1]]);
    expect(run([2], [0])).not.toEqual([all[1]]);
  });

  test("what a sentence gets does not depend on the others", () => {
    const run = (seeds: number[]) =>
      decode(machine(seeds, options), { start, end, maxLength: 9, search: sampling({ seed: 4 }) });
    expect(run([1, 2, 3])[1]).toEqual(run([6, 2])[1]);
  });
});

describe("step by step:", () => {
  test("what is ahead can be seen after each step, and is at last what was found", () => {
    for (const search of [greedy(), beamSearch({ beams: 3 }), sampling({ seed: 1, samples: 3 })]) {
      const decoder = machine(new Array(search.rows).fill(3), { width, source: 4 });
      const steps = decoding(decoder, { start, end, maxLength: 12, search });
      const seen: number[] = [];
      let last: unknown;
      for (;;) {
        const { done, value } = steps.next();
        if (done) {
          const { finished, ...draft } = value[0].reduce((a, b) => (b.score > a.score ? b : a));
          expect(last).toEqual(draft);
          expect(finished).toBeDefined();
          break;
        }
        last = value.leading();
        seen.push(value.step);
        expect(value.leading(0).tokens.length).toBeLessThanOrEqual(value.step);
        expect(() => value.leading(1)).toThrow("decode.leading: expected a whole number from 0 to 0, got 1");
      }
      expect(seen).toEqual(seen.map((_, i) => i + 1));
      expect(seen.length).toBeGreaterThan(2);
    }
  });

  test("a loop that is left leaves the decoder alone", () => {
    const decoder = machine([3], options);
    for (const { step } of decoding(decoder, { start, maxLength: 99 })) if (step === 2) break;
    expect(decoder.calls.steps).toBe(2);
  });

  test("a hypothesis has the weights of each of its steps, copied", () => {
    const given = { width, source: 5 };
    const search = beamSearch({ beams: 4, best: 4 });
    const decoder = machine([3, 3, 3, 3], given);
    for (const { tokens, attention, finished } of decode(decoder, { start, end, maxLength: 6, search })[0]) {
      const steps = finished === "end" ? [...tokens, end] : tokens;
      expect(attention).toEqual(steps.map((_, i) => lookedAt(3, [start, ...tokens.slice(0, i)], 5)));
    }
    expect(decoder.calls.selects).toBeGreaterThan(0);
  });
});

describe("forced:", () => {
  test("the score of a sentence is the sum over its tokens and the end", () => {
    const sentences = [[2, 3, 3], [], [5]];
    const found = score(machine([3, 4, 5], options), sentences, { start, end });
    for (const [row, tokens] of sentences.entries()) {
      const all = [start, ...tokens, end];
      const logs = all.slice(1).map((token, i) => following(3 + row, all.slice(0, i + 1), options)[token]);
      expect([...found[row].logProbabilities]).toEqual(logs);
      expect(found[row].logProbability).toBe(logs.reduce((sum, x) => sum + x, 0));
    }
    expect(score(machine([3], options), [[2]], { start })[0].logProbabilities.length).toBe(1);
    expect(score(machine([3], options), [[]], { start })[0].logProbability).toBe(0);
  });

  test("what greedy and sampling find is worth its score", () => {
    fc.assert(
      fc.property(
        fc.nat(1000),
        fc.constantFrom(greedy(), sampling({ seed: 6, temperature: 2 })),
        (seed, search) => {
          const [[found]] = decode(machine([seed], options), {
            start,
            end,
            maxLength: 7,
            search,
            minLength: 1,
          });
          const ended = found.finished === "end" ? { end } : {};
          const [forced] = score(machine([seed], options), [found.tokens], { start, ...ended });
          expect(forced.logProbability).toBe(found.logProbability);
        },
      ),
      { seed: 5, numRuns: 100 },
    );
  });
});

test("log-probabilities come from logits of any size, row by row", () => {
  const logits = [
    [1000, -1000, 3, 3, -Infinity, 998],
    [-5, 2, 0, 1, 1, -Infinity],
  ];
  const rows = { ...constant(logits[0], 2), step: () => Float32Array.from(logits.flat()) };
  const given = fromLogits(rows).step(Uint32Array.of(0, 0));
  const expected = logits.flatMap(logSoftmax);
  expect(given.length).toBe(12);
  for (const [i, x] of given.entries()) expect(x).toBeCloseTo(expected[i], 3);
  expect(fromLogits(constant([-Infinity, -Infinity])).step(Uint32Array.of(0))).toEqual(
    Float32Array.of(-Infinity, -Infinity),
  );
});

test("a decoder of logits keeps its rows and its attention", () => {
  const given = machine([3, 3, 3], { width, source: 4 });
  const search = beamSearch({ beams: 3, best: 3, coveragePenalty: 0.3 });
  const found = decode(fromLogits(given), { start, end, maxLength: 6, search })[0];
  const plain = decode(machine([3, 3, 3], { width, source: 4 }), { start, end, maxLength: 6, search })[0];
  expect(found.map(({ tokens, attention }) => [tokens, attention])).toEqual(
    plain.map(({ tokens, attention }) => [tokens, attention]),
  );
});

describe("refused:", () => {
  const run =
    (given: Partial<DecodeOptions>, rows = 2) =>
    () =>
      decode(machine(new Array(rows).fill(1), options), { start, end, maxLength: 5, ...given });
  const whole = "expected a whole number from";
  test.each<[string, () => unknown]>([
    [`decode.start: ${whole} 0 to 5, got 6`, run({ start: 6 })],
    [`decode.start: ${whole} 0 to 5, got 9`, run({ start: [0, 9] })],
    ["decode.start: expected one for each of 2 sentences, or one for all, got 3", run({ start: [0, 1, 2] })],
    [`decode.end: ${whole} 0 to 5, got -1`, run({ end: -1 })],
    [`decode.maxLength: ${whole} 1, got 0`, run({ maxLength: 0 })],
    [`decode.maxLength: ${whole} 1, got Infinity`, run({ maxLength: Infinity })],
    [
      `decode.maxLength: expected one for each of 2 sentences, or one for all, got 1`,
      run({ maxLength: [4] }),
    ],
    [
      "decode.maxLength: expected one for each of 2 sentences, or one for all, got undefined",
      run({ maxLength: undefined as unknown as number }),
    ],
    [`decode.numbers: ${whole} 0, got -1`, run({ numbers: [0, -1] })],
    ["decode.numbers: expected one for each of 2 sentences, or one for all, got 1", run({ numbers: [1] })],
    [`decode.minLength: ${whole} 0 to 5, got 6`, run({ minLength: 6 })],
    ["decode.prefix: expected at most 5 tokens, got 6", run({ prefix: [2, 2, 2, 2, 2, 2] })],
    [`decode.prefix: ${whole} 0 to 5, got 6`, run({ prefix: [[], [6]] })],
    ["decode.prefix: expected tokens other than the end, got 1", run({ prefix: [1] })],
    ["decode.prefix: expected one for each of 2 sentences, or one for all, got 1", run({ prefix: [[2]] })],
    ["decode.repetition: expected a number above 0, got 0", run({ repetition: 0 })],
    [`decode.noRepeat: ${whole} 0, got 1.5`, run({ noRepeat: 1.5 })],
    [`decode.constraint: ${whole} 0 to 5, got 7`, run({ constraint: () => [7] })],
    [`decode.samples: ${whole} 1, got 0`, () => sampling({ samples: 0 })],
    ["sampler.temperature: expected a number from 0, got -1", () => sampling({ temperature: -1 })],
    [
      "decode.decoder: expected 3 rows for each sentence, got 2 rows",
      run({ search: sampling({ samples: 3 }) }),
    ],
    [
      "decode.sentences: expected one for each of 1 rows, got 2",
      () => score(machine([1], options), [[], []], { start }),
    ],
    [`decode.sentences: ${whole} 0 to 5, got 6`, () => score(machine([1], options), [[6]], { start })],
  ])("%s", (message, attempt) => {
    expect(attempt).toThrow(InputError);
    expect(attempt).toThrow(message);
  });

  test.each([
    ["logits", [1, 2, 3], "log-probabilities, 0 at most, got 3 — fromLogits(decoder) makes them of logits"],
    ["what is not a number", [-1, -2, NaN], "got NaN"],
  ])("%s in place of log-probabilities", (_, logs, message) => {
    const given = { start, maxLength: 3, constraint: () => [2] };
    for (const search of [greedy(), sampling(), beamSearch({ beams: 1 })]) {
      const attempt = () => decode(constant(logs), { ...given, search });
      expect(attempt).toThrow(InputError);
      expect(attempt).toThrow(message);
    }
    expect(() => score(constant(logs), [[2]], { start })).toThrow(message);
  });
});
