/** Two threads against one: training a language model and predicting a batch, with the second core free and with it busy. */
import { Worker } from "node:worker_threads";
import {
  adam,
  crossEntropy,
  dense,
  embedding,
  features,
  lstm,
  model,
  random,
  tensor,
  tokens,
  windows,
} from "../ts/index.js";
import { result, takeTurns } from "./measure.js";

/** How often a work is done in its turn: threads that have just slept are not what is measured. */
const TIMES = 5;

const [SYMBOLS, EMBEDDING, BATCH, STEPS] = [1000, 64, 32, 64];

/** @param {import("./measure.js").Options} options */
export default async function threads({ rounds = 20 }) {
  const results = [];
  for (const busy of [false, true]) {
    const other = busy ? new Worker("for (;;);", { eval: true }) : undefined;
    for (const units of [128, 256]) {
      results.push(await compare(`train-lm-h${units}`, busy, rounds, (threads) => training(units, threads)));
      results.push(
        await compare(`predict-t64-b32-h${units}`, busy, rounds, (threads) => predicting(units, threads)),
      );
    }
    await other?.terminate();
  }
  return results;
}

/**
 * @typedef {{ work: import("./measure.js").Work, end: () => Promise<void> }} Job
 * @param {string} id
 * @param {boolean} busy
 * @param {number} rounds
 * @param {(threads: number) => Promise<Job>} begin
 */
async function compare(id, busy, rounds, begin) {
  const jobs = [await begin(2), await begin(1)];
  const works = jobs.map(({ work }) => work);
  for (const work of works) await work(TIMES);
  const [two, one] = await takeTurns(works, rounds, [TIMES, TIMES]);
  for (const { end } of jobs) await end();
  const ratios = two.map((seconds, round) => one[round] / seconds);
  const milliseconds = two.map((seconds) => seconds * 1e3);
  return result(`${id}${busy ? "-busy" : ""}`, "ms", milliseconds, { ratios, of: "one thread / two" });
}

/**
 * @param {number} units
 * @param {number} threads
 * @returns {Promise<Job>}
 */
async function training(units, threads) {
  const { integer } = random(1);
  const ids = Uint32Array.from({ length: 16 * BATCH * (STEPS + 1) }, () => integer(SYMBOLS));
  const examples = windows(ids, { batch: BATCH, steps: STEPS });
  const layers = [embedding(EMBEDDING), lstm(units), dense(SYMBOLS)];
  const net = await model(tokens(SYMBOLS), ...layers, { threads });
  const progress = net.train(examples, { loss: crossEntropy(), optimiser: adam(1e-3), epochs: Infinity });
  return {
    work: async (times) => {
      for (let i = 0; i < times; i++) await progress.next();
    },
    end: async () => {
      await progress.return();
      await net.close();
    },
  };
}

/**
 * @param {number} units
 * @param {number} threads
 * @returns {Promise<Job>}
 */
async function predicting(units, threads) {
  const net = await model(features(units), lstm(units), { threads });
  const { normal } = random(1);
  const data = Float32Array.from({ length: BATCH * STEPS * units }, normal);
  const batch = tensor(data, [BATCH, STEPS, units]);
  return {
    work: async (times) => {
      for (let i = 0; i < times; i++) await net.predict(batch);
    },
    end: () => net.close(),
  };
}
