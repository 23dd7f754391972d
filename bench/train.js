/** Whole training steps of a language model, through the public API, in useful GFLOP/s. */
import { adam, crossEntropy, dense, embedding, lstm, model, random, tokens, windows } from "../ts/index.js";
import { againstPeak } from "./peak.js";

const SYMBOLS = 1000;
const EMBEDDING = 64;
const BATCH = 32;
const STEPS = 64;

/** @param {import("./measure.js").Options} options */
export default async function train({ rounds = 40 }) {
  const { integer } = random(1);
  const ids = Uint32Array.from({ length: 16 * BATCH * (STEPS + 1) }, () => integer(SYMBOLS));
  const examples = windows(ids, { batch: BATCH, steps: STEPS });

  const results = [];
  for (const units of [128, 256]) {
    const layers = [embedding(EMBEDDING), lstm(units), dense(SYMBOLS)];
    const language = await model(tokens(SYMBOLS), ...layers, { threads: 1 });
    const optimiser = adam(1e-3);
    const progress = language.train(examples, { loss: crossEntropy(), optimiser, epochs: Infinity });
    /** @param {number} times */
    const work = async (times) => {
      for (let i = 0; i < times; i++) await progress.next();
    };
    // Every product of the forward pass comes back as two of the same size: one for each gradient.
    const weights = EMBEDDING * 4 * units + units * 4 * units + units * SYMBOLS;
    results.push(await againstPeak(`lm-h${units}`, 3 * 2 * STEPS * BATCH * weights, work, rounds));
    await progress.return();
  }
  return results;
}
