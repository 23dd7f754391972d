/** An LSTM with weights in int8 and the same in float32, in turns: a step of a stream, and a batch of sequences. */
import { features, lstm, model, quantise, random, tensor } from "../ts/index.js";
import { repeat, result, takeTurns } from "./measure.js";

const [BATCH, STEPS] = [32, 64];

/** @param {import("./measure.js").Options} options */
export default async function int8({ rounds = 200 }) {
  const results = [];
  for (const units of [256, 512]) {
    for (const precision of /** @type {const} */ (["reproducible", "fast"])) {
      const options = { precision, threads: 1 };
      const net = await model(features(units), lstm(units), options);
      if (net.precision.name !== precision) continue; // a host without relaxed SIMD
      const { model: small } = await quantise(net, options);
      const suffix = precision === "fast" ? "-fast" : "";
      const row = normals(units);
      const steps = [small, net].map((each) => {
        const stream = each.stream();
        return repeat(() => stream.step(row));
      });
      results.push(await compare(`step-h${units}${suffix}`, "µs", steps, rounds));
      if (units !== 256) continue;
      const batch = tensor(normals(BATCH * STEPS * units), [BATCH, STEPS, units]);
      const sequences = [small, net].map((each) => async (/** @type {number} */ times) => {
        for (let i = 0; i < times; i++) await each.predict(batch);
      });
      const id = `sequence-t${STEPS}-b${BATCH}-h${units}${suffix}`;
      results.push(await compare(id, "ms", sequences, rounds / 10));
    }
  }
  return results;
}

/**
 * @param {string} id
 * @param {"µs" | "ms"} unit
 * @param {readonly import("./measure.js").Work[]} works in int8, in float32
 * @param {number} rounds
 */
async function compare(id, unit, works, rounds) {
  const [small, large] = await takeTurns(works, Math.ceil(rounds));
  const ratios = large.map((seconds, round) => seconds / small[round]);
  return result(
    id,
    unit,
    small.map((seconds) => seconds * (unit === "µs" ? 1e6 : 1e3)),
    { ratios, of: "float32 / int8" },
  );
}

/** @param {number} count */
function normals(count) {
  const { normal } = random(1);
  return Float32Array.from({ length: count }, normal);
}
