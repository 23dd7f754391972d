// jax-js on its WebAssembly device: the whole step, gradient and Adam included, as one jitted function. It has no recurrent
// layers, so that the cell is written out and unrolled, and no embedding that can be trained under jit, so that symbols are
// one-hot rows, made before the race.

import { init, jit, nn, numpy as np, valueAndGrad } from "@jax-js/jax";
import { RATE } from "../workloads.js";

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/** @type {import("../racer.js").Prepare} */
export default async function prepare({ steps, batch, units, text }, weights, { inputs, targets }) {
  await init("wasm");
  const rows = steps * batch;
  const array = ({ data, shape }) => np.array(data).reshape([...shape]);
  const encode = ({ data }) => {
    if (!text) return np.array(data).reshape([rows, 1]);
    const encoded = new Float32Array(rows * text.symbols);
    data.forEach((id, row) => {
      encoded[row * text.symbols + id] = 1;
    });
    return np.array(encoded).reshape([rows, text.symbols]);
  };

  const lossOf = (parameters, x, y) => {
    const [weightInput, weightHidden, bias, denseWeight, denseBias, embedding] = parameters;
    const embedded = embedding ? np.matmul(x, embedding) : x;
    const projected = np
      .matmul(embedded, weightInput)
      .add(bias)
      .reshape([steps, batch, 4 * units]);
    let h = np.zeros([batch, units]);
    let c = np.zeros([batch, units]);
    const states = np.split(projected, steps).map((input) => {
      const gates = input.reshape([batch, 4 * units]).add(np.matmul(h, weightHidden.ref));
      const [i, f, g, o] = np.split(gates, 4, 1);
      c = nn
        .sigmoid(f)
        .mul(c)
        .add(nn.sigmoid(i).mul(np.tanh(g)));
      h = nn.sigmoid(o).mul(np.tanh(c.ref));
      return h.ref;
    });
    h.dispose();
    c.dispose();
    weightHidden.dispose();
    const outputs = np.matmul(np.concatenate(states), denseWeight).add(denseBias);
    if (!text) return np.mean(np.square(outputs.sub(y)));
    return np.sum(nn.logSoftmax(outputs, -1).mul(y)).mul(-1 / rows);
  };

  const update = jit((parameters, means, squares, corrections, x, y) => {
    const [loss, gradients] = valueAndGrad(lossOf)(
      parameters.map(({ ref }) => ref),
      x,
      y,
    );
    const [correction1, correction2] = np.split(corrections, 2);
    const next = parameters.map((parameter, i) => {
      const mean = means[i].mul(BETA1).add(gradients[i].ref.mul(1 - BETA1));
      const square = squares[i].mul(BETA2).add(np.square(gradients[i]).mul(1 - BETA2));
      const direction = mean.ref
        .mul(correction1.ref)
        .div(np.sqrt(square.ref.mul(correction2.ref)).add(EPSILON));
      return { parameter: parameter.sub(direction.mul(RATE)), mean, square };
    });
    correction1.dispose();
    correction2.dispose();
    return [
      loss,
      next.map(({ parameter }) => parameter),
      next.map(({ mean }) => mean),
      next.map(({ square }) => square),
    ];
  });

  const names = ["lstm.weightInput", "lstm.weightHidden", "lstm.bias", "dense.weight", "dense.bias"];
  if (text) names.push("embedding.weight");
  let parameters = names.map((name) => array(weights[name]));
  let means = names.map((name) => np.zeros([...weights[name].shape]));
  let squares = names.map((name) => np.zeros([...weights[name].shape]));
  const [x, y] = [encode(inputs), encode(targets)];
  let step = 0;
  return {
    run() {
      step++;
      const corrections = np.array([1 / (1 - BETA1 ** step), 1 / (1 - BETA2 ** step)]);
      let loss;
      [loss, parameters, means, squares] = update(parameters, means, squares, corrections, x.ref, y.ref);
      return loss.dataSync(); // and all else that the step gives; waiting for it asynchronously takes twice as long
    },
    read: (loss) => loss,
  };
}
