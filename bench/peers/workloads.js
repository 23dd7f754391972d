// What the libraries race over.

/**
 * `infer`: a layer over whole sequences, as many inputs as units. `stream`: one step of it after another, the state carried.
 * `train`: forward, backward and Adam on one batch, which is always the same; `text`: of a language model, how many symbols there
 * are and the width of their embedding.
 *
 * @typedef {"lstm" | "gru" | "rnn"} Cell
 * @typedef {{
 *   id: string,
 *   kind: "infer" | "stream" | "train",
 *   cell: Cell,
 *   steps: number,
 *   batch: number,
 *   units: number,
 *   threads: number,
 *   text?: { symbols: number, embedding: number },
 * }} Workload
 */

/** Of Adam, in all training. */
export const RATE = 1e-3;

const STEPS = 64;

/**
 * @param {Cell} cell
 * @param {number} batch
 * @param {number} units
 * @returns {Workload}
 */
const infer = (cell, batch, units) => ({
  id: `infer/${cell}-t${STEPS}-b${batch}-h${units}`,
  kind: "infer",
  cell,
  steps: STEPS,
  batch,
  units,
  threads: 1,
});

/**
 * @param {number} units
 * @returns {Workload}
 */
const stream = (units) => ({
  id: `stream/lstm-h${units}`,
  kind: "stream",
  cell: "lstm",
  steps: 1,
  batch: 1,
  units,
  threads: 1,
});

/**
 * A language model: embedding, LSTM, dense layer over the vocabulary, cross-entropy.
 *
 * @param {number} units
 * @param {number} threads
 * @returns {Workload}
 */
const language = (units, threads) => ({
  id: `train/lm-h${units}${threads > 1 ? `-threads${threads}` : ""}`,
  kind: "train",
  cell: "lstm",
  steps: STEPS,
  batch: 32,
  units,
  threads,
  text: { symbols: 1000, embedding: 64 },
});

/** The next value of sine waves: LSTM and dense layer, squared error. @type {Workload} */
const sine = {
  id: "train/sine-h32",
  kind: "train",
  cell: "lstm",
  steps: 32,
  batch: 32,
  units: 32,
  threads: 1,
};

/** @type {readonly Workload[]} */
export const workloads = [
  ...[64, 128, 256, 512].map((units) => infer("lstm", 32, units)),
  ...[64, 128, 256].map((units) => infer("lstm", 1, units)),
  infer("gru", 32, 128),
  infer("rnn", 32, 128),
  ...[32, 64, 128, 256].map(stream),
  ...[1, 2].flatMap((threads) => [128, 256].map((units) => language(units, threads))),
  sine,
];
