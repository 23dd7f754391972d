/** Whole training steps, through the public API: of a language model, in useful GFLOP/s, and of a large table, in milliseconds. */
import {
  adam,
  crossEntropy,
  dense,
  embedding,
  lstm,
  model,
  random,
  sparseEmbedding,
  tensor,
  tokens,
  windows,
} from "../ts/index.js";
import { result, takeTurns } from "./measure.js";
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
  return [...results, ...(await tables(rounds))];
}

/**
 * The same table of vectors, all of it at each step and the rows of the batch alone.
 *
 * @param {number} rounds
 */
async function tables(rounds) {
  const [symbols, width] = [100_000, 100];
  const { integer } = random(2);
  const ids = Uint32Array.from({ length: 16 * BATCH * (STEPS + 1) }, () => integer(symbols));
  const batches = [...windows(ids, { batch: BATCH, steps: STEPS })].map(({ inputs, targets }) => ({
    inputs,
    targets: tensor(
      targets.data.map((id) => id % 2),
      targets.shape,
    ),
  }));
  const trainings = await Promise.all(
    [embedding(width), sparseEmbedding(width)].map(async (table) => {
      const net = await model(tokens(symbols), table, dense(2), { threads: 1 });
      return net.train(batches, { loss: crossEntropy(), optimiser: adam(1e-3), clip: 1, epochs: Infinity });
    }),
  );
  const works = trainings.map((training) => async (/** @type {number} */ times) => {
    for (let i = 0; i < times; i++) await training.next();
  });
  const [whole, rows] = await takeTurns(works, rounds);
  for (const training of trainings) await training.return();
  const milliseconds = (/** @type {number[]} */ seconds) => seconds.map((each) => each * 1000);
  const compared = { ratios: rows.map((each, i) => each / whole[i]), of: "table" };
  return [
    result("table-100000x100", "ms", milliseconds(whole)),
    result("table-100000x100-sparse", "ms", milliseconds(rows), compared),
  ];
}
