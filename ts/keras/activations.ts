/** The activation functions of Keras by ours. */
import { FormatError } from "../errors.js";
import { activation } from "../layers/activation.js";
import type { Layer } from "../layers/layer.js";
import { logSoftmax, softmax } from "../layers/softmax.js";
import { wiring } from "../layers/wiring.js";
import {
  type Activation,
  type ActivationName,
  type ActivationOptions,
  activationCode,
  everyActivation,
} from "../ops/activation.js";
import { isRecord } from "./settings.js";

type Chosen = ActivationOptions & { readonly name: ActivationName };

/** What Keras 3 calls hard_sigmoid is relu6(x + 3) / 6; until Keras 2 it was 0.2 x + 0.5, cut off alike. */
const hardSigmoid = (keras3: boolean): Chosen => ({
  name: "hardSigmoid",
  alpha: keras3 ? 1 / 6 : 0.2,
  beta: 0.5,
});

/** By name; each is the functions applied one after another. */
const known: Readonly<Record<string, (keras3: boolean) => readonly Chosen[]>> = {
  linear: () => [],
  relu: () => [{ name: "relu" }],
  sigmoid: () => [{ name: "sigmoid" }],
  tanh: () => [{ name: "tanh" }],
  softplus: () => [{ name: "softplus" }],
  softsign: () => [{ name: "softsign" }],
  elu: () => [{ name: "elu", alpha: 1 }],
  // Klambauer et al. 2017
  selu: () => [
    { name: "elu", alpha: 1.6732632423543772 },
    { name: "affine", alpha: 1.0507009873554805, beta: 0 },
  ],
  gelu: () => [{ name: "gelu" }],
  silu: () => [{ name: "silu" }],
  swish: () => [{ name: "silu" }],
  hard_sigmoid: (keras3) => [hardSigmoid(keras3)],
  leaky_relu: () => [{ name: "leakyRelu", alpha: 0.2 }],
  relu6: () => bounded(6),
  celu: () => [{ name: "elu", alpha: 1 }],
};

/** Those that need more than functions one after another; cells have none of these. */
const composed: Readonly<Record<string, () => Layer>> = {
  softmax,
  log_softmax: logSoftmax,
  // Misra 2019: x tanh(softplus x)
  mish: () => timesInput(activation("softplus"), activation("tanh")),
  // Howard et al. 2019: x relu6(x + 3) / 6
  hard_silu: () => timesInput(activation("hardSigmoid", { alpha: 1 / 6, beta: 0.5 })),
  hard_swish: () => timesInput(activation("hardSigmoid", { alpha: 1 / 6, beta: 0.5 })),
};

/** The input times what these layers make of it. */
function timesInput(...layers: readonly Layer[]): Layer {
  const factors = layers.map((of, index) => ({
    ...{ name: `factor${index}`, of },
    inputs: [index === 0 ? "input" : `factor${index - 1}`],
  }));
  const inputs = ["input", factors.at(-1)!.name];
  return wiring({ nodes: [...factors, { name: "product", of: { op: "multiply" }, inputs }] });
}

/** relu that goes no higher than `most`. */
export function bounded(most: number): readonly Chosen[] {
  return [
    { name: "hardSigmoid", alpha: 1 / most, beta: 0 },
    { name: "affine", alpha: most, beta: 0 },
  ];
}

/** The functions one after another; FormatError for one that is not here. */
function functionsOf(where: string, value: unknown, keras3: boolean): readonly Chosen[] {
  const name = nameOf(value);
  if (typeof name !== "string" || !Object.hasOwn(known, name)) {
    throw new FormatError({
      where,
      expected: `one of ${[...Object.keys(known), ...Object.keys(composed)].join(", ")}`,
      got: JSON.stringify(name ?? null).slice(0, 80),
    });
  }
  return known[name]!(keras3);
}

/** An activation as layers to put behind another: none for a linear one. */
export function activationLayers(where: string, value: unknown, keras3: boolean): Layer[] {
  const name = nameOf(value);
  if (typeof name === "string" && Object.hasOwn(composed, name)) return [composed[name]!()];
  return asLayers(functionsOf(where, value, keras3));
}

export function asLayers(functions: readonly Chosen[]): Layer[] {
  return functions.map(({ name, ...options }) => activation(name, options));
}

/** An activation inside a recurrent cell. */
export function cellActivation(where: string, value: unknown, keras3: boolean): Activation {
  const [first, second] = functionsOf(where, value, keras3);
  if (!first) return "identity";
  if (second || ["silu", "gelu", "geluTanh"].includes(first.name)) {
    throw new FormatError({
      where,
      expected: "a function whose derivative follows from its result",
      got: String(nameOf(value)),
    });
  }
  return (Object.keys(first).length === 1 ? first.name : first) as Activation;
}

/** Names that TensorFlow.js has not. */
const notInLayers = new Set(["silu", "leaky_relu"]);

/** A function of ours, as layers and cells are told. */
export type Given = ActivationName | Chosen;

/** The name in Keras 3, or else in TensorFlow.js, of functions of ours one after another; undefined where there is none. */
export function activationName(functions: readonly Given[], keras3: boolean): string | undefined {
  const codeOf = (given: Given) => {
    const { code, alpha, beta } = activationCode("activation", given, everyActivation);
    return `${code} ${alpha} ${beta}`;
  };
  const codesOf = (list: readonly Given[]) => list.map(codeOf).filter((code) => code !== codeOf("identity"));
  const wanted = codesOf(functions).join();
  return Object.keys(known).find(
    (name) => codesOf(known[name]!(keras3)).join() === wanted && (keras3 || !notInLayers.has(name)),
  );
}

/** Older and newer ways to write an activation: its name, or an object with it. */
function nameOf(value: unknown): unknown {
  if (value === null || value === undefined) return "linear";
  if (isRecord(value))
    return isRecord(value.config) && value.config.name ? value.config.name : value.class_name;
  return value;
}
