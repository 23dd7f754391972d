/** Beam search finds what trying everything finds, and with few beams what sorting everything gives. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { beamSearch, decode, greedy, type Hypothesis, InputError, score } from "../../ts/index.js";
import { machine } from "./machine.js";
import { allHypotheses, type Found, plainSearch } from "./plain.js";

const end = 1;
const start = 0;

const penalties = fc.record(
  {
    lengthPenalty: fc.constantFrom(-1, 0, 0.6, 1, 2),
    lengthPenaltyForm: fc.constantFrom("power" as const, "wu" as const),
    coveragePenalty: fc.constantFrom(0, 0.2, 2),
  },
  { requiredKeys: [] },
);

/** Allows, after each hypothesis, some of the tokens, or none. */
const grammar = (seed: number) => (tokens: readonly number[]) =>
  tokens.length % 2 === 0
    ? [0, 1, 2, 3].filter((token) => (seed + token + tokens.length) % 3 > 0)
    : undefined;

const rules = fc.record(
  {
    minLength: fc.integer({ min: 0, max: 2 }),
    prefix: fc.constantFrom([], [2], [3, 0]),
    repetition: fc.constantFrom(0.5, 1.3),
    noRepeat: fc.integer({ min: 0, max: 2 }),
    constraint: fc.integer({ min: 0, max: 20 }).map(grammar),
  },
  { requiredKeys: [] },
);

function expectSame(given: readonly Hypothesis[], expected: readonly Found[], best: number): void {
  const shown = expected.slice(0, best);
  expect(given.map(({ tokens, finished }) => ({ tokens, finished }))).toEqual(
    shown.map(({ tokens, finished }) => ({ tokens, finished })),
  );
  for (const [i, { score, logProbability }] of given.entries()) {
    expect(score).toBeCloseTo(shown[i].score, 9);
    expect(logProbability).toBeCloseTo(shown[i].logProbability, 9);
  }
}

const trial = fc.record({
  seed: fc.integer({ min: 0, max: 10_000 }),
  maxLength: fc.integer({ min: 2, max: 3 }),
  best: fc.integer({ min: 1, max: 6 }),
  never: fc.constantFrom(0, 0.3),
  penalties,
  rules,
});

test("with beams for all hypotheses the best are the best of all there are", () => {
  fc.assert(
    fc.property(trial, ({ seed, maxLength, best, never, penalties, rules }) => {
      const options = { width: 4, source: 3, never };
      const given = { end, maxLength, ...rules };
      const beams = 4 ** maxLength;
      const search = beamSearch({ beams, best, ...penalties });
      const decoder = machine(new Array(beams).fill(seed), options);
      const [found] = decode(decoder, { start, search, ...given });
      expectSame(found, allHypotheses(seed, options, given, penalties), best);
    }),
    { seed: 1, numRuns: 200 },
  );
});

test("with few beams, and many equal sums, they are what a search gives that sorts all and never stops", () => {
  const few = fc.record({
    beams: fc.integer({ min: 1, max: 5 }),
    best: fc.integer({ min: 1, max: 5 }),
    coarse: fc.boolean(),
  });
  fc.assert(
    fc.property(trial, few, ({ seed, never, penalties, rules }, { beams, best, coarse }) => {
      const options = { width: 4, source: 3, never, coarse };
      const given = { end, maxLength: 6, ...rules };
      const kept = Math.min(best, beams);
      const search = beamSearch({ beams, best: kept, ...penalties });
      const [found] = decode(machine(new Array(beams).fill(seed), options), { start, search, ...given });
      expectSame(found, plainSearch(seed, beams, options, given, penalties), kept);
    }),
    { seed: 2, numRuns: 300 },
  );
});

test("one beam without penalties is greedy, whatever the rules", () => {
  fc.assert(
    fc.property(trial, fc.boolean(), ({ seed, never, rules }, coarse) => {
      const options = { width: 4, never, coarse };
      const given = { start, end, maxLength: 6, ...rules };
      const beam = decode(machine([seed], options), { ...given, search: beamSearch({ beams: 1 }) });
      expect(beam).toEqual(decode(machine([seed], options), { ...given, search: greedy() }));
    }),
    { seed: 3, numRuns: 200 },
  );
});

