/** Recurrent layers of ours as layers of Keras. */
import type { Definition } from "../layers/layer.js";
import type { Activation } from "../ops/activation.js";
import { activationName } from "./activations.js";
import type { Subject } from "./export-layers.js";
import { cellWeights } from "./gates.js";
import { merges } from "./recurrent.js";
import { type Config, layerOf, type WeightGroup, type WrittenLayer } from "./written.js";

/** The classes of Keras, and how many states they have. */
const kinds = {
  rnn: { className: "SimpleRNN", states: 1 },
  lstm: { className: "LSTM", states: 2 },
  gru: { className: "GRU", states: 1 },
} as const;

type Kind = keyof typeof kinds;

/** What others read of a recurrent layer. */
export interface Uses {
  /** Its outputs at all steps. */
  readonly sequences: boolean;
  /** Its output at the last step. */
  readonly last: boolean;
  /** Its states after the last step. */
  readonly states: boolean;
  /** Its outputs from the last step to the first, by an operation behind it. */
  readonly reversed: boolean;
}

/** A recurrent layer as Keras has it. */
export interface WrittenRecurrence extends Omit<WrittenLayer, "name" | "calls"> {
  /** Numbers in a row of its output. */
  readonly width: number;
  /** Of each of its states. */
  readonly states: readonly number[];
  /** Whether the output is that of the last step alone. */
  readonly ends: boolean;
  /** Whether states are given behind the output. */
  readonly givesStates: boolean;
}

export function isRecurrence({ layer }: Definition): boolean {
  return layer === "bidirectional" || Object.hasOwn(kinds, layer);
}

/** InputError for a cell that Keras has not, and for outputs in an order that it does not give. */
export function writeRecurrence(subject: Subject, uses: Uses): WrittenRecurrence {
  const { definition, path, refuse } = subject;
  if (definition.layer === "bidirectional") return bothWays(subject, uses);
  const { units, reverse = false } = definition as { units?: number; reverse?: boolean };
  const { className, states } = kinds[definition.layer as Kind];
  if (reverse && uses.last) refuse("states[0], where it ends", "the last step of a layer that begins there");
  if (reverse && uses.sequences)
    refuse("a layer that goes forward", "one whose outputs Keras gives backwards");
  refuseForeign(subject, definition);
  if (uses.reversed && uses.sequences) refuse("its outputs in one order", "both");
  const sequences = uses.sequences || uses.reversed;
  const weights = weightsOf(subject, definition, path, { among: "cell", scope: "" });
  const givesStates = uses.states || (sequences && uses.last);
  return {
    className,
    config: {
      ...cellConfig(subject, definition, weights),
      return_sequences: sequences,
      return_state: givesStates,
      go_backwards: reverse,
    },
    weights: [weights],
    width: units!,
    states: Array.from({ length: states }, () => units!),
    ends: !sequences,
    givesStates,
  };
}

function bothWays(subject: Subject, uses: Uses): WrittenRecurrence {
  const { path, definition, refuse } = subject;
  const { of, merge } = definition as unknown as { of: Definition; merge: string };
  if (!Object.hasOwn(kinds, of.layer)) refuse("rnn, lstm or gru both ways", of.layer);
  refuseForeign(subject, of);
  if (of.reverse) refuse("a layer that goes forward first", "one that goes backward");
  if (uses.last) refuse("states, of which each way has its own", "the last step of both ways");
  const { className, states } = kinds[of.layer as Kind];
  const units = of.units as number;
  const [mode] = Object.entries(merges).find(([, each]) => each.merge === merge)!;
  const ways = ["forward", "backward"].map((way, index) =>
    weightsOf(subject, of, `${path}.${index}.${of.layer}`, {
      among: `${way}_layer/cell`,
      scope: `${way}_${of.layer}/`,
    }),
  );
  const config = {
    name: of.layer,
    ...cellConfig(subject, of, ways[0]!),
    return_sequences: uses.sequences,
    return_state: uses.states,
    go_backwards: false,
  };
  return {
    className: "Bidirectional",
    config: { dtype: "float32", merge_mode: mode, layer: layerOf(className, config) },
    weights: ways,
    width: merge === "concat" ? 2 * units : units,
    states: Array.from({ length: 2 * states }, () => units),
    ends: !uses.sequences,
    givesStates: uses.states,
  };
}

function weightsOf(
  { parameters }: Subject,
  { layer, update }: Definition,
  path: string,
  place: Pick<WeightGroup, "among" | "scope">,
): WeightGroup {
  return { ...place, weights: cellWeights(layer as Kind, parameters(path), update === "candidate") };
}

/** Options without a counterpart in Keras that change what a layer predicts, with what they are where they do not. */
const foreign: Readonly<Record<string, unknown>> = {
  projection: undefined,
  peepholes: false,
  coupled: false,
  zoneout: 0,
  zoneoutCell: 0,
  clip: 0,
  initial: "zero",
};

function refuseForeign({ refuse }: Subject, definition: Definition): void {
  for (const [option, neutral] of Object.entries(foreign)) {
    const value = definition[option] ?? neutral;
    if (value !== neutral) refuse("a cell that Keras has", `one with ${option}`);
  }
}

/** The options of a cell. What changes training alone and is not in Keras (`weightDrop`, `forgetBias`) is left out. */
function cellConfig({ keras3, refuse }: Subject, definition: Definition, { weights }: WeightGroup): Config {
  const { layer, units, recurrentDropout = 0, resetAfter = true, update } = definition;
  const named = (option: string, otherwise: Activation): string => {
    const activation = (definition[option] ?? otherwise) as Activation;
    const name = activationName([activation], keras3);
    const given = typeof activation === "string" ? activation : JSON.stringify(activation);
    return name ?? refuse(`${option} that Keras has`, given);
  };
  const config = {
    dtype: "float32",
    units,
    use_bias: weights.some(([name]) => name === "bias"),
    recurrent_dropout: recurrentDropout,
  };
  if (layer === "rnn") return { ...config, activation: named("activation", "tanh") };
  const recurrent_activation = named("gateActivation", "sigmoid");
  const activation = named("candidateActivation", "tanh");
  if (layer === "lstm") {
    if (named("cellActivation", "tanh") !== activation) {
      refuse("one activation of candidate and cell", "two");
    }
    return { ...config, activation, recurrent_activation };
  }
  if (resetAfter && !keras3) refuse("gru with resetAfter false, which TensorFlow.js has alone", "resetAfter");
  if (update === "candidate" && recurrent_activation !== "sigmoid") {
    refuse(
      "a GRU whose update gate weights the state",
      `one that weights the candidate by ${recurrent_activation}`,
    );
  }
  return { ...config, activation, recurrent_activation, reset_after: resetAfter };
}
