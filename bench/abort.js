/** How soon training ends after it is aborted, in milliseconds, and for how long it holds the event loop. */
import { adam, crossEntropy, dense, embedding, lstm, model, random, tokens, windows } from "../ts/index.js";
import { result } from "./measure.js";

const SYMBOLS = 1000;
/** The figure to reach, in milliseconds. */
const LIMIT = 100;

/** @param {import("./measure.js").Options} options */
export default async function abort({ rounds = 200 }) {
  const { integer, uniform } = random(1);
  const results = [];
  for (const [units, batch] of [
    [128, 32],
    [256, 64],
  ]) {
    const ids = Uint32Array.from({ length: 4 * batch * 65 }, () => integer(SYMBOLS));
    const examples = windows(ids, { batch, steps: 64 });
    const language = await model(tokens(SYMBOLS), embedding(64), lstm(units), dense(SYMBOLS));
    const settings = { loss: crossEntropy(), optimiser: adam(1e-3), epochs: Infinity };
    await language.fit(examples, { ...settings, epochs: 1 });
    const latencies = [];
    for (let round = 0; round < rounds; round++) {
      const controller = new AbortController();
      const after = 20 + 150 * uniform();
      // Counted from when the timer was due, not from when it could run.
      const due = performance.now() + after;
      setTimeout(() => controller.abort("enough"), after);
      try {
        await language.fit(examples, { ...settings, signal: controller.signal });
      } catch (error) {
        if (error !== "enough") throw error;
      }
      latencies.push(performance.now() - due);
    }
    results.push(
      result(`lm-h${units}-b${batch}`, "ms", latencies, {
        ratios: latencies.map((latency) => latency / LIMIT),
        of: "100 ms",
      }),
    );
  }
  return results;
}
