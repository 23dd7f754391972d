/** RNN, LSTM and GRU of ONNX (versions 7 to 22): a recurrent layer for each direction, its gates in our order. */
import type { LstmOptions, RecurrentLayer, RnnOptions } from "../layers/recurrent.js";
import { gru, lstm, rnn } from "../layers/recurrent.js";
import type { Activation } from "../ops/activation.js";
import { type Call, knownAt, optional, refuse, signalAt, type Weights } from "./builder.js";
import { kept } from "./constants.js";
import type { Attributes } from "./file.js";
import { initialStates } from "./recurrent-states.js";
import { biasesOf, blocks, columns, hiddenWeights, reordered } from "./recurrent-weights.js";
import {
  type Factor,
  hasRows,
  isOneStep,
  type Part,
  partOf,
  type Signal,
  type Tensor,
  widthOf,
} from "./signal.js";

/** An operator: its gates in our order by their places in ONNX, its states, and the functions that it takes. */
interface Kind {
  readonly gates: readonly number[];
  readonly states: readonly string[];
  readonly functions: readonly string[];
}

const kinds: Readonly<Record<string, Kind>> = {
  RNN: { gates: [0], states: ["hidden"], functions: ["Tanh"] },
  // iofc to input, forget, candidate, output
  LSTM: { gates: [0, 2, 3, 1], states: ["hidden", "cell"], functions: ["Sigmoid", "Tanh", "Tanh"] },
  // zrh to reset, update, candidate
  GRU: { gates: [1, 0, 2], states: ["hidden"], functions: ["Sigmoid", "Tanh"] },
};

/** Inputs by their places. */
const [X, W, R, B, LENGTHS, PEEPHOLES] = [0, 1, 2, 3, 4, 7] as const;

/** The functions of ONNX, lower-case, with the constants that each takes and what they are by default. */
const functions: Readonly<
  Record<
    string,
    { readonly name: string; readonly alpha?: number; readonly beta?: number; readonly differs?: true }
  >
> = {
  relu: { name: "relu" },
  tanh: { name: "tanh" },
  sigmoid: { name: "sigmoid" },
  softsign: { name: "softsign" },
  softplus: { name: "softplus" },
  // `differs`: onnxruntime takes 0 where no constant is given.
  affine: { name: "affine", alpha: 1, beta: 0, differs: true },
  leakyrelu: { name: "leakyRelu", alpha: 0.01 },
  thresholdedrelu: { name: "thresholdedRelu", alpha: 1, differs: true },
  scaledtanh: { name: "scaledTanh", alpha: 1, beta: 1, differs: true },
  hardsigmoid: { name: "hardSigmoid", alpha: 0.2, beta: 0.5 },
  elu: { name: "elu", alpha: 1 },
};

/** One direction of a node, ready to be made. */
interface Direction {
  readonly reverse: boolean;
  readonly activations: readonly Activation[];
}

export function recurrent(call: Call): Tensor[] {
  const { node, builder } = call;
  const { attributes, operator, outputs } = node;
  const kind = kinds[operator]!;
  const directions = directionsOf(call, kind);
  const count = directions.length;
  const batchFirst = attributes.integer("layout", 0) === 1;
  const x = signalAt(call, X);
  const order = batchFirst ? ["batch", "steps"] : ["steps", "batch"];
  requireSequence(call, x, order);
  builder.sequences++;
  requireLengths(call);

  const recurrentWeight = knownAt(call, R);
  const units = attributes.integer("hidden_size") ?? kept(recurrentWeight.shape)[2] ?? 0;
  const options = {
    ...(attributes.float("clip", 0) > 0 && { clip: attributes.float("clip", 0) }),
    ...(call.inputs[B] && { biasHidden: true }),
    bias: call.inputs[B] !== undefined,
  };
  const variant = {
    linearBeforeReset: operator === "GRU" && attributes.integer("linear_before_reset", 0) !== 0,
    coupled: operator === "LSTM" && attributes.integer("input_forget", 0) !== 0,
  };
  const width = widthOf(x);
  const gates = kind.gates.length;
  const all = {
    input: blocks(call, W, [count, gates * units, width]),
    hidden: blocks(call, R, [count, gates * units, units]),
    bias: call.inputs[B] && blocks(call, B, [count, 2 * gates * units]),
    peepholes: operator === "LSTM" && call.inputs[PEEPHOLES] && blocks(call, PEEPHOLES, [count, 3 * units]),
  };
  const initial = initialStates(call, kind.states.length, count, units, batchFirst);
  const made = directions.map(({ reverse, activations }, index) => {
    const begin = initial[index]!;
    const learned = begin.some((state) => typeof state === "object");
    const common = {
      ...options,
      ...(reverse && { reverse }),
      ...(learned && { initial: "learned" as const }),
    };
    const weights: Record<string, ArrayLike<number>> = {
      weightInput: columns(all.input[index]!, kind.gates, units, width),
      ...hiddenWeights(
        all.hidden[index]!,
        kind.gates,
        units,
        operator === "GRU" && !variant.linearBeforeReset,
      ),
      ...(all.bias && biasesOf(all.bias[index]!, kind.gates, units)),
    };
    if (all.peepholes) weights.peepholes = reordered(all.peepholes[index]!, [0, 2, 1], units);
    if (learned) {
      for (const [state, name] of kind.states.entries()) {
        const values = begin[state];
        weights[`initial${name[0]!.toUpperCase()}${name.slice(1)}`] =
          typeof values === "object" ? values : new Float32Array(units);
      }
    }
    const peepholes = Boolean(all.peepholes);
    const layer = layerOf(operator, units, activations, { ...common, peepholes, ...variant });
    const named = begin.filter((state) => typeof state === "string");
    const hint = `${node.name || operator.toLowerCase()}${count > 1 ? (reverse ? "_reverse" : "_forward") : ""}`;
    return builder.add(
      hint,
      layer,
      [x.node],
      weights as Weights,
      named.length > 0 ? (named as string[]) : undefined,
    );
  });

  const [units_, both]: [Part[], Part[]] = [partOf(units), partOf(count)];
  const parts = [...both, ...units_];
  const joined = (names: readonly string[]) =>
    names.length === 1
      ? names[0]!
      : builder.add(`${node.name || operator.toLowerCase()}_both`, { op: "concat" }, names);
  const signal = (names: readonly string[], axes: Signal["axes"]): Signal => ({
    kind: "signal",
    node: joined(names),
    tokens: false,
    axes,
    parts,
  });
  const whereBatch = x.axes[batchFirst ? 0 : 1]!;
  const steps: Factor[] = isOneStep(x) ? [] : ["steps"];
  const results: Tensor[] = [];
  const asked = (index: number) => Boolean(outputs[index]);
  if (asked(0)) {
    const axes = batchFirst ? [whereBatch, steps, both, units_] : [steps, both, whereBatch, units_];
    results[0] = signal(made, axes);
  }
  for (const [state] of kind.states.entries()) {
    if (!asked(state + 1)) continue;
    const final = made.map((name) =>
      builder.add(`${name}_${kind.states[state]}`, { op: "state", index: state }, [name]),
    );
    results[state + 1] = signal(final, batchFirst ? [whereBatch, both, units_] : [both, whereBatch, units_]);
  }
  return results;
}

