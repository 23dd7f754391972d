import { expect, test } from "vitest";
import {
  beamSearch,
  dense,
  embedding,
  encoderDecoder,
  gru,
  inputs,
  model,
  sampling,
  tokens,
  translator,
} from "../../ts/index.js";

const sentence = { start: 0, end: 1 };
const of = inputs({ target: tokens(9), source: tokens(7) });
const coder = encoderDecoder({
  encoder: [embedding(4), gru(6)],
  decoder: [embedding(4), gru(6)],
  attention: { score: "additive" },
});
const net = await model(of, coder, dense(9), { seed: 8, threads: 1 });
const sources = [[1, 2, 3], [], [4], [6, 5, 4, 3, 2, 1, 0, 1, 2, 3, 4], [2, 2]];

test.each([
  ["greedily", undefined],
  ["by beams", beamSearch({ beams: 3, best: 2 })],
])("sources are translated %s, together as alone", async (_, search) => {
  const options = { ...sentence, ...(search && { search }) };
  const together = await translator(net, { ...options, batch: 2 }).translate(sources);
  expect(together).toHaveLength(sources.length);
  for (const [index, source] of sources.entries()) {
    const [alone] = await translator(net, options).translate([source]);
    expect(together[index]!.map(({ tokens }) => tokens)).toEqual(alone!.map(({ tokens }) => tokens));
    for (const { attention, tokens } of together[index]!) {
      expect(attention!.length).toBeGreaterThanOrEqual(tokens.length);
      for (const row of attention!) expect(row).toHaveLength(source.length);
    }
  }
});

test("what is drawn for a source depends on its place among all, however many are decoded together", async () => {
  const search = sampling({ temperature: 2, seed: 3, samples: 2 });
  const run = async (batch: number) => {
    const found = await translator(net, { ...sentence, search, batch }).translate([...sources, sources[0]!]);
    return found.map((samples) => samples.map(({ tokens }) => tokens));
  };
  const together = await run(32);
  expect(await run(2)).toEqual(together);
  expect(together[0]).not.toEqual(together[5]);
});

test("a constraint is asked about sources by their place among all, and about no others", async () => {
  const asked = new Set<number>();
  const constraint = (_: readonly number[], place: number) => {
    asked.add(place);
    return [place + 2];
  };
  const made = translator(net, { ...sentence, constraint, minLength: 2, maxLength: 3, batch: 3 });
  const found = await made.translate(sources);
  expect(found.map(([best]) => best!.tokens)).toEqual(
    sources.map((_, place) => new Array(3).fill(place + 2)),
  );
  expect([...asked].sort()).toEqual([0, 1, 2, 3, 4]);
});

test("a target is never longer than it may be, and ends", async () => {
  for (const maxLength of [1, 3, (length: number) => length + 1]) {
    const made = translator(net, { ...sentence, maxLength });
    const found = await made.translate(sources);
    for (const [index, [best]] of found.entries()) {
      const most = typeof maxLength === "number" ? maxLength : maxLength(sources[index]!.length);
      expect(best!.tokens.length).toBeLessThanOrEqual(most);
      expect(best!.finished).toMatch(/end|length/);
    }
  }
});

test("a translation may be followed token by token", async () => {
  const made = translator(net, { ...sentence, maxLength: 6 });
  const drafts: number[][] = [];
  for (const { leading } of made.translating(sources[0]!)) {
    const { tokens, attention } = leading();
    drafts.push([...tokens]);
    for (const row of attention!) expect(row).toHaveLength(sources[0]!.length);
  }
  const [found] = await made.translate([sources[0]!]);
  const { tokens } = found![0]!;
  expect(drafts.at(-1)).toEqual(tokens);
  for (const [step, draft] of drafts.entries()) expect(draft).toEqual(tokens.slice(0, step + 1));
});

test("memory does not grow with the number of translations, and comes back", async () => {
  const made = translator(net, sentence);
  await made.translate(sources);
  const { memory } = net;
  for (let again = 0; again < 20; again++) await made.translate(sources);
  expect(net.memory).toBe(memory);
  made.close();
  expect(await made.translate([[1]])).toHaveLength(1);
});

test("translations at the same time do not disturb each other", async () => {
  const alone = await translator(net, sentence).translate(sources);
  const made = translator(net, { ...sentence, batch: 1 });
  const together = await Promise.all([made.translate(sources), made.translate(sources)]);
  const tokens = (found: typeof alone) => found.map(([best]) => best!.tokens);
  for (const found of together) expect(tokens(found)).toEqual(tokens(alone));
  const [one, other] = [made.translating(sources[0]!), made.translating(sources[2]!)];
  const [first] = [one.next(), other.next()]; // of one size: each has a stream of its own
  expect(first.done).toBe(false);
  const rest = (steps: typeof one) => {
    for (;;) {
      const { done, value } = steps.next();
      if (done) return value[0]![0]!.tokens;
    }
  };
  expect([rest(one), rest(other)]).toEqual([alone[0]![0]!.tokens, alone[2]![0]!.tokens]);
});

test("what was refused costs no memory, and is no whole number either", async () => {
  const made = translator(net, sentence);
  await made.translate(sources);
  const { memory } = net;
  for (let again = 0; again < 50; again++) {
    for (const bad of [[1, 9], [1.5], [Number.NaN], [-1]]) {
      await expect(made.translate([bad])).rejects.toThrow(/source/);
    }
    expect(() => net.stream({ others: { source: [1, 2, 3] }, room: { source: 2 } })).toThrow(
      /at most 2 steps/,
    );
  }
  expect(net.memory).toBe(memory);
});

test("what cannot be translated is refused by its place", async () => {
  const made = translator(net, sentence);
  await expect(made.translate([[1], [7]])).rejects.toThrow(/source.*from 0 to 6.*7/);
  expect(() => translator(net, { ...sentence, batch: 0 })).toThrow(/a whole number from 1/);
  const alone = await model(tokens(9), embedding(4), gru(4), dense(9), { threads: 1 });
  expect(() => translator(alone, sentence)).toThrow(/two inputs/);
  const abort = new AbortController();
  abort.abort(new Error("enough"));
  await expect(made.translate(sources, { signal: abort.signal })).rejects.toThrow("enough");
});
