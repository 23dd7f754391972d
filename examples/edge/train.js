// Trains the model that the edge functions serve, of about 100 KB: node examples/edge/train.js [FILE]

import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { adam, dense, features, last, lstm, model, random, squaredError, tensor } from "recurra";

const [rows, steps, sensors] = [32, 20, 8];
const { uniform } = random(1);

/** Sensors that swing, each with a period and a phase of its own: what they measure, and what the first three do next. */
function measurements() {
  const inputs = new Float32Array(rows * steps * sensors);
  const targets = new Float32Array(rows * 3);
  for (let row = 0; row < rows; row++) {
    for (let sensor = 0; sensor < sensors; sensor++) {
      const [phase, period] = [uniform() * 20, 5 + sensor];
      const at = (/** @type {number} */ step) => 1 - Math.abs((((step + phase) / period) % 2) - 1) * 2;
      for (let step = 0; step < steps; step++) inputs[(row * steps + step) * sensors + sensor] = at(step);
      if (sensor < 3) targets[row * 3 + sensor] = at(steps);
    }
  }
  return { inputs: tensor(inputs, [rows, steps, sensors]), targets: tensor(targets, [rows, 1, 3]) };
}

const net = await model(features(sensors), lstm(74), last(), dense(3), { seed: 1 });
const examples = Array.from({ length: 40 }, measurements);
const { loss } = await net.fit(examples, {
  loss: squaredError(),
  optimiser: adam(0.005),
  clip: 1,
  epochs: 5,
});
const bytes = net.save();
await writeFile(process.argv[2] ?? fileURLToPath(new URL("model.safetensors", import.meta.url)), bytes);
console.log(
  `${Math.round(bytes.length / 1000)} KB; squared error ${loss[0]?.toFixed(3)} to ${loss.at(-1)?.toFixed(3)}`,
);
