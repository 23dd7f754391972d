/** The layers of ours that Keras has one of: a closed list. Recurrent ones are in a file of their own. */
import type { Definition } from "../layers/layer.js";
import type { Operation } from "../layers/operations.js";
import { activationName, type Given } from "./activations.js";
import type { NamedWeights, Parameters } from "./gates.js";
import type { Numbers } from "./weights.js";
import type { Config, WeightGroup } from "./written.js";

/** A layer that becomes one of Keras. */
export interface Subject {
  readonly definition: Definition;
  /** Of its parameters, and for messages. */
  readonly path: string;
  /** Whether Keras 3 shall read it, or else TensorFlow.js. */
  readonly keras3: boolean;
  /** Whether steps of the padding symbol are to be passed over. */
  readonly masked: boolean;
  /** The parameters of the layer at a path, by what follows it. */
  parameters(path: string): Parameters;
  /** Throws InputError. */
  refuse(expected: string, got: string): never;
}

/** What a layer reads. */
export interface Read {
  /** Numbers in a row, or symbols. */
  readonly width: number;
  /** Whether it has steps. */
  readonly sequence: boolean;
}

/** A layer of Keras that reads one value, and numbers in a row of what it gives. */
export interface Plain {
  readonly className: string;
  readonly config: Config;
  readonly weights: readonly WeightGroup[];
  readonly width: number;
}

type Options = Definition & Readonly<Record<string, never>>;

/** InputError for a layer that Keras has not. */
export function writeLayer(subject: Subject, x: Read): Plain {
  const { definition, refuse } = subject;
  if (!Object.hasOwn(layers, definition.layer)) refuse("a layer that Keras has", definition.layer);
  const { config, weights = [], ...made } = layers[definition.layer]!(subject, x, definition as Options);
  const group = weights.length > 0 ? [{ among: "", scope: "", weights }] : [];
  return { width: x.width, ...made, config: { dtype: "float32", ...config }, weights: group };
}

type Made = Pick<Plain, "className" | "config"> & { weights?: NamedWeights; width?: number };

const layers: Readonly<Record<string, (subject: Subject, x: Read, options: Options) => Made>> = {
  activation: (subject, _, options) => activated(subject, [options]),
  activations: (subject, _, { of }) => activated(subject, of!),
  conv1d({ path, keras3, parameters, refuse }, x, options) {
    const { units, size, stride = 1, dilation = 1, padding = "causal" } = options;
    if (stride > 1 && dilation > 1) refuse("a stride or a dilation", "both");
    if (padding === "causal" && !keras3) refuse("padding that TensorFlow.js has, same or valid", padding);
    const { weight, bias } = Object.fromEntries(parameters(path));
    const kernel = { shape: [size!, x.width, units!], data: weight!.data };
    return {
      className: "Conv1D",
      config: {
        ...{ filters: units, kernel_size: [size], strides: [stride], dilation_rate: [dilation], padding },
        ...{ data_format: "channels_last", activation: "linear", use_bias: bias !== undefined },
      },
      weights: withBias(kernel, bias),
      width: units!,
    };
  },
  dense({ path, parameters }, _, { units }) {
    const { weight, bias } = Object.fromEntries(parameters(path));
    return {
      className: "Dense",
      config: { units, activation: "linear", use_bias: bias !== undefined },
      weights: withBias(weight!, bias),
      width: units!,
    };
  },
  dropout: (_, { sequence }, { rate, perSequence }) => ({
    className: sequence && perSequence ? "SpatialDropout1D" : "Dropout",
    config: { rate },
  }),
  embedding: table,
  flatten: () => ({ className: "Flatten", config: { data_format: "channels_last" } }),
  layerNorm({ path, parameters }, _, { epsilon = 1e-5, affine = true }) {
    const own = affine ? parameters(path) : undefined;
    return {
      className: "LayerNormalization",
      config: { axis: [-1], epsilon, center: affine, scale: affine },
      weights: own
        ? [
            ["gamma", own.get("gain")!],
            ["beta", own.get("shift")!],
          ]
        : [],
    };
  },
  logSoftmax: () => ({ className: "Activation", config: { activation: "log_softmax" } }),
  softmax: () => ({ className: "Activation", config: { activation: "softmax" } }), // a Softmax would take the mask for its own
  sparseEmbedding: table,
};

function table({ path, parameters, masked }: Subject, { width }: Read, { units, frozen }: Options): Made {
  return {
    className: "Embedding",
    config: { input_dim: width, output_dim: units, mask_zero: masked, trainable: !frozen },
    weights: [["embeddings", parameters(path).get("weight")!]],
    width: units!,
  };
}

/** Of one function, or of several that are one in Keras. */
function activated({ keras3, refuse }: Subject, functions: readonly Definition[]): Made {
  const given = functions.map(({ layer: _, ...each }) => each as unknown as Exclude<Given, string>);
  const activation = activationName(given, keras3);
  if (activation) return { className: "Activation", config: { activation } };
  const [{ name, alpha, beta }, scaled] = given as [
    Exclude<Given, string>,
    Exclude<Given, string> | undefined,
  ];
  if (name === "hardSigmoid" && scaled?.name === "affine" && !scaled.beta && beta === 0) {
    const max_value = scaled.alpha ?? 1;
    if (alpha === 1 / max_value) return { className: "ReLU", config: { max_value } };
  }
  if (!scaled && name === "leakyRelu") {
    const config = { [keras3 ? "negative_slope" : "alpha"]: alpha ?? 0.01 };
    return { className: "LeakyReLU", config };
  }
  if (!scaled && name === "elu" && keras3) return { className: "ELU", config: { alpha } };
  return refuse("an activation that Keras has", given.map((each) => JSON.stringify(each)).join(" and "));
}

function withBias(kernel: Numbers, bias: Numbers | undefined): NamedWeights {
  return [["kernel", kernel], ...(bias ? [["bias", bias] as const] : [])];
}

/** Operations by the classes of Keras that do the same, for values of one shape each. */
export const operations: Readonly<Partial<Record<Operation["op"], string>>> = {
  add: "Add",
  subtract: "Subtract",
  multiply: "Multiply",
  average: "Average",
  maximum: "Maximum",
  minimum: "Minimum",
  concat: "Concatenate",
  mean: "GlobalAveragePooling1D",
  greatest: "GlobalMaxPooling1D",
  repeat: "RepeatVector",
};
