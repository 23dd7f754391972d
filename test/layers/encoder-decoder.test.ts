import { beforeAll, describe, expect, test } from "vitest";
import {
  adam,
  bidirectional,
  crossEntropy,
  type DecoderAttention,
  dense,
  type EncoderDecoderOptions,
  embedding,
  encoderDecoder,
  features,
  gru,
  InputError,
  inputs,
  load,
  logSoftmax,
  lstm,
  type Model,
  model,
  random,
  rnn,
  score,
  tokens,
  translator,
} from "../../ts/index.js";
import { expectClose } from "../reference/compare.js";

const [START, END, FIRST, SIZE] = [0, 1, 2, 8];

/** Sequences and what they are the other way round, padded. */
function reversals(rows: number, seed: number) {
  const draw = random(seed);
  const source = Array.from({ length: rows }, () =>
    Array.from({ length: 1 + draw.integer(5) }, () => FIRST + draw.integer(SIZE - FIRST)),
  );
  const target = source.map((row) => row.toReversed());
  const pad = (row: number[], length: number) => [...row, ...Array(length - row.length).fill(0)];
  return {
    source,
    target,
    batch: {
      inputs: {
        target: target.map((row) => pad([START, ...row], 6)),
        source: source.map((row) => pad(row, 5)),
      },
      lengths: { target: target.map(({ length }) => length + 1), source: source.map(({ length }) => length) },
      targets: target.map((row) => pad([...row, END], 6)),
    },
  };
}

const of = () => inputs({ target: tokens(SIZE), source: tokens(SIZE) });

function make(options: Partial<EncoderDecoderOptions>): Promise<Model> {
  const both = { encoder: [embedding(8), gru(24)], decoder: [embedding(8), gru(24)] };
  return model(of(), encoderDecoder({ ...both, ...options }), dense(SIZE), { seed: 2, threads: 1 });
}

const additive: DecoderAttention = { score: "additive" };
const variants: Record<string, Partial<EncoderDecoderOptions>> = {
  "no attention": {},
  "its context at every step": { everyStep: true },
  "additive attention": { attention: additive },
  "general attention": { attention: { score: "general" } },
  "attention with coverage": { attention: { ...additive, units: 13, coverage: true } },
  "attention after its steps": { attention: { look: "after", score: "general" } },
  "attention after its steps that enters the next": { attention: { look: "after", feed: true } },
  "two layers and attention that enters the next step": {
    encoder: [embedding(8), gru(24), gru(24)],
    decoder: [embedding(8), lstm(20), gru(24)],
    attention: { look: "after", feed: true, score: "dot" },
  },
  "attention to a window around its own step": { attention: { window: 2 } },
  "attention after its steps to a window that it predicts": {
    attention: { look: "after", window: 2, centre: "predicted" },
  },
  "one table of symbols": { shared: true, decoder: [gru(24)], attention: additive },
  "LSTM in both directions": {
    encoder: [embedding(8), bidirectional(lstm(12))],
    decoder: [embedding(8), lstm(24)],
    attention: additive,
  },
  "two layers on either side": {
    encoder: [embedding(8), gru(24), gru(24)],
    decoder: [embedding(8), gru(24), gru(24)],
    attention: additive,
  },
  "an LSTM behind a simple network": {
    encoder: [embedding(8), rnn(24)],
    decoder: [embedding(8), lstm(20)],
    attention: additive,
  },
};

describe.each(Object.entries(variants))("an encoder and a decoder with %s", (_, options) => {
  let net: Model;
  let losses: readonly number[];
  beforeAll(async () => {
    net = await make(options);
    const batches = Array.from({ length: 100 }, (_, step) => reversals(32, step).batch);
    ({ loss: losses } = await net.fit(batches, { loss: crossEntropy(), optimiser: adam(0.01), clip: 1 }));
  });

  test("learns", () => {
    expect(losses.at(-1)!).toBeLessThan(0.6 * losses[0]!);
  });

  test("is the same after it was saved, and gives the same log-probabilities step by step as at once", async () => {
    const { source, target, batch } = reversals(7, 1000);
    const again = await load(net.save(), { threads: 1 });
    expect(again.definition).toEqual(net.definition);
    const { data, shape } = await again.predict(batch.inputs, { lengths: batch.lengths });
    const width = shape[2]!;
    const stream = net.stream({
      rows: 7,
      others: { source: batch.inputs.source },
      lengths: { source: batch.lengths.source },
      after: logSoftmax(),
    });
    const scores = score(stream, target, { start: START, end: END });
    for (const [row, { logProbability }] of scores.entries()) {
      const sum = batch.targets[row]!.slice(0, source[row]!.length + 1).reduce((sum, token, step) => {
        const logits = data.subarray((row * shape[1]! + step) * width, (row * shape[1]! + step + 1) * width);
        const norm = Math.log(logits.reduce((sum, x) => sum + Math.exp(x), 0));
        return sum + logits[token]! - norm;
      }, 0);
      expect(Math.abs(logProbability - sum)).toBeLessThan(1e-5);
    }
  });
});

