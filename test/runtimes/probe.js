// What one runtime can do with the package, and what it computes.
import { trainedBits } from "./bits.js";

/**
 * @typedef {object} Found
 * @property {string | true} simd `true`, or why the engine cannot run.
 * @property {string | true} relaxed `true`, or why products are computed without relaxed SIMD.
 * @property {string | true} threads `true`, or why there is only one.
 * @property {Record<string, string>} [bits] SHA-256 of trained weights.
 * @property {boolean} learns Whether a loss fell, and a saved model that was loaded again predicts and streams alike.
 */

/**
 * @param {typeof import("recurra")} recurra
 * @param {{ threads?: number, bits?: boolean } & import("recurra").EngineOptions} [options]
 * @returns {Promise<Found>}
 */
export async function probe(recurra, { bits = true, threads = 1, ...options } = {}) {
  const { model, features, lstm, dense, tensor } = recurra;
  try {
    const fast = await model(features(1), dense(1), { ...options, precision: "fast", threads: 1 });
    const shared = await model(features(64), lstm(128), dense(1), { ...options, threads: 2 });
    await shared.predict(tensor(new Float32Array(64 * 64 * 16), [16, 64, 64])); // workers start when there is work
    const found = {
      simd: /** @type {const} */ (true),
      relaxed: fast.precision.reason ?? /** @type {const} */ (true),
      threads: shared.threads.reason ?? /** @type {const} */ (true),
      learns: await learns(recurra, options),
    };
    await shared.close();
    return bits ? { ...found, bits: await trainedBits(recurra, threads) } : found;
  } catch (error) {
    if (!(error instanceof recurra.EngineError)) throw error;
    return { simd: error.message, relaxed: "", threads: "", learns: false };
  }
}

/**
 * @param {typeof import("recurra")} recurra
 * @param {import("recurra").EngineOptions} options
 */
async function learns({ model, features, lstm, dense, squaredError, adam, load }, options) {
  const net = await model(features(1), lstm(4), dense(1), { ...options, seed: 1 });
  const inputs = [[1], [0], [1], [1]];
  const examples = [{ inputs, targets: [[1], [1], [2], [3]] }];
  const { loss } = await net.fit(examples, { loss: squaredError(), optimiser: adam(0.05), epochs: 50 });
  const again = await load(net.save(), options);
  const { data } = await again.predict(inputs);
  const stream = again.stream();
  const streamed = inputs.map((row) => stream.step(row)[0]);
  return loss[49] < loss[0] / 4 && streamed.every((value, i) => Math.abs(value - data[i]) < 1e-6);
}
