/**
 * An encoder and a decoder with attention: training in useful GFLOP/s, decoding in tokens a second. `before` is Bahdanau's
 * attention, the default, whose output layer reads state and context; `feed` is Luong's, whose output layer reads the attentional
 * vector, half as wide, which also enters the next step. Training and decoding are of the same models.
 */
import {
  adam,
  beamSearch,
  crossEntropy,
  dense,
  embedding,
  encoderDecoder,
  inputs,
  load,
  lstm,
  model,
  quantise,
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

/** @type {Record<string, import("../ts/index.js").DecoderAttention>} */
const forms = {
  before: { score: "additive" },
  feed: { look: "after", feed: true, score: "general" },
};

/** A start that is no end, and an end that never comes: all are as long as they may be. */
const settings = { start: 0, end: 1, minLength: STEPS, maxLength: STEPS };

const { integer } = random(1);
const sentences = (/** @type {number} */ count) =>
  tensor(
    Uint32Array.from({ length: count * STEPS }, () => 2 + integer(SYMBOLS - 2)),
    [count, STEPS],
  );
const sources = Array.from({ length: 32 }, () => sentences(1).data);

/** @param {import("./measure.js").Options} options */
export default async function translate({ rounds = 20 }) {
  const results = [];
  for (const form of Object.keys(forms)) {
    for (const precision of /** @type {const} */ (["reproducible", "fast"])) {
      const options = { precision, threads: 1 };
      const net = await model(
        inputs({ target: tokens(SYMBOLS), source: tokens(SYMBOLS) }),
        encoderDecoder({
          encoder: [embedding(EMBEDDING), lstm(UNITS)],
          decoder: [embedding(EMBEDDING), lstm(UNITS)],
          attention: forms[form],
        }),
        dense(SYMBOLS),
        options,
      );
      if (net.precision.name !== precision) continue; // a host without relaxed SIMD
      const { model: small } = await quantise(net, options);
      const suffix = precision === "fast" ? "-fast" : "";
      results.push(await training(`${form}-train${suffix}`, form, net, rounds));
      results.push(...(await decoding(form, suffix, net, small, rounds)));
      results.push(...(await onTwoThreads(form, suffix, net, small, rounds)));
    }
  }
  return results;
}

/**
 * @param {string} id
 * @param {string} form
 * @param {import("../ts/index.js").Model} net
 * @param {number} rounds
 */
async function training(id, form, net, rounds) {
  const batches = Array.from({ length: 4 }, () => ({
    inputs: { target: sentences(BATCH), source: sentences(BATCH) },
    targets: sentences(BATCH),
  }));
  const steps = net.train(batches, { loss: crossEntropy(), optimiser: adam(1e-3), epochs: Infinity });
  const work = async (/** @type {number} */ times) => {
    for (let i = 0; i < times; i++) await steps.next();
  };
  // Of the forward pass: every product comes back as two of the same size.
  const trained = await againstPeak(id, 3 * 2 * BATCH * multiplications(form), work, rounds);
  await steps.return();
  return trained;
}

/**
 * @param {string} form
 * @param {string} suffix
 * @param {import("../ts/index.js").Model} net
 * @param {import("../ts/index.js").Model} small the same in int8
 * @param {number} rounds
 */
async function decoding(form, suffix, net, small, rounds) {
  const results = [];
  for (const [id, count, works] of /** @type {const} */ ([
    ["b1", 1, [alone(net), alone(small)]],
    [`b${sources.length}`, sources.length, [together(net), together(small)]],
  ])) {
    const counted = { count: count * STEPS, unit: "tokens/s" };
    const flop = 2 * count * multiplications(form);
    results.push(await againstPeak(`${form}-greedy-${id}${suffix}`, flop, works[0], rounds, counted));
    const [large, int8] = await takeTurns(works, rounds);
    const ratios = large.map((seconds, round) => seconds / int8[round]);
    const rates = int8.map((seconds) => counted.count / seconds);
    const compared = { ratios, of: "float32 / int8" };
    results.push(rateResult(`${form}-greedy-${id}-int8${suffix}`, rates, compared, counted.unit));
  }
  const beams = alone(net, { search: beamSearch({ beams: 5 }) });
  const [beam, greedy] = await takeTurns([beams, alone(net)], rounds);
  const ratios = beam.map((seconds, round) => seconds / greedy[round]);
  const milliseconds = beam.map((seconds) => seconds * 1000);
  results.push(
    result(`${form}-beam5-b1${suffix}`, "ms", milliseconds, { ratios, of: `${form}-greedy-b1${suffix}` }),
  );
  return results;
}

/**
 * @param {string} form
 * @param {string} suffix
 * @param {import("../ts/index.js").Model} net
 * @param {import("../ts/index.js").Model} small
 * @param {number} rounds
 */
async function onTwoThreads(form, suffix, net, small, rounds) {
  const results = [];
  for (const [kind, model] of /** @type {const} */ ([
    ["", net],
    ["-int8", small],
  ])) {
    const two = await load(model.save(), { precision: model.precision.name, threads: 2 });
    const [one, shared] = await takeTurns([together(model), together(two)], rounds);
    await two.close();
    const ratios = one.map((seconds, round) => seconds / shared[round]);
    const rates = shared.map((seconds) => (sources.length * STEPS) / seconds);
    const id = `${form}-greedy-b${sources.length}${kind}-threads2${suffix}`;
    results.push(rateResult(id, rates, { ratios, of: "one thread / two" }, "tokens/s"));
  }
  return results;
}

/**
 * A source at a time.
 *
 * @param {import("../ts/index.js").Model} net
 * @returns {import("./measure.js").Work}
 */
function alone(net, search = {}) {
  const one = translator(net, { ...settings, ...search });
  return async (times) => {
    for (let i = 0; i < times; i++) await one.translate([sources[i % sources.length]]);
  };
}

/**
 * All sources at once.
 *
 * @param {import("../ts/index.js").Model} net
 * @returns {import("./measure.js").Work}
 */
function together(net) {
  const many = translator(net, { ...settings, batch: sources.length });
  return async (times) => {
    for (let i = 0; i < times; i++) await many.translate(sources);
  };
}

/**
 * Of the forward pass, for a pair of sentences.
 *
 * @param {string} form
 */
function multiplications(form) {
  const cell = (EMBEDDING + UNITS) * 4 * UNITS;
  const attention = UNITS * UNITS + UNITS * 4 * UNITS + 2 * STEPS * UNITS; // query, what enters the gates, scores and sums
  const own =
    form === "before"
      ? UNITS * UNITS + 2 * UNITS * SYMBOLS // keys, output
      : 2 * UNITS * UNITS + UNITS * SYMBOLS; // attentional vector, output
  return STEPS * (cell + cell + attention + own);
}
