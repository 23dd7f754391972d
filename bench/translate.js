/** An encoder and a decoder with attention: training in useful GFLOP/s, decoding in tokens a second. */
import {
  adam,
  beamSearch,
  crossEntropy,
  dense,
  embedding,
  encoderDecoder,
  inputs,
  lstm,
  model,
  random,
  tensor,
  tokens,
  translator,
} from "../ts/index.js";
import { rateResult, result, takeTurns } from "./measure.js";
import { againstPeak } from "./peak.js";

const SYMBOLS = 5000;
const EMBEDDING = 128;
const UNITS = 256;
const BATCH = 64;
const STEPS = 20;

/** @param {import("./measure.js").Options} options */
export default async function translate({ rounds = 20 }) {
  const { integer } = random(1);
  const sentences = (/** @type {number} */ count) =>
    tensor(
      Uint32Array.from({ length: count * STEPS }, () => 2 + integer(SYMBOLS - 2)),
      [count, STEPS],
    );
  const net = await model(
    inputs({ target: tokens(SYMBOLS), source: tokens(SYMBOLS) }),
    encoderDecoder({
      encoder: [embedding(EMBEDDING), lstm(UNITS)],
      decoder: [embedding(EMBEDDING), lstm(UNITS)],
      attention: { score: "additive" },
    }),
    dense(SYMBOLS),
    { threads: 1 },
  );
  const batches = Array.from({ length: 4 }, () => ({
    inputs: { target: sentences(BATCH), source: sentences(BATCH) },
    targets: sentences(BATCH),
  }));
  const training = net.train(batches, { loss: crossEntropy(), optimiser: adam(1e-3), epochs: Infinity });
  const work = async (/** @type {number} */ times) => {
    for (let i = 0; i < times; i++) await training.next();
  };
  const results = [await againstPeak("train", 3 * 2 * BATCH * multiplications(), work, rounds)];
  await training.return();

  // A start that is no end, and an end that never comes: all are as long as they may be.
  const settings = { start: 0, end: 1, minLength: STEPS, maxLength: STEPS };
  const source = Array.from({ length: 32 }, () => sentences(1).data);
  const one = translator(net, settings);
  const many = translator(net, { ...settings, batch: 32 });
  const beams = translator(net, { ...settings, search: beamSearch({ beams: 5 }) });
  const works = [
    async (/** @type {number} */ times) => {
      for (let i = 0; i < times; i++) await one.translate([source[i % 32]]);
    },
    async (/** @type {number} */ times) => {
      for (let i = 0; i < times; i++) await many.translate(source);
    },
    async (/** @type {number} */ times) => {
      for (let i = 0; i < times; i++) await beams.translate([source[i % 32]]);
    },
  ];
  const [alone, together, beam] = await takeTurns(works, rounds);
  const rates = (/** @type {number[]} */ seconds, /** @type {number} */ count) =>
    seconds.map((each) => (count * STEPS) / each);
  const tokensASecond = "tokens/s";
  return [
    ...results,
    rateResult("greedy-b1", rates(alone, 1), undefined, tokensASecond),
    rateResult("greedy-b32", rates(together, 32), undefined, tokensASecond),
    result(
      "beam5-b1",
      "ms",
      beam.map((each) => each * 1000),
      {
        ratios: beam.map((each, i) => each / alone[i]),
        of: "greedy-b1",
      },
    ),
  ];
}

/** Of the forward pass, for a pair of sentences: every product comes back as two of the same size. */
function multiplications() {
  const cell = (EMBEDDING + UNITS) * 4 * UNITS;
  const attention = UNITS * UNITS + UNITS * 4 * UNITS + 2 * STEPS * UNITS; // query, context, scores and sums
  const keys = UNITS * UNITS;
  return STEPS * (cell + keys + cell + attention + 2 * UNITS * SYMBOLS);
}
