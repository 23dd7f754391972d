// ONNX Runtime, whichever build: a session over the layer written as an ONNX model.

import { onnxModel } from "../onnx.js";

/**
 * @param {import("onnxruntime-common")} ort
 * @param {import("onnxruntime-common").InferenceSession.SessionOptions} options
 * @returns {import("../racer.js").Prepare}
 */
export function onnxruntime(ort, options) {
  return async (workload, weights, { inputs }) => {
    const session = await ort.InferenceSession.create(onnxModel(workload, weights), options);
    const X = new ort.Tensor("float32", inputs.data, inputs.shape);
    if (workload.kind === "infer") return { run: () => session.run({ X }), read: ({ Y }) => Y.data };

    const shape = [1, workload.batch, workload.units];
    const zeros = () => new ort.Tensor("float32", new Float32Array(workload.units), shape);
    let [initial_h, initial_c] = [zeros(), zeros()];
    return {
      async run() {
        const { Y_h, Y_c } = await session.run({ X, initial_h, initial_c });
        [initial_h, initial_c] = [Y_h, Y_c];
        return Y_h;
      },
      read: ({ data }) => data,
    };
  };
}
