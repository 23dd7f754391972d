/** The forward pass of an LSTM layer over a sequence, without the copying of inputs and outputs, in GFLOP/s. */
import { features } from "../ts/layers/input.js";
import { lstm } from "../ts/layers/recurrent.js";
import { createNetwork } from "../ts/model/network.js";
import { random } from "../ts/random.js";
import { repeat } from "./measure.js";
import { againstPeak } from "./peak.js";

const STEPS = 64;

/** [batch, units], with as many inputs as units. */
const sizes = [
  [32, 64],
  [32, 128],
  [32, 256],
  [1, 128],
];

/** @param {import("./measure.js").Options} options */
export default async function infer({ rounds = 100 }) {
  const results = [];
  for (const [batch, units] of sizes) {
    const network = await createNetwork(features(units), [lstm(units)], {});
    network.initialise(0);
    const program = network.program({ batch, steps: STEPS });
    const { normal } = random(1);
    const values = Float32Array.from({ length: batch * STEPS * units }, normal);
    network.begin(program, { batch, steps: STEPS, values }, false);
    // The inputs stay: nothing else shares the memory of a value that the host writes.
    const work = repeat(() => program.plan.forward());
    const flop = 2 * STEPS * batch * (units + units) * 4 * units;
    results.push(await againstPeak(`lstm-t${STEPS}-b${batch}-h${units}`, flop, work, rounds));
  }
  return results;
}