test("the log-probability of what is found is its score when it is forced", () => {
  fc.assert(
    fc.property(trial, ({ seed, penalties, rules, best }) => {
      const options = { width: 4, source: 3 };
      const search = beamSearch({ beams: 6, best, ...penalties });
      const decoder = machine(new Array(6).fill(seed), options);
      for (const { tokens, logProbability, finished } of decode(decoder, {
        start,
        end,
        maxLength: 5,
        search,
        ...rules,
      })[0]) {
        const ended = finished === "end" ? { end } : {};
        const [forced] = score(machine([seed], options), [tokens], { start, ...ended });
        expect(forced.logProbability).toBeCloseTo(logProbability, 9);
      }
    }),
    { seed: 4, numRuns: 100 },
  );
});

test("each of several sentences gets what it gets alone", () => {
  const [seeds, lengths] = [
    [5, 6, 7, 8],
    [2, 9, 4, 6],
  ];
  const options = { width: 5, source: 4 };
  const search = beamSearch({ beams: 3, best: 3, lengthPenalty: 0.7, coveragePenalty: 0.1 });
  const prefix = [[], [3], [2, 2], []];
  const rows = seeds.flatMap((seed) => [seed, seed, seed]);
  const together = decode(machine(rows, options), {
    start: [0, 2, 0, 3],
    end,
    maxLength: lengths,
    prefix,
    search,
  });
  const alone = seeds.map((seed, i) =>
    decode(machine([seed, seed, seed], options), {
      start: [0, 2, 0, 3][i],
      end,
      maxLength: lengths[i],
      prefix: prefix[i],
      search,
    }),
  );
  expect(together).toEqual(alone.flat());
  expect(new Set(together.map((found) => found[0].tokens.length)).size).toBeGreaterThan(1);
});

test("the search stops as soon as nothing under way can come among the best", () => {
  // After the start the end is likeliest by far.
  const [always, calls] = scripted([[-9, -0.01, -6, -7]], 2);
  const [[found]] = decode(always, { start, end, maxLength: 50, search: beamSearch({ beams: 2 }) });
  expect(found).toMatchObject({ tokens: [], finished: "end" });
  expect(calls.steps).toBe(1);
  // Divided by the square of up to 50, five times -6 is below -0.01, and four times is not.
  const [long, looked] = scripted([[-9, -0.01, -6, -7]], 2);
  decode(long, { start, end, maxLength: 50, search: beamSearch({ beams: 2, lengthPenalty: 2 }) });
  expect(looked.steps).toBe(5);
  const [early, stopped] = scripted([[-9, -0.01, -6, -7]], 2);
  decode(early, {
    start,
    end,
    maxLength: 50,
    search: beamSearch({ beams: 2, lengthPenalty: 2, early: true }),
  });
  expect(stopped.steps).toBe(2);
});

test("one that ends below all beams is no hypothesis", () => {
  const [decoder] = scripted([[-1, -3, -0.9, -2]], 2);
  const [found] = decode(decoder, { start, end, maxLength: 1, search: beamSearch({ beams: 2, best: 2 }) });
  expect(found.map(({ tokens }) => tokens)).toEqual([[2], [0]]);
});

test("the length penalty is the one of Wu et al. 2016 or a power of the length", () => {
  const logs = [
    [-9, -0.5, -1, -9],
    [-9, -0.25, -9, -9],
  ];
  const best = (lengthPenaltyForm: "power" | "wu", lengthPenalty: number) => {
    const [decoder] = scripted(logs, 3);
    const search = beamSearch({ beams: 3, best: 2, lengthPenalty, lengthPenaltyForm });
    return decode(decoder, { start, end, maxLength: 3, search })[0];
  };
  // The end alone: -0.5. Token 2 and the end: -1.25 over two.
  expect(best("power", 1).map(({ score }) => score)).toEqual([-0.5, -0.625]);
  const [first, second] = best("wu", 4);
  expect(first.score).toBeCloseTo(-0.5, 12);
  expect(second.score).toBeCloseTo(-1.25 / (7 / 6) ** 4, 12);
  expect(best("power", 2).map(({ tokens }) => tokens)).toEqual([[2], []]);
});

