/** How far back a loss at the last step reaches: the gradient of every earlier state, for five networks: `npm run example -- vanishing`. */

import asciichart from "asciichart";
import { crossEntropy, dense, features, gru, lstm, model, random, rnn, tensor } from "recurra";

const STEPS = 100;
const UNITS = 32;
const ROWS = 16;

const networks = {
  "rnn, sigmoid": rnn(UNITS, { activation: "sigmoid" }),
  "rnn, tanh": rnn(UNITS),
  "rnn, relu": rnn(UNITS, { activation: "relu" }),
  gru: gru(UNITS),
  "lstm, forget bias 1": lstm(UNITS),
  "lstm, forget bias 5": lstm(UNITS, { forgetBias: 5 }),
};

const colours = ["red", "yellow", "magenta", "cyan", "blue", "green"];

/** For each network the norm of the gradient at every step, as a share of that at the last. */
export async function measure() {
  const { normal, integer } = random(7);
  const inputs = tensor(Float32Array.from({ length: ROWS * STEPS * 2 }, normal), [ROWS, STEPS, 2]);
  const targets = tensor(
    Uint32Array.from({ length: ROWS * STEPS }, () => integer(2)),
    [ROWS, STEPS],
  );
  const weights = Array.from({ length: ROWS * STEPS }, (_, i) => (i % STEPS === STEPS - 1 ? 1 : 0));
  /** @type {Record<string, number[]>} */
  const shares = {};
  for (const [name, layer] of Object.entries(networks)) {
    const net = await model(features(2), layer, dense(2), { seed: 1 });
    const [seen] = await net.inspect(inputs, { loss: crossEntropy, targets, weights });
    const norms = seen?.gradients?.norms ?? new Float32Array();
    const last = norms[STEPS - 1] ?? NaN;
    shares[name] = Array.from(norms, (norm) => norm / last);
  }
  return shares;
}

/** @param {Record<string, number[]>} shares */
function draw(shares) {
  const FLOOR = -12;
  const curves = Object.values(shares).map((share) =>
    Array.from({ length: 72 }, (_, column) => {
      const value = share[Math.round((column * (STEPS - 1)) / 71)] ?? 0;
      return Math.max(FLOOR, Math.log10(value));
    }),
  );
  const tones = colours.map((colour) => asciichart[/** @type {"red"} */ (colour)]);
  const chart = asciichart.plot(curves, {
    height: 14,
    min: FLOOR,
    colors: process.stdout.isTTY ? tones : [],
    format: (exponent) => `1e${exponent.toFixed(0)}`.padStart(6),
  });
  return `${chart}\n       step 1${" ".repeat(60)}${STEPS}`;
}

/** @param {readonly number[]} share */
function reach(share) {
  const first = share.findIndex((value) => value >= 1e-6);
  return STEPS - first;
}

if (import.meta.url === new URL(process.argv[1] ?? "", "file:").href) {
  const json = process.argv.includes("--json");
  if (!json) {
    console.log(`A loss at step ${STEPS} alone, ${ROWS} rows of noise, ${UNITS} units, as initialised.`);
    console.log("The gradient of the state after each step, as a share of that after the last:\n");
  }
  const shares = await measure();
  const results = Object.fromEntries(
    Object.entries(shares).map(([name, share]) => [name, { first: share[0], reach: reach(share) }]),
  );
  if (json) {
    console.log(JSON.stringify(results));
  } else {
    console.log(draw(shares));
    console.log("\nnetwork                gradient at step 1   steps back to 1e-6");
    for (const [index, [name, { first, reach }]] of Object.entries(results).entries()) {
      const tone = process.stdout.isTTY ? asciichart[/** @type {"red"} */ (colours[index])] : "";
      const reset = process.stdout.isTTY ? asciichart.reset : "";
      const share = (first ?? 0).toExponential(1).padStart(18);
      console.log(`${tone}${name.padEnd(21)}${reset}${share}   ${String(reach).padStart(18)}`);
    }
  }
}
