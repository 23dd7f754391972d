/** Operators that are layers of their own: products with weights, tables, normalisation and activations. */

import { activation } from "../layers/activation.js";
import { dense } from "../layers/dense.js";
import { dropout } from "../layers/dropout.js";
import type { Layer } from "../layers/layer.js";
import { layerNorm } from "../layers/layer-norm.js";
import { logSoftmax, softmax } from "../layers/softmax.js";
import type { ActivationName } from "../ops/activation.js";
import { scoresOf } from "./attention.js";
import { Builder, type Call, knownAt, refuse, required, signalAt } from "./builder.js";
import { kept, rearranged, wholeNumbers } from "./constants.js";
import { WIDTH } from "./inputs.js";
import {
  axisOf,
  extentOf,
  hasRows,
  type Known,
  partOf,
  product,
  type Scores,
  type Signal,
  type Tensor,
  widthOf,
} from "./signal.js";

/** x [..., inputs] times a weight of the file [inputs, units], or the scores of two computed values. */
export function matMul(call: Call): Signal | Scores {
  if (call.inputs[1]?.kind === "signal") return scoresOf(call, signalAt(call, 0), signalAt(call, 1));
  const x = rowsAt(call, 0);
  return productOf(call, x, matrixOf(call, knownAt(call, 1)));
}

/** alpha x W + beta c, where either factor may be transposed, though not x. */
export function gemm(call: Call): Signal {
  const { attributes } = call.node;
  const [alpha, beta] = [attributes.float("alpha", 1), attributes.float("beta", 1)];
  const x = rowsAt(call, 0);
  if (attributes.integer("transA", 0) !== 0) refuse(call, "a first factor as it is", "a transposed one");
  const given = matrixOf(call, knownAt(call, 1));
  const flipped = attributes.integer("transB", 0) !== 0;
  const weight = flipped ? transposed(call, given) : given;
  const bias = call.inputs[2]
    ? scaled(vectorOf(call, knownAt(call, 2), weight.shape[1] as number), beta)
    : undefined;
  return productOf(call, x, { ...weight, values: scaled(numbersIn(weight), alpha) }, bias);
}

function productOf(call: Call, x: Signal, weight: Known, bias?: ArrayLike<number>): Signal {
  const { builder, node } = call;
  const [inputs, units] = weight.shape as [number, number];
  if (inputs !== widthOf(x)) refuse(call, `a weight for rows of ${widthOf(x)} numbers`, `[${weight.shape}]`);
  const parts = partOf(units);
  const weights = { weight: numbersIn(weight), ...(bias && { bias }) };
  const made = builder.add(Builder.hint(node), dense(units, { bias: bias !== undefined }), [x.node], weights);
  return { ...x, node: made, parts, axes: [...x.axes.slice(0, -1), parts] };
}

const equation = /^([a-zA-Z]+),([a-zA-Z]+)->([a-zA-Z]+)$/;

/** x and a weight of the file, the last axes of x with the first ones of the weight: "abc,cde->abde", as Keras has it. */
export function einsum(call: Call): Signal {
  const { attributes } = call.node;
  const text = attributes.text("equation", "").replaceAll(" ", "");
  const [, ofX = "", ofWeight = "", ofSum] = equation.exec(text) ?? [];
  const x = signalAt(call, 0);
  const weight = knownAt(call, 1);
  const count = [...ofX].filter((letter) => ofWeight.includes(letter)).length;
  const [left, shared] = [ofX.slice(0, ofX.length - count), ofX.slice(ofX.length - count)];
  const inner = kept(weight.shape).slice(0, count);
  const outer = kept(weight.shape).slice(count);
  const last = x.axes.slice(left.length);
  const fits =
    count > 0 &&
    ofWeight.startsWith(shared) &&
    ofSum === left + ofWeight.slice(count) &&
    new Set(ofX + ofWeight.slice(count)).size === ofSum.length + count &&
    ofX.length === x.axes.length &&
    ofWeight.length === weight.shape.length &&
    last.every((axis, i) => extentOf(axis) === inner[i]) &&
    hasRows({ ...x, axes: [last.flat()] });
  if (!fits || !weight.real) {
    return refuse(
      call,
      "the last axes of a value, all its numbers in their order, with the first ones of a weight",
      JSON.stringify(text).slice(0, 100),
    );
  }
  const parts = outer.map(partOf);
  const units = product(outer);
  if (units > WIDTH) refuse(call, `rows of at most ${WIDTH} numbers`, String(units));
  const made = call.builder.add(Builder.hint(call.node), dense(units, { bias: false }), [x.node], {
    weight: numbersIn(weight),
  });
  return { ...x, node: made, parts: parts.flat(), axes: [...x.axes.slice(0, left.length), ...parts] };
}

/** Whether `x` is a row of numbers at every step, its last axis. */
function rowsAt(call: Call, index: number): Signal {
  const x = signalAt(call, index);
  if (!hasRows(x))
    refuse(call, "all numbers of a row on the last axis", "numbers on several axes, or steps among them");
  return x;
}

function matrixOf(call: Call, weight: Known): Known {
  if (weight.shape.length !== 2 || !weight.real)
    refuse(call, "a matrix as weight", `the shape [${weight.shape}]`);
  return weight;
}

function transposed(call: Call, weight: Known): Known {
  return rearranged(call, weight, weight.shape.toReversed(), (index) => index.toReversed());
}

function numbersIn({ values }: Known): ArrayLike<number> {
  return values as ArrayLike<number>;
}

function scaled(values: ArrayLike<number>, factor: number): ArrayLike<number> {
  return factor === 1 ? values : Float32Array.from(values, (value) => value * factor);
}