/** The directions and the functions of each. */
function directionsOf(call: Call, kind: Kind): Direction[] {
  const { attributes, where } = call.node;
  const direction = attributes.text("direction", "forward");
  const reverses = { forward: [false], reverse: [true], bidirectional: [false, true] }[direction];
  if (!reverses) return refuse(call, "forward, reverse or bidirectional", JSON.stringify(direction));
  const { functions: defaults } = kind;
  const names = attributes.texts("activations") ?? reverses.flatMap(() => defaults);
  if (names.length !== reverses.length * defaults.length) {
    refuse(call, `${defaults.length} activations for each direction`, String(names.length));
  }
  const constants = {
    alpha: constantsOf(attributes, "activation_alpha"),
    beta: constantsOf(attributes, "activation_beta"),
  };
  const activations = names.map((name): Activation => {
    const known = functions[name.toLowerCase()];
    if (!known || !Object.hasOwn(functions, name.toLowerCase()))
      return refuse(call, "an activation of ONNX", name);
    const { name: ours, differs, ...defaults } = known;
    if (
      differs &&
      Object.keys(defaults).some((constant) => constants[constant as "alpha" | "beta"].length === 0)
    ) {
      call.builder.warnings.push(
        `${where}: ${name} without its constants has those of the specification; onnxruntime takes 0`,
      );
    }
    const given = Object.entries(defaults).map(([constant, value]) => [
      constant,
      constants[constant as "alpha" | "beta"].shift() ?? value,
    ]);
    return given.length === 0
      ? (ours as Activation)
      : ({ name: ours, ...Object.fromEntries(given) } as Activation);
  });
  return reverses.map((reverse, index) => ({
    reverse,
    activations: activations.slice(index * defaults.length, (index + 1) * defaults.length),
  }));
}

/** Constants are given to the functions that take one, in their order. */
function constantsOf(attributes: Attributes, name: string): number[] {
  return [...(attributes.floats(name) ?? [])];
}

function requireSequence(call: Call, x: Signal, order: readonly string[]): void {
  const good = x.axes
    .slice(0, 2)
    .every((factors, axis) => factors.length === 0 || factors.join() === order[axis]);
  if (x.axes.length !== 3 || !hasRows(x) || !good) {
    refuse(
      call,
      `[${order}, numbers]`,
      `[${x.axes.map((axis) => axis.map((f) => (typeof f === "string" ? f : f.size)).join("*") || 1)}]`,
    );
  }
}

/** Lengths of rows: an input of the model's own, or all those of the sequence. */
function requireLengths(call: Call): void {
  const lengths = optional(call, LENGTHS);
  const { builder } = call;
  if (!lengths) return;
  if (lengths.kind === "signal") {
    if (lengths.node !== builder.lengths) refuse(call, "an input as sequence_lens", "a computed value");
    return;
  }
  const { steps } = builder.fixed;
  if (Array.from(lengths.values).some((length) => length !== (steps ?? "steps"))) {
    refuse(
      call,
      "sequence_lens as an input, or as long as the sequence",
      `[${Array.from(lengths.values).slice(0, 8)}]`,
      "lengths are told when the model predicts or is trained",
    );
  }
}

interface Chosen extends RnnOptions, Pick<LstmOptions, "coupled" | "peepholes"> {
  readonly linearBeforeReset: boolean;
}

function layerOf(
  operator: string,
  units: number,
  [f, g, h]: readonly Activation[],
  { linearBeforeReset, coupled, peepholes, ...options }: Chosen,
): RecurrentLayer {
  if (operator === "RNN") return rnn(units, { ...options, activation: f! });
  const gates = { gateActivation: f!, candidateActivation: g! };
  if (operator === "GRU") return gru(units, { ...options, ...gates, resetAfter: linearBeforeReset });
  return lstm(units, {
    ...options,
    ...gates,
    cellActivation: h!,
    ...(coupled && { coupled }),
    ...(peepholes && { peepholes }),
  });
}
