/** The adding problem of Hochreiter & Schmidhuber 1997: the sum of two marked numbers in a long sequence. */

import { Option } from "commander";
import { adam, dense, features, last, model, random, squaredError, tensor } from "recurra";
import { plot } from "recurra/terminal";
import { whole } from "./lib/arguments.js";
import { cells } from "./lib/cells.js";
import { table } from "./lib/terminal.js";

/** @import { Screen } from "./lib/terminal.js" */

export const about = "adds two marked numbers of 100, and of 200";
export const options = [
  new Option("--length <n>", "numbers in a sequence (default: 100, then 200)").argParser(whole(2)),
];

const batch = 32;
const steps = 2000;
const training = { loss: squaredError(), optimiser: adam(0.01), clip: 1 };

/**
 * @param {Screen} screen
 * @param {{ length?: number }} options
 */
export default async function adding({ print, follow, columns }, { length }) {
  const lengths = length === undefined ? [100, 200] : [length];
  print(`\
Input     at each step a number from 0 to 1, drawn at random, and a mark: 1 at
          one step of the first half and at one of the second, elsewhere 0
Target    after the last step, the sum of the two marked numbers
Models    a cell of 16 units, dense 1 after the last step
Training  ${steps} steps of ${batch} new sequences; Adam at rate 0.01, gradients
          clipped to norm 1
`);
  /** @type {Record<string, Record<number, number>>} */
  const score = Object.fromEntries(cells.map(({ name }) => [name, {}]));
  for (const length of lengths) {
    const heldOut = [...drawBatches(2, length, 32)];
    const curves = [];
    for (const { name, layer, mark } of cells) {
      const net = await model(features(2), layer(16), last(), dense(1), { seed: 1 });
      const label = `${name.padEnd(5)} on ${length}`;
      const losses = await follow(net.train(drawBatches(1, length, steps), training), { steps, label });
      score[name][length] = await net.evaluate(heldOut, { loss: squaredError() });
      curves.push({ name, mark, points: losses.map((loss, step) => ({ x: step, y: loss })) });
    }
    const title = `squared error, ${length} numbers`;
    print(`\n${plot(curves, { title, from: "0", to: `${steps} steps`, columns })}`);
  }
  const heading = ["squared error, new sequences", ...lengths.map((length) => `of ${length}`)];
  const errors = cells.map(({ name }) => [name, ...lengths.map((length) => score[name][length].toFixed(4))]);
  print(`${table([heading, ...errors])}\nAlways to say 1 would give 1/6 = 0.1667.`);
  return score;
}

/**
 * @param {number} seed
 * @param {number} length
 * @param {number} count
 */
function* drawBatches(seed, length, count) {
  const draw = random(seed);
  const half = length >> 1;
  for (let i = 0; i < count; i++) {
    const inputs = new Float32Array(batch * length * 2);
    const targets = new Float32Array(batch);
    for (let row = 0; row < batch; row++) {
      const marked = [draw.integer(half), half + draw.integer(length - half)];
      for (let step = 0; step < length; step++) {
        const number = draw.uniform();
        const mark = marked.includes(step) ? 1 : 0;
        inputs.set([number, mark], 2 * (row * length + step));
        targets[row] += mark * number;
      }
    }
    yield { inputs: tensor(inputs, [batch, length, 2]), targets: tensor(targets, [batch, 1]) };
  }
}