/** A row of so many numbers, from a row or from one number. */
function vectorOf(call: Call, tensor: Known, width: number): ArrayLike<number> {
  const values = wholeNumbers(call, tensor);
  if (values.length === width) return values;
  call.builder.spend(call, width);
  if (values.length === 1) return new Float32Array(width).fill(values[0]!);
  return refuse(call, `${width} numbers`, `the shape [${tensor.shape}]`);
}

/** Softmax or its logarithm over the last axis; before version 13 over all axes from one on. */
export function softmaxOf(call: Call, opset: number): Signal {
  const x = rowsAt(call, 0);
  const { attributes, operator } = call.node;
  const axis = axisOf(call.node.where, attributes.integer("axis", opset < 13 ? 1 : -1), x.axes.length);
  const alone =
    opset < 13 ? x.axes.slice(axis, -1).every((factors) => factors.length === 0) : axis === x.axes.length - 1;
  if (!alone) refuse(call, "the last axis", `axis ${axis}`);
  return apply(call, x, operator === "Softmax" ? softmax() : logSoftmax());
}

/** (x - mean) / sqrt(variance + epsilon) times a gain, plus a shift, over the last axis. */
export function layerNormalization(call: Call): Signal {
  const x = rowsAt(call, 0);
  const { attributes, where, outputs } = call.node;
  const axis = axisOf(where, attributes.integer("axis", -1), x.axes.length);
  attributes.integer("stash_type");
  if (axis !== x.axes.length - 1) refuse(call, "the last axis", `axis ${axis}`);
  if (outputs.slice(1).some((name) => name !== "")) refuse(call, "one output", "mean or deviation as well");
  const width = widthOf(x);
  const gain = vectorOf(call, knownAt(call, 1), width);
  const shift = call.inputs[2] ? vectorOf(call, knownAt(call, 2), width) : new Float32Array(width);
  return apply(call, x, layerNorm({ epsilon: attributes.float("epsilon", 1e-5) }), { gain, shift });
}

/** Operators that are activation functions, with the names and defaults of their constants. */
const activations: Readonly<
  Record<string, { readonly name: ActivationName; readonly alpha?: number; readonly beta?: number }>
> = {
  Sigmoid: { name: "sigmoid" },
  Tanh: { name: "tanh" },
  Relu: { name: "relu" },
  Softsign: { name: "softsign" },
  Softplus: { name: "softplus" },
  LeakyRelu: { name: "leakyRelu", alpha: 0.01 },
  Elu: { name: "elu", alpha: 1 },
  ThresholdedRelu: { name: "thresholdedRelu", alpha: 1 },
  HardSigmoid: { name: "hardSigmoid", alpha: 0.2, beta: 0.5 },
};

export const activationOperators = [...Object.keys(activations), "Gelu", "Neg"];

export function activationOf(call: Call): Signal {
  const { attributes, operator } = call.node;
  const x = signalAt(call, 0);
  if (operator === "Neg") return apply(call, x, activation("affine", { alpha: -1 }));
  if (operator === "Gelu") {
    const approximate = attributes.text("approximate", "none") === "tanh";
    return apply(call, x, activation(approximate ? "geluTanh" : "gelu"));
  }
  const { name, alpha, beta } = activations[operator]!;
  return apply(
    call,
    x,
    activation(name, {
      ...(alpha !== undefined && { alpha: attributes.float("alpha", alpha) }),
      ...(beta !== undefined && { beta: attributes.float("beta", beta) }),
    }),
  );
}

/** Numbers between two bounds, of which either may be missing. */
export function clip(call: Call): Signal {
  const x = signalAt(call, 0);
  const { attributes } = call.node;
  const bound = (name: string, index: number): number | undefined => {
    const given = attributes.float(name);
    return call.inputs[index] ? wholeNumbers(call, knownAt(call, index))[0] : given;
  };
  const [least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY] = [
    bound("min", 1),
    bound("max", 2),
  ];
  if (least === -most && most > 0 && most < Number.POSITIVE_INFINITY) {
    return apply(call, x, activation("clip", { alpha: most }));
  }
  const limited = (node: string, op: "maximum" | "minimum", limit: number): string => {
    if (!Number.isFinite(limit)) return node;
    call.builder.spend(call, widthOf(x));
    const values = new Array<number>(widthOf(x)).fill(limit);
    const row = call.builder.add("limit", { op: "constant", values }, [node]);
    return call.builder.add(Builder.hint(call.node), { op }, [node, row]);
  };
  return { ...x, node: limited(limited(x.node, "maximum", least), "minimum", most) };
}

/** Nothing when it predicts; in training it drops its share. */
export function dropoutOf(call: Call): Tensor {
  const { attributes, outputs } = call.node;
  const x = required(call, 0);
  const given = attributes.float("ratio", 0.5);
  attributes.integer("seed");
  attributes.integer("is_test");
  if (outputs.slice(1).some((name) => name !== "")) refuse(call, "one output", "its mask as well");
  if (x.kind === "known" || x.tokens) return x;
  const [ratio = given] = call.inputs[1] ? wholeNumbers(call, knownAt(call, 1)) : [];
  if (!(ratio >= 0 && ratio < 1)) refuse(call, "a ratio from 0 up to, not including, 1", String(ratio));
  return ratio === 0 ? x : apply(call, x, dropout(ratio));
}

function apply({ node, builder }: Call, x: Signal, layer: Layer, weights = {}): Signal {
  return { ...x, node: builder.add(Builder.hint(node), layer, [x.node], weights) };
}

/** A table of the file [symbols, width], rows of which are looked up. */
export function isTable({ shape, real }: Known): boolean {
  return real && shape.length === 2 && kept(shape).every((length) => length > 0);
}
