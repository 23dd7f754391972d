// The weights and the data of a workload, made from seeds and written to files that every library reads.

import { mkdirSync } from "node:fs";
import { random } from "../../dist/index.js";
import { writeTensors } from "./tensors.js";

/** @typedef {import("./workloads.js").Workload} Workload */

/**
 * A workload and its files: its weights, named and laid out as the library's models save them, and its data.
 *
 * @typedef {Workload & { weights: string, data: string }} Written
 */

/**
 * Writes the weights and the data of a workload to files in a folder.
 *
 * @param {Workload} workload
 * @param {string} folder
 * @returns {Written}
 */
export function write(workload, folder) {
  mkdirSync(folder, { recursive: true });
  const file = `${folder}/${workload.id.replace("/", "-")}`;
  const written = { ...workload, weights: `${file}.weights.safetensors`, data: `${file}.data.safetensors` };
  const { uniform } = random(1);
  const bound = 1 / Math.sqrt(workload.units);
  const weights = Object.entries(shapes(workload)).map(([name, shape]) => {
    const data = Float32Array.from({ length: product(shape) }, () => (2 * uniform() - 1) * bound);
    return [name, { shape, data }];
  });
  writeTensors(written.weights, Object.fromEntries(weights));
  writeTensors(written.data, dataOf(workload));
  return written;
}

/**
 * The shapes of the parameters, by their paths in the library's model.
 *
 * @param {Workload} workload
 * @returns {Record<string, number[]>}
 */
function shapes({ kind, cell, units, text }) {
  const gates = { lstm: 4, gru: 3, rnn: 1 }[cell];
  const first = text ? 1 : 0;
  const inputs = kind === "train" ? (text?.embedding ?? 1) : units;
  const outputs = text?.symbols ?? 1;
  return {
    ...(text && { "0.embedding.weight": [text.symbols, text.embedding] }),
    [`${first}.${cell}.weightInput`]: [inputs, gates * units],
    [`${first}.${cell}.weightHidden`]: [units, gates * units],
    [`${first}.${cell}.bias`]: [gates * units],
    ...(cell === "gru" && { [`${first}.gru.biasHidden`]: [gates * units] }),
    ...(kind === "train" && {
      [`${first + 1}.dense.weight`]: [units, outputs],
      [`${first + 1}.dense.bias`]: [outputs],
    }),
  };
}

/**
 * `inputs` and, to train, `targets`, each [steps][batch][width], or [steps][batch] if they are symbols.
 *
 * @param {Workload} workload
 * @returns {Record<string, import("./tensors.js").Tensor>}
 */
function dataOf({ kind, steps, batch, units, text }) {
  const { normal, integer, uniform } = random(2);
  if (kind !== "train") {
    const data = Float32Array.from({ length: steps * batch * units }, normal);
    return { inputs: { shape: [steps, batch, units], data } };
  }
  if (text) {
    const shape = [steps, batch];
    const ids = Uint32Array.from({ length: (steps + 1) * batch }, () => integer(text.symbols));
    return {
      inputs: { shape, data: ids.slice(0, steps * batch) },
      targets: { shape, data: ids.slice(batch) },
    };
  }
  const shape = [steps, batch, 1];
  const phases = Array.from({ length: batch }, () => 2 * Math.PI * uniform());
  const waves = Float32Array.from({ length: (steps + 1) * batch }, (_, i) =>
    Math.sin(0.2 * Math.floor(i / batch) + phases[i % batch]),
  );
  return {
    inputs: { shape, data: waves.slice(0, steps * batch) },
    targets: { shape, data: waves.slice(batch) },
  };
}

/** @param {readonly number[]} shape */
function product(shape) {
  return shape.reduce((product, length) => product * length, 1);
}
