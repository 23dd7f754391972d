// This library, as its users have it: the built package, its public functions.

import { readFileSync } from "node:fs";
import {
  adam,
  crossEntropy,
  dense,
  embedding,
  features,
  gru,
  lstm,
  model,
  rnn,
  squaredError,
  tensor,
  tokens,
} from "../../dist/index.js";
import { transpose } from "./tensors.js";
import { RATE } from "./workloads.js";

const cells = { lstm, gru, rnn };

/** @type {import("./racer.js").Prepare} */
export default async function prepare(workload, _weights, { inputs, targets }) {
  const net = await define(workload);
  net.assign(readFileSync(workload.weights));
  const { kind, steps, batch, units } = workload;

  if (kind === "stream") {
    const stream = net.stream();
    const { data } = inputs;
    return { run: () => stream.step(data), read: (output) => output };
  }
  if (kind === "infer") {
    const sequences = batchMajor(inputs);
    return { run: () => net.predict(sequences), read: ({ data }) => transpose(data, batch, units) };
  }
  const example = { inputs: batchMajor(inputs), targets: batchMajor(targets) };
  const loss = workload.text ? crossEntropy() : squaredError();
  const progress = net.train([example], { loss, optimiser: adam(RATE), epochs: Infinity });
  return { run: () => progress.next(), read: ({ value }) => [value.loss] };

  /** @param {import("./tensors.js").Tensor} given */
  function batchMajor({ shape: [, , ...width], data }) {
    return tensor(transpose(data, steps, width[0]), [batch, steps, ...width]);
  }
}

/** @param {import("./workloads.js").Workload} workload */
function define({ kind, cell, units, threads, text }) {
  const layer = cells[cell](units);
  if (kind !== "train") return model(features(units), layer, { threads });
  if (!text) return model(features(1), layer, dense(1), { threads });
  return model(tokens(text.symbols), embedding(text.embedding), layer, dense(text.symbols), { threads });
}
