/** Vanishing gradients: how far back a loss at the last step reaches, in six networks as they begin. */

import { crossEntropy, dense, features, gru, inspect, lstm, model, random, rnn, tensor } from "recurra";
import { plot } from "recurra/terminal";
import { table } from "./lib/terminal.js";

/** @import { Screen } from "./lib/terminal.js" */

export const about = "shows how far back gradients reach";

const steps = 100;
const units = 32;
const rows = 16;
/** Below it nothing is learned in float32. */
const least = 1e-6;

const networks = [
  { name: "sigmoid", mark: "●", layer: rnn(units, { activation: "sigmoid" }) },
  { name: "tanh", mark: "○", layer: rnn(units) },
  { name: "relu", mark: "×", layer: rnn(units, { activation: "relu" }) },
  { name: "GRU", mark: "+", layer: gru(units) },
  { name: "LSTM", mark: "◆", layer: lstm(units) },
  { name: "LSTM 5", mark: "◇", layer: lstm(units, { forgetBias: 5 }) },
];

/** @param {Screen} screen */
export default async function vanishing({ print, columns }) {
  print(`\
${rows} rows of noise pass through networks of ${units} units, as they begin; a loss counts at
step ${steps} alone. Shown is the gradient of the state after each step, as a share of
that after the last. LSTM 5 begins with a forget bias of 5 instead of 1.
`);
  const { normal, integer } = random(7);
  const inputs = tensor(Float32Array.from({ length: rows * steps * 2 }, normal), [rows, steps, 2]);
  const targets = tensor(
    Uint32Array.from({ length: rows * steps }, () => integer(2)),
    [rows, steps],
  );
  const weights = Array.from({ length: rows * steps }, (_, i) => (i % steps === steps - 1 ? 1 : 0));

  const curves = [];
  const lines = [["network", "at step 1", `steps back to ${least}`]];
  /** @type {Record<string, { first: number, reach: number }>} */
  const score = {};
  for (const { name, mark, layer } of networks) {
    const net = await model(features(2), layer, dense(2), { seed: 1 });
    const [{ gradients }] = await inspect(net, inputs, { loss: crossEntropy(), targets, weights });
    const norms = [.../** @type {{ norms: Float32Array }} */ (gradients).norms];
    const shares = norms.map((norm) => norm / norms[steps - 1]);
    const reach = steps - shares.findIndex((share) => share >= least);
    const points = shares.map((share, step) => ({ x: step, y: Math.max(-12, Math.log10(share)) }));
    curves.push({ name, mark, points });
    lines.push([name, shares[0].toExponential(0), `${reach}`]);
    score[name] = { first: shares[0], reach };
  }
  const format = (/** @type {number} */ y) => (10 ** y).toExponential(0);
  const axes = { title: "gradient", from: "step 1", to: `${steps}`, columns, format };
  print(`\n${plot(curves, axes)}\n${table(lines)}`);
  return score;
}
