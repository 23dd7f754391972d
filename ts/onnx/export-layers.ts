/** Layers that are an operator or two of ONNX, and what the others are written with. */
import type { Definition } from "../layers/layer.js";
import type { ActivationName, ActivationOptions } from "../ops/activation.js";
import type { Writer, Written } from "./writer.js";

/** Past every length. */
export const END = 2_147_483_647;

/** A layer that has been made from a definition, and where its parameters are. */
export interface Place {
  readonly writer: Writer;
  readonly path: string;
}

export type Options = Definition & Readonly<Record<string, never>>;

/** Adds the nodes of a layer with these options. `more`: what it reads besides. */
export type LayerWriter = (place: Place, x: Written, options: Options, more?: readonly Written[]) => Written;

/** Layers that are an operator or two. */
export const plainLayers: Readonly<Record<string, LayerWriter>> = {
  activation: ({ writer }, x, { name, alpha, beta }) => ({
    ...x,
    value: activated(writer, x.value, name!, { alpha: alpha!, beta: beta! }),
  }),
  dense({ writer, path }, x, { units }) {
    const product = writer.add("MatMul", [x.value, writer.weight(`${path}.weight`)]);
    const bias = writer.has(`${path}.bias`);
    return {
      value: bias ? writer.add("Add", [product, writer.weight(`${path}.bias`)]) : product,
      width: units!,
    };
  },
  dropout: (_, x) => x,
  embedding: ({ writer, path }, x, { units }) => ({
    value: writer.add("Gather", [writer.weight(`${path}.weight`), x.value]),
    width: units!,
  }),
  last: ({ writer }, x) => ({ ...x, value: step(writer, x.value, -1) }),
  layerNorm({ writer, path }, x, { epsilon = 1e-5 }) {
    const affine = writer.has(`${path}.gain`);
    const ones = () => writer.tensor("ones", [x.width], new Float32Array(x.width).fill(1));
    const [gain, ...shift] = affine
      ? [writer.weight(`${path}.gain`), writer.weight(`${path}.shift`)]
      : [ones()];
    return {
      ...x,
      value: writer.add("LayerNormalization", [x.value, gain!, ...shift], { floats: { epsilon } }),
    };
  },
  learned: ({ writer, path }, x, { width }) =>
    everywhere(writer, writer.weight(`${path}.vector`), width!, x.value),
  logSoftmax: ({ writer }, x) => ({
    ...x,
    value: writer.add("LogSoftmax", [x.value], { integers: { axis: -1 } }),
  }),
  softmax: ({ writer }, x) => ({ ...x, value: writer.add("Softmax", [x.value], { integers: { axis: -1 } }) }),
};

/** One step as a sequence of one. */
export function step(writer: Writer, value: string, index: number): string {
  const end = index === -1 ? END : index + 1;
  return writer.add("Slice", [value, writer.whole(index), writer.whole(end), writer.whole(0)]);
}

/** The lengths of some axes. */
export function lengthsOf(writer: Writer, value: string, from: number, to: number): string {
  return writer.add("Shape", [value], { integers: { start: from, end: to } });
}

/** A row at every step and row of a value. */
export function everywhere(writer: Writer, row: string, width: number, like: string): Written {
  const shape = writer.add("Concat", [lengthsOf(writer, like, 0, 2), writer.whole(width)], {
    integers: { axis: 0 },
  });
  return { value: writer.add("Expand", [row, shape]), width };
}

const simple: Partial<Record<ActivationName, string>> = {
  identity: "Identity",
  tanh: "Tanh",
  sigmoid: "Sigmoid",
  relu: "Relu",
  softsign: "Softsign",
  softplus: "Softplus",
  leakyRelu: "LeakyRelu",
  thresholdedRelu: "ThresholdedRelu",
  elu: "Elu",
  hardSigmoid: "HardSigmoid",
};

function activated(
  writer: Writer,
  x: string,
  name: ActivationName,
  { alpha, beta }: ActivationOptions,
): string {
  const operator = simple[name];
  if (operator) {
    const floats = { ...(alpha !== undefined && { alpha }), ...(beta !== undefined && { beta }) };
    return writer.add(operator, [x], { floats });
  }
  const times = (value: string, factor: number) => writer.add("Mul", [value, writer.number(factor)]);
  const plus = (value: string, term: number) => writer.add("Add", [value, writer.number(term)]);
  switch (name) {
    case "affine":
      return plus(times(x, alpha ?? 1), beta ?? 0);
    case "scaledTanh":
      return times(writer.add("Tanh", [times(x, beta ?? 1)]), alpha ?? 1);
    case "clip":
      return writer.add("Clip", [x, writer.number(-alpha!), writer.number(alpha!)]);
    case "silu":
      return writer.add("Mul", [x, writer.add("Sigmoid", [x])]);
    default: {
      const approximate = name === "geluTanh" ? "tanh" : "none";
      return writer.add("Gelu", [x], { texts: { approximate } });
    }
  }
}
