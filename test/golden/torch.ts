/**
 * What the fixtures in torch/ hold, made with PyTorch 2.13.0 in float64: every number that goes in is a multiple of
 * 1/256, so exact in float32. PyTorch's weights are [outputs, inputs], gates in the same order as ours.
 */
import { type Entry, writeSafetensors } from "../../ts/io/safetensors.js";
import type { ActivationName, ActivationOptions } from "../../ts/ops/activation.js";
import { type Matrix, matrix } from "../reference/matrix.js";
import { transpose } from "../reference/product.js";

/** A tensor as the fixtures write it: row-major. */
export interface TorchTensor {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** A tensor of any rank as a matrix of its last axis: [steps, batch, width] gives steps x batch rows. */
export function rows({ shape, data }: TorchTensor): Matrix {
  const columns = shape.at(-1) ?? 1;
  return matrix(data.length / columns, columns, data);
}

/** One of the slices of a tensor along its first axis, as a matrix. */
export function slice({ shape, data }: TorchTensor, index: number): Matrix {
  const size = data.length / shape[0];
  return rows({ shape: shape.slice(1), data: data.slice(index * size, (index + 1) * size) });
}

/** From PyTorch's order [steps, batch, ...] to ours, [batch, steps, ...]. */
export function batchFirst({ shape: [steps, batch, ...rest], data }: TorchTensor): TorchTensor {
  const width = data.length / (steps * batch);
  return {
    shape: [batch, steps, ...rest],
    data: data.map((_, i) => {
      const row = Math.floor(i / width);
      return data[((row % steps) * batch + Math.floor(row / steps)) * width + (i % width)];
    }),
  };
}

/** A parameter of PyTorch as ours: the weight of a product is transposed, a table of vectors or a bias is not. */
export function ours(tensor: TorchTensor, use: "product" | "table" | "bias"): Matrix {
  return use === "product" ? transpose(rows(tensor)) : rows(tensor);
}

/** Our parameters of an LSTM layer, from those that PyTorch numbers `layer`. */
export function lstmParameters(tensors: Readonly<Record<string, TorchTensor>>, layer: number) {
  return {
    weightInput: ours(tensors[`weight_ih_l${layer}`], "product"),
    weightHidden: ours(tensors[`weight_hh_l${layer}`], "product"),
    bias: ours(tensors[`bias_ih_l${layer}`], "bias"),
    biasHidden: ours(tensors[`bias_hh_l${layer}`], "bias"),
  };
}

/** The parameters of the model in train.json by their paths in `model(tokens, embedding, lstm, dense)`. */
export function trainParameters(tensors: Readonly<Record<string, TorchTensor>>): Record<string, Matrix> {
  return {
    "0.embedding.weight": ours(tensors["emb.weight"], "table"),
    "1.lstm.weightInput": ours(tensors["lstm.weight_ih_l0"], "product"),
    "1.lstm.weightHidden": ours(tensors["lstm.weight_hh_l0"], "product"),
    "1.lstm.bias": ours(tensors["lstm.bias_ih_l0"], "bias"),
    "1.lstm.biasHidden": ours(tensors["lstm.bias_hh_l0"], "bias"),
    "2.dense.weight": ours(tensors["out.weight"], "product"),
    "2.dense.bias": ours(tensors["out.bias"], "bias"),
  };
}

/** Parameters by path as the bytes of a model file: `assign` reads them. Paths that contain one of `vectors` are no matrices. */
export function modelFile(
  parameters: Readonly<Record<string, Matrix>>,
  vectors: readonly string[] = ["bias"],
): Uint8Array {
  return writeSafetensors(
    Object.entries(parameters).map(([path, { rows, columns, values }]): [string, Entry] => {
      const shape = vectors.some((name) => path.includes(name)) ? [columns] : [rows, columns];
      return [path, { dtype: "F32", shape, bytes: new Uint8Array(Float32Array.from(values).buffer) }];
    }),
  );
}

/** The activation functions of layers.json by the names of its cases. */
export const torchActivations: ReadonlyMap<string, readonly [ActivationName, ActivationOptions?]> = new Map([
  ["sigmoid", ["sigmoid"]],
  ["sigmoid_extreme", ["sigmoid"]],
  ["tanh", ["tanh"]],
  ["tanh_extreme", ["tanh"]],
  ["relu", ["relu"]],
  ["gelu_erf", ["gelu"]],
  ["gelu_tanh", ["geluTanh"]],
  ["silu", ["silu"]],
  ["elu", ["elu"]],
  ["leaky_relu_0.01", ["leakyRelu"]],
  ["softplus", ["softplus"]],
  ["hardsigmoid", ["hardSigmoid", { alpha: 1 / 6, beta: 0.5 }]],
]);

const optionNames: Readonly<Record<string, string>> = {
  lr: "rate",
  lr_decay: "rateDecay",
  eps: "epsilon",
  weight_decay: "decay",
  alpha: "keep",
  rho: "keep",
  centered: "centred",
  momentum_decay: "momentumDecay",
  initial_accumulator_value: "initial",
};

/** PyTorch's options of an optimiser under our names. */
export function optimiserOptions({ betas, ...options }: { readonly betas?: number[] }): {
  readonly rate: number;
} {
  const renamed = Object.entries(options).map(([name, value]) => [optionNames[name] ?? name, value]);
  return Object.fromEntries([
    ...renamed,
    ...(betas
      ? [
          ["beta1", betas[0]],
          ["beta2", betas[1]],
        ]
      : []),
  ]);
}
