/** Exploding gradients: one run twice, as it comes and with its gradients clipped. */

import {
  crossEntropy,
  DivergedError,
  dense,
  embedding,
  model,
  rnn,
  sgd,
  tokens,
  vocabulary,
  windows,
} from "recurra";
import { plot } from "recurra/terminal";
import { quote, table } from "./lib/terminal.js";

/** @import { Screen } from "./lib/terminal.js" */

export const about = "diverges, and with clipped gradients does not";

const text = "The whale, the whale! Up helm, up helm! ";
const characters = vocabulary(text);
const examples = windows(characters.encode(text.repeat(200)), { batch: 4, steps: 64 });
const runs = [
  { name: "as it comes", mark: "●", clip: Infinity },
  { name: "clipped to norm 1", mark: "○", clip: 1 },
];
const steps = 200;

/**
 * @typedef {object} Outcome
 * @property {number} norm The largest of a gradient, before it is clipped.
 * @property {string} error
 */

/** @param {Screen} screen */
export default async function clipping({ print, follow, columns }) {
  print(`\
Text      ${text}and so on
Model     embedding 16, Elman 32 with relu, dense ${characters.size}
Training  ${steps} steps of 4 windows of 64 characters; gradient descent at rate 0.2
          with momentum 0.9
Runs      ${runs.map(({ name }) => name).join(", and from the same seed ")}
`);
  const curves = [];
  const rows = [["run", "steps", "last loss", "largest gradient"]];
  const score = [];
  for (const { name, mark, clip } of runs) {
    /** @type {Outcome} */
    const outcome = { norm: 0, error: "" };
    const losses = await follow(train(clip, outcome), { steps, label: name.padEnd(17) });
    if (outcome.error) print(`\n${quote(outcome.error, columns)}`);
    const loss = losses[losses.length - 1];
    curves.push({ name, mark, points: losses.map((loss, step) => ({ x: step, y: Math.log10(loss) })) });
    rows.push([name, `${losses.length}`, loss.toExponential(0), outcome.norm.toExponential(0)]);
    score.push({ steps: losses.length, loss, diverged: outcome.error !== "" });
  }
  const format = (/** @type {number} */ y) => (10 ** y).toExponential(0);
  print(`
${plot(curves, { title: "loss", from: "0", to: `${steps} steps`, columns, format })}
${table(rows)}`);
  return { free: score[0], clipped: score[1] };
}

/**
 * Trains to the end, or until it diverges.
 *
 * @param {number} clip
 * @param {Outcome} outcome
 */
async function* train(clip, outcome) {
  const layers = [embedding(16), rnn(32, { activation: "relu" }), dense(characters.size)];
  const net = await model(tokens(characters), ...layers, { seed: 3 });
  const optimiser = sgd(0.2, { momentum: 0.9 });
  try {
    for await (const progress of net.train(examples, { loss: crossEntropy(), optimiser, clip, steps })) {
      outcome.norm = Math.max(outcome.norm, progress.gradientNorm);
      yield progress;
    }
  } catch (error) {
    if (!(error instanceof DivergedError)) throw error;
    outcome.error = error.message;
  }
}
