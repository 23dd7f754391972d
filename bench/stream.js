/** One step of a streaming LSTM, in microseconds: the median of runs of steps, the p99 of single ones. */
import { features, lstm, model, random } from "../ts/index.js";
import { median, quantile } from "./measure.js";

/** Steps timed together, so that reading the clock does not count, and as many one by one, in each round. */
const STEPS = 20;

/** @param {import("./measure.js").Options} options */
export default async function stream({ rounds = 1000 }) {
  const results = [];
  for (const units of [64, 128, 256]) results.push(await measure(units, rounds));
  return results;
}

/**
 * @param {number} units
 * @param {number} rounds
 */
async function measure(units, rounds) {
  const stream = (await model(features(units), lstm(units))).stream();
  const { normal } = random(1);
  const row = Float32Array.from({ length: units }, normal);
  for (let i = 0; i < 5000; i++) stream.step(row); // for V8 to compile it for speed

  const together = [];
  const single = [];
  for (let round = 0; round < rounds; round++) {
    const start = process.hrtime.bigint();
    for (let i = 0; i < STEPS; i++) stream.step(row);
    together.push(Number(process.hrtime.bigint() - start) / 1e3 / STEPS);
    for (let i = 0; i < STEPS; i++) {
      const start = process.hrtime.bigint();
      stream.step(row);
      single.push(Number(process.hrtime.bigint() - start) / 1e3);
    }
  }
  const typical = median(together);
  const p99 = quantile(single, 0.99);
  return { id: `lstm-h${units}`, unit: "µs", median: typical, p99, ratio: p99 / typical, of: "median" };
}