test("the coverage penalty prefers who looked at all of the source, and says what each looked at", () => {
  const rows = [
    [-20, -20, -1, -1.1],
    [-20, -0.1, -20, -20],
  ];
  // After token 3 the second position is seen, after token 2 never.
  const looks = (tokens: readonly number[]) => (tokens.at(-1) === 3 ? [0.25, 0.75] : [1, 0]);
  const run = (coveragePenalty: number) => {
    const [decoder] = scripted(rows, 2, looks);
    return decode(decoder, {
      start,
      end,
      maxLength: 4,
      search: beamSearch({ beams: 2, best: 2, coveragePenalty }),
    })[0];
  };
  expect(run(0)[0].tokens).toEqual([2]);
  const [first, second] = run(0.5);
  expect(first.tokens).toEqual([3]);
  expect(first.score).toBeCloseTo(-1.2 + 0.5 * Math.log(0.75), 6);
  expect(first.attention).toEqual([Float32Array.of(1, 0), Float32Array.of(0.25, 0.75)]);
  expect(second.score).toBeCloseTo(-1.1 + 0.5 * Math.log(1e-6), 6);
});

test("a hypothesis after which nothing is allowed ranks below all that are finished", () => {
  // Token 2 is likeliest, and nothing may follow it; 3 leads to the end.
  const constraint = (tokens: readonly number[]) =>
    tokens.length === 0 ? [2, 3] : tokens[0] === 2 ? [] : [end];
  const [decoder] = scripted(
    [
      [-9, -9, -0.1, -3],
      [-9, -5, -9, -9],
    ],
    4,
  );
  const search = beamSearch({ beams: 4, best: 4 });
  const [found] = decode(decoder, { start, end, maxLength: 9, constraint, search });
  expect(found.map(({ tokens, finished }) => [tokens[0], finished])).toEqual([
    [3, "end"],
    [2, "constraint"],
  ]);
});

describe("refused:", () => {
  const rows = (count: number, source = 0) => machine(new Array(count).fill(1), { width: 4, source });
  const run = (options: Parameters<typeof beamSearch>[0], count = 2) =>
    decode(rows(count), { start, end, maxLength: 5, search: beamSearch(options) });
  test.each<[string, () => unknown]>([
    ["decode.beams: expected a whole number from 1, got 0", () => run({ beams: 0 })],
    ["decode.best: expected a whole number from 1 to 2, got 3", () => run({ beams: 2, best: 3 })],
    ["decode.lengthPenalty: expected a finite number, got NaN", () => run({ beams: 2, lengthPenalty: NaN })],
    [
      'decode.lengthPenaltyForm: expected "power" or "wu", got gnmt',
      () => run({ beams: 2, lengthPenaltyForm: "gnmt" as "wu" }),
    ],
    [
      "decode.coveragePenalty: expected a number from 0, got -1",
      () => run({ beams: 2, coveragePenalty: -1 }),
    ],
    [
      "decode.coveragePenalty: expected a decoder with attention, got one without",
      () => run({ beams: 2, coveragePenalty: 1 }),
    ],
    ["decode.decoder: expected 2 rows for each sentence, got 3 rows", () => run({ beams: 2 }, 3)],
  ])("%s", (message, attempt) => {
    expect(attempt).toThrow(InputError);
    expect(attempt).toThrow(message);
  });
});

/** A decoder that gives the rows of `logs` one after another, the last again and again, and counts its steps. */
function scripted(
  logs: readonly (readonly number[])[],
  rows: number,
  looks?: (tokens: readonly number[]) => number[],
) {
  const calls = { steps: 0 };
  const width = logs[0].length;
  let before: readonly number[][] = Array.from({ length: rows }, () => []);
  const decoder = {
    rows,
    width,
    step(tokens: Uint32Array) {
      before = before.map((row, r) => [...row, tokens[r]]);
      const row = logs[Math.min(calls.steps++, logs.length - 1)];
      return Float32Array.from(new Array(rows).fill(row).flat());
    },
    select: (from: Uint32Array) => {
      before = Array.from(from, (r) => before[r]);
    },
    ...(looks && { attention: () => before.map((tokens) => Float32Array.from(looks(tokens))) }),
  };
  return [decoder, calls] as const;
}