test("attention turns sequences round, looking from their end to their beginning", async () => {
  const net = await make({ attention: additive });
  const batches = Array.from({ length: 400 }, (_, step) => reversals(32, step).batch);
  await net.fit(batches, { loss: crossEntropy(), optimiser: adam(0.01), clip: 1 });
  const { source, target } = reversals(200, 5000);
  const found = await translator(net, { start: START, end: END }).translate(source);
  const right = found.filter(([best], i) => best!.tokens.join() === target[i]!.join()).length;
  expect(right).toBeGreaterThanOrEqual(198);
  for (const [best] of found) {
    for (const weights of best!.attention!) expectClose([weights.reduce((sum, x) => sum + x, 0)], [1], 1e-6);
  }
});

test("final states of the same widths are handed over as they are, others through a layer of their own", async () => {
  const paths = async (options: Partial<EncoderDecoderOptions>) =>
    (await make(options)).parameters().map(({ path }) => path);
  expect((await paths({})).filter((path) => path.includes("bridge"))).toEqual([]);
  const inPlace = { encoder: [embedding(8), gru(6), gru(9)], decoder: [embedding(8), gru(6), gru(9)] };
  expect((await paths(inPlace)).filter((path) => path.includes("bridge"))).toEqual([]);
  const two = { encoder: [embedding(8), bidirectional(gru(12))] };
  expect((await paths(two)).filter((path) => path.includes("bridge"))).toHaveLength(2);
});

test("what cannot be an encoder and a decoder is refused", async () => {
  const recurrent = { encoder: [gru(4)], decoder: [gru(4)] };
  expect(() => encoderDecoder({ ...recurrent, decoder: [dense(4)] })).toThrow(/a recurrent layer.*dense/);
  expect(() => encoderDecoder({ ...recurrent, encoder: [] })).toThrow(InputError);
  expect(() => encoderDecoder({ ...recurrent, decoder: [bidirectional(gru(4))] })).toThrow(
    /got bidirectional/,
  );
  expect(() => encoderDecoder({ ...recurrent, attention: { score: "dot" as "general" } })).toThrow(
    /"general"/,
  );
  expect(() => encoderDecoder({ ...recurrent, attention: { score: "general", coverage: true } })).toThrow(
    /additive/,
  );
  expect(() => encoderDecoder({ ...recurrent, decoder: [gru(4, { reverse: true })] })).toThrow(/got gru/);
  const fed = (options: object, decoder = [gru(4)]) =>
    encoderDecoder({ ...recurrent, decoder, attention: { look: "after", feed: true, ...options } });
  expect(() => fed({ look: "before" })).toThrow(/look: "after" beside it/);
  expect(() => fed({ look: "both" })).toThrow(/"before" or "after"/);
  expect(() => fed({ feed: "yes" })).toThrow(/true or false/);
  expect(() => fed({ score: "location" })).toThrow(/"additive" or "general" or "dot" with input feeding/);
  expect(() => fed({ window: 2, centre: "predicted" })).toThrow(/"aligned" with input feeding/);
  expect(() => fed({}, [gru(4), dense(4) as never])).toThrow(/only recurrent layers.*got dense/);
  const every = {
    decoder: [gru(4), gru(4)],
    everyStep: true,
    attention: { look: "after", feed: true },
  } as const;
  expect(() => encoderDecoder({ ...recurrent, ...every })).toThrow(/one recurrent layer, got 2/);
  const narrow = model(inputs({ target: features(3), source: features(3) }), fed({ score: "dot" }, [gru(5)]));
  await expect(narrow).rejects.toThrow(/as wide as the hidden state, 5/);
  expect(() => encoderDecoder({ ...recurrent, attention: { dropout: 0.1 } } as never)).toThrow(/dropout/);
  expect(() => encoderDecoder({ ...recurrent, atention: {} } as never)).toThrow(/atention/);
  const alone = model(features(3), encoderDecoder(recurrent));
  await expect(alone).rejects.toThrow(/an input called source/);
  const other = inputs({ target: features(3), origin: features(3) });
  await expect(model(other, encoderDecoder(recurrent))).rejects.toThrow(/origin/);
  await model(other, encoderDecoder({ ...recurrent, source: "origin" }), { threads: 1 });
});
