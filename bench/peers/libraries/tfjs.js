// TensorFlow.js on its WebAssembly backend, in core operations: tf.layers' embedding cannot be trained on it (the kernel
// UnsortedSegmentSum is missing), so that symbols are one-hot rows, made before the race.

import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { RATE } from "../workloads.js";

const binaries = new URL("../node_modules/@tensorflow/tfjs-backend-wasm/dist/", import.meta.url);

/** @type {import("../racer.js").Prepare} */
export default async function prepare({ steps, batch, units, text }, weights, { inputs, targets }) {
  setWasmPaths(fileURLToPath(binaries));
  if (!(await tf.setBackend("wasm"))) throw new Error("the wasm backend cannot be used");

  const rows = steps * batch;
  const encode = ({ data }) =>
    text
      ? tf.tidy(() => tf.oneHot(tf.tensor1d(Int32Array.from(data), "int32"), text.symbols).toFloat())
      : tf.tensor2d(data, [rows, 1]);
  const variable = (name) => tf.variable(tf.tensor(weights[name].data, [...weights[name].shape]));
  const [weightInput, weightHidden, bias] = ["weightInput", "weightHidden", "bias"].map((name) =>
    variable(`lstm.${name}`),
  );
  const [denseWeight, denseBias] = ["weight", "bias"].map((name) => variable(`dense.${name}`));
  const embedding = text && variable("embedding.weight");
  const [x, y] = [encode(inputs), encode(targets)];

  const lossOf = () => {
    const embedded = embedding ? tf.matMul(x, embedding) : x;
    const projected = tf.matMul(embedded, weightInput).add(bias);
    let h = tf.zeros([batch, units]);
    let c = tf.zeros([batch, units]);
    const states = tf.split(projected, steps).map((input) => {
      const [i, f, g, o] = tf.split(input.add(tf.matMul(h, weightHidden)), 4, 1);
      c = f.sigmoid().mul(c).add(i.sigmoid().mul(g.tanh()));
      h = o.sigmoid().mul(c.tanh());
      return h;
    });
    const outputs = tf.matMul(tf.concat(states), denseWeight).add(denseBias);
    return text ? tf.losses.softmaxCrossEntropy(y, outputs) : outputs.sub(y).square().mean();
  };

  const optimiser = tf.train.adam(RATE, 0.9, 0.999, 1e-8);
  return {
    run() {
      const loss = optimiser.minimize(lossOf, true);
      const value = loss.dataSync();
      loss.dispose();
      return value;
    },
    read: (loss) => loss,
  };
}
