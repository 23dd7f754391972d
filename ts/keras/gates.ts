/** The one place where weights of Keras' cells become ours, and ours theirs: the order of gates and what each bias is added to. */
import { gru, lstm, type RecurrentLayer, rnn } from "../layers/recurrent.js";
import { cellActivation } from "./activations.js";
import type { Settings } from "./settings.js";
import type { Numbers, Weights } from "./weights.js";

/** Our parameters of a layer, by what follows its path. */
export type Parameters = ReadonlyMap<
  string,
  { readonly shape: readonly number[]; readonly data: Float32Array }
>;

/** By our layers: the place in Keras of each of our gates. Read backwards it is the same, for gates only change places by pairs. */
const orders = {
  lstm: [0, 1, 2, 3],
  gru: [1, 0, 2],
  rnn: [0],
} as const;

/** A recurrent cell: its layer, in one direction, and its parameters. */
export interface KerasCell {
  readonly units: number;
  /** How many numbers its states have, each in turn. */
  readonly states: number;
  /** Of the inputs, one mask for all steps. */
  readonly dropout: number;
  layer(reverse: boolean): RecurrentLayer;
  /** From weights for `inputs` numbers a step. */
  parameters(weights: Weights, inputs: number): Parameters;
}

/** The cells there are, by the names of Keras for layers and cells alike. */
export const cells: Readonly<Record<string, (settings: Settings, keras3: boolean) => KerasCell>> = {
  LSTM: lstmOf,
  LSTMCell: lstmOf,
  GRU: gruOf,
  GRUCell: gruOf,
  SimpleRNN: simpleOf,
  SimpleRNNCell: simpleOf,
};

function commonOf(settings: Settings) {
  return {
    units: settings.width("units"),
    bias: settings.flag("use_bias", true),
    dropout: settings.rate("dropout", 0),
    recurrentDropout: settings.rate("recurrent_dropout", 0),
  };
}

function activationOf(settings: Settings, key: string, otherwise: string, keras3: boolean) {
  const value = settings.value(key);
  return cellActivation(`${settings.where} ${key}`, value === undefined ? otherwise : value, keras3);
}

/** Gates i f c o, as ours; one bias. */
function lstmOf(settings: Settings, keras3: boolean): KerasCell {
  const { units, dropout, ...options } = commonOf(settings);
  const activation = activationOf(settings, "activation", "tanh", keras3);
  const gateActivation = activationOf(settings, "recurrent_activation", "sigmoid", keras3);
  return {
    units,
    states: 2,
    dropout,
    layer: (reverse) =>
      lstm(units, {
        ...options,
        gateActivation,
        candidateActivation: activation,
        cellActivation: activation,
        reverse,
      }),
    parameters: (weights, inputs) => plain(settings.where, weights, inputs, units, orders.lstm, options.bias),
  };
}

function simpleOf(settings: Settings, keras3: boolean): KerasCell {
  const { units, dropout, ...options } = commonOf(settings);
  const activation = activationOf(settings, "activation", "tanh", keras3);
  return {
    units,
    states: 1,
    dropout,
    layer: (reverse) => rnn(units, { ...options, activation, reverse }),
    parameters: (weights, inputs) => plain(settings.where, weights, inputs, units, orders.rnn, options.bias),
  };
}

/** Gates z r h, ours r z h. With the reset after the product there are two biases, [2, 3 units]; else one. */
function gruOf(settings: Settings, keras3: boolean): KerasCell {
  const { units, dropout, ...options } = commonOf(settings);
  const resetAfter = settings.flag("reset_after", keras3);
  const candidateActivation = activationOf(settings, "activation", "tanh", keras3);
  const gateActivation = activationOf(settings, "recurrent_activation", "sigmoid", keras3);
  const { bias } = options;
  return {
    units,
    states: 1,
    dropout,
    layer: (reverse) => gru(units, { ...options, resetAfter, gateActivation, candidateActivation, reverse }),
    parameters(weights, inputs) {
      const shapes = [
        [inputs, 3 * units],
        [units, 3 * units],
      ];
      if (bias) shapes.push(resetAfter ? [2, 3 * units] : [3 * units]);
      const [kernel, hidden, biases] = weights.take(settings.where, shapes);
      const order = orders.gru;
      const parameters = new Map([
        ["weightInput", gates(kernel!, inputs, units, 3, order)],
        ["weightHidden", gates(hidden!, units, units, 3, resetAfter ? order : order.slice(0, 2))],
      ]);
      if (!resetAfter) parameters.set("weightCandidate", gates(hidden!, units, units, 3, order.slice(2)));
      if (bias) parameters.set("bias", row(biases!.subarray(0, 3 * units), units, order));
      if (bias && resetAfter) parameters.set("biasHidden", row(biases!.subarray(3 * units), units, order));
      return parameters;
    },
  };
}

/** Cells with one bias. */
function plain(
  where: string,
  weights: Weights,
  inputs: number,
  units: number,
  order: readonly number[],
  bias: boolean,
): Parameters {
  const width = order.length * units;
  const [kernel, hidden, added] = weights.take(where, [
    [inputs, width],
    [units, width],
    ...(bias ? [[width]] : []),
  ]);
  const parameters = new Map([
    ["weightInput", gates(kernel!, inputs, units, order.length, order)],
    ["weightHidden", gates(hidden!, units, units, order.length, order)],
  ]);
  if (bias) parameters.set("bias", row(added!, units, order));
  return parameters;
}

/** Weights of a layer of Keras by the names that it has for them, in its order. */
export type NamedWeights = readonly (readonly [name: string, values: Numbers])[];

/**
 * Parameters of a recurrent layer of ours as the weights of Keras' cell. Where it has one bias and ours two, they are added;
 * where it is the other way round, zeros are the second. `negated`: of a GRU, the update gate changes its sign.
 */
export function cellWeights(
  layer: keyof typeof orders,
  parameters: Parameters,
  negated: boolean,
): NamedWeights {
  const order = orders[layer];
  const input = parameters.get("weightInput")!;
  const hidden = parameters.get("weightHidden")!;
  const candidate = parameters.get("weightCandidate");
  const [inputs, width] = input.shape as [number, number];
  const units = width / order.length;
  const biases = ["bias", "biasHidden"].map((name) => parameters.get(name)?.data);
  const two = layer === "gru" && !candidate;
  const weights: [string, Numbers][] = [
    ["kernel", gates(input.data, inputs, units, order.length, order)],
    [
      "recurrent_kernel",
      gates(candidate ? beside(hidden, candidate) : hidden.data, units, units, order.length, order),
    ],
  ];
  if (biases.some((bias) => bias)) {
    const [first, second] = biases.map((bias) => bias ?? new Float32Array(width)) as [
      Float32Array,
      Float32Array,
    ];
    const rows = two ? [first, second] : [first.map((x, i) => x + second[i]!)];
    const data = new Float32Array(rows.length * width);
    for (const [index, values] of rows.entries()) data.set(row(values, units, order).data, index * width);
    weights.push(["bias", { shape: two ? [2, width] : [width], data }]);
  }
  if (negated) for (const [, { data }] of weights) negateFirst(data, units, width);
  return weights;
}

/** The update gate, which is Keras' first: 1 - s(x) is s(-x). */
function negateFirst(data: Float32Array, units: number, width: number): void {
  for (let i = 0; i < data.length; i++) if (i % width < units) data[i] = -data[i]!;
}

/** [units, a] and [units, b] as [units, a + b]. */
function beside(left: Numbers, right: Numbers): Float32Array {
  const [rows, a] = left.shape as [number, number];
  const b = right.shape[1]!;
  const data = new Float32Array(rows * (a + b));
  for (let row = 0; row < rows; row++) {
    data.set(left.data.subarray(row * a, (row + 1) * a), row * (a + b));
    data.set(right.data.subarray(row * b, (row + 1) * b), row * (a + b) + a);
  }
  return data;
}

/** [rows, count units] to the gates in this order, [rows, order.length units]. */
function gates(data: Float32Array, rows: number, units: number, count: number, order: readonly number[]) {
  const width = order.length * units;
  const ordered = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++) {
    for (const [place, gate] of order.entries()) {
      const from = (row * count + gate) * units;
      ordered.set(data.subarray(from, from + units), row * width + place * units);
    }
  }
  return { shape: [rows, width], data: ordered };
}

function row(data: Float32Array, units: number, order: readonly number[]) {
  const { data: ordered } = gates(data, 1, units, order.length, order);
  return { shape: [order.length * units], data: ordered };
}
