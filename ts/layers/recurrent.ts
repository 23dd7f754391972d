/** Recurrent layers: a cell over the steps of a sequence, from the first to the last or the other way. */

import type { Cell } from "../cells/cell.js";
import { gruCell, gruResetFirstCell } from "../cells/gru.js";
import { lstmCell } from "../cells/lstm.js";
import { lstmProjectedCell } from "../cells/lstm-projected.js";
import { rnnCell } from "../cells/rnn.js";
import { InputError } from "../errors.js";
import type { Value } from "../graph/graph.js";
import { zeros } from "../graph/initialisers.js";
import { rowsParameter } from "../graph/parameter.js";
import type { Activation } from "../ops/activation.js";
import type { Enter } from "../ops/enter.js";
import { recurrence } from "../ops/recurrence.js";
import type { RecurringOptions } from "../ops/recurring.js";
import {
  type Definition,
  type Layer,
  layer,
  requireFeatures,
  requireOptions,
  requireRate,
  requireWidth,
} from "./layer.js";

/** What every recurrent layer can be told. */
export interface RecurrentOptions {
  /** From the last step of each row to its first; default false. */
  readonly reverse?: boolean;
  /** Whether biases are added; default true. */
  readonly bias?: boolean;
  /** What the state of a row begins with: zeros, or a learned vector; default zeros. */
  readonly initial?: "zero" | "learned";
  /**
   * While training, the share of the state's weights that are zero, the same at every step of a run and others in the next
   * (DropConnect on the recurrence: Merity, Keskar & Socher 2018); default 0.
   */
  readonly weightDrop?: number;
  /**
   * While training, the share of the hidden state that the hidden products do not see, the rest scaled up: one mask for all
   * steps of a row, others in the next run (Gal & Ghahramani 2016, equation 7); default 0. What the cell carries on without a
   * product, such as z h(t-1) in a GRU, stays whole.
   */
  readonly recurrentDropout?: number;
  /** A fresh mask of recurrent dropout at every step instead (Semeniuta, Severyn & Barth 2016); default false. */
  readonly recurrentDropoutPerStep?: boolean;
  /**
   * While training, the share of the hidden state that keeps its old value in a step; afterwards states move by the
   * expectation, zoneout h(t-1) + (1 - zoneout) h(t) (Krueger et al. 2017); default 0.
   */
  readonly zoneout?: number;
  /** Bounds pre-activations to [-clip, clip], as ONNX does; default 0: not. */
  readonly clip?: number;
}

export interface RnnOptions extends RecurrentOptions {
  /** Default tanh. */
  readonly activation?: Activation;
  /** A second bias, added to the first, as PyTorch keeps it; default false. */
  readonly biasHidden?: boolean;
}

export interface LstmOptions extends RecurrentOptions {
  /** A second bias, added to the first, as PyTorch keeps it; default false. */
  readonly biasHidden?: boolean;
  /** What the bias of the forget gate begins with: 1 forgets a quarter a step, 5 remembers for a hundred; default 1. */
  readonly forgetBias?: number;
  /** Zoneout of the cell state; default 0. */
  readonly zoneoutCell?: number;
  /** Width of a projection of the hidden state (Sak, Senior & Beaufays 2014), for the plain cell; default none. */
  readonly projection?: number;
  /** Of the input, forget and output gate; default sigmoid. */
  readonly gateActivation?: Activation;
  /** Of the candidate; default tanh. */
  readonly candidateActivation?: Activation;
  /** Of the cell state on its way to the output; default tanh. */
  readonly cellActivation?: Activation;
  /** The forget gate is 1 - the input gate (Greff et al. 2017); default false. */
  readonly coupled?: boolean;
  /** Input and forget gate see the old cell state, the output gate the new one (Gers, Schraudolph & Schmidhuber 2002); default false. */
  readonly peepholes?: boolean;
}

export interface GruOptions extends RecurrentOptions {
  /** Whether the reset gate is applied after the hidden product (PyTorch, cuDNN, Keras) or before it (Cho et al. 2014); default true. */
  readonly resetAfter?: boolean;
  /** A bias of the hidden product of its own, which PyTorch and Keras have with `resetAfter`; default `resetAfter`. */
  readonly biasHidden?: boolean;
  /** What the update gate weights: the old state, or the candidate, as Cho et al. 2014 write; default "state". */
  readonly update?: "state" | "candidate";
  /** Of the reset and the update gate; default sigmoid. */
  readonly gateActivation?: Activation;
  /** Of the candidate; default tanh. */
  readonly candidateActivation?: Activation;
}

/** The names of the options that every recurrent layer has. */
export const common: readonly (keyof RecurrentOptions)[] = ["reverse", "bias", "initial", "zoneout"];

/** Those of the layers with a product of the hidden state. */
const product: readonly (keyof RnnOptions)[] = [
  ...common,
  ...(["clip", "weightDrop", "recurrentDropout", "recurrentDropoutPerStep", "biasHidden"] as const),
];

const lstmOptions: readonly (keyof LstmOptions | keyof RnnOptions)[] = [
  ...product,
  ...(["gateActivation", "candidateActivation", "cellActivation", "coupled"] as const),
  ...(["peepholes", "forgetBias", "zoneoutCell", "projection"] as const),
];

const gruOptions: readonly (keyof GruOptions | keyof RnnOptions)[] = [
  ...product,
  ...(["gateActivation", "candidateActivation", "resetAfter", "update"] as const),
];

/** The output of a recurrent layer and its states after the last step of each row. */
export interface Sequenced {
  /** [steps][batch][units] */
  readonly output: Value;
  /** The hidden state and, of an LSTM, the cell state, each [1][batch][units]. */
  readonly states: readonly Value[];
  /** What entered each step beside the input, where that is a value: [steps][batch][width]. */
  readonly entered?: Value | undefined;
}

/** An operation that makes something of a cell and how it is applied. */
type Recording<T> = (x: Value, cell: Cell, options: RecurringOptions) => T;

/** What differs from use to use. */
type Given = Pick<RecurringOptions, "initial" | "enter" | "along">;

/** A recurrent layer; as a function it gives its hidden states [steps][batch][units]. */
export interface RecurrentLayer extends Layer {
  /** Width of each of its states. */
  readonly widths: readonly number[];
  /**
   * The same, and the final states; `initial`: values [1][batch][units] for rows that begin anew, in the order of the states;
   * `enter`: what enters the gates of each step beside the input.
   */
  sequence(input: Value, initial?: readonly Value[], enter?: Enter): Sequenced;
  /** Records its cell with its options by an operation of another kind. */
  recorded<T>(record: Recording<T>, input: Value, given: Given): T;
  /** The layer that goes the other way, with parameters of its own. */
  reversed(): RecurrentLayer;
}

/**
 * The simple recurrent network: h(t) = f(x Wx + b + h(t-1) Wh). Elman 1990.
 * Weights are [inputs, units] and [units, units].
 */
export function rnn(units: number, options: RnnOptions = {}): RecurrentLayer {
  requireOptions("rnn", options, [...product, "activation"]);
  const { activation = "tanh", clip = 0 } = options;
  requireClip("rnn.clip", clip);
  return recurrent("rnn", units, options, rnnCell(activation, clip), (reverse) =>
    rnn(units, { ...options, reverse }),
  );
}

/**
 * Long short-term memory. Hochreiter & Schmidhuber 1997; Gers, Schmidhuber & Cummins 2000.
 *
 *     [i f g o] = x Wx + b + h(t-1) Wh      c(t) = f c(t-1) + i g      h(t) = o tanh(c(t))
 *
 * Weights are [inputs, 4 units] and [units, 4 units], gates in the order input, forget, candidate, output. Begins with
 * Glorot-uniform input weights, orthogonal hidden weights and a forget bias of 1.
 */
export function lstm(units: number, options: LstmOptions = {}): RecurrentLayer {
  requireOptions("lstm", options, lstmOptions);
  const {
    gateActivation = "sigmoid",
    candidateActivation = "tanh",
    cellActivation = "tanh",
    clip = 0,
    coupled = false,
    peepholes = false,
    projection,
    forgetBias = 1,
  } = options;
  requireForgetBias("lstm", forgetBias);
  requireClip("lstm.clip", clip);
  if (projection !== undefined) requireProjection(projection, units, options);
  const cell =
    projection !== undefined
      ? lstmProjectedCell(projection, forgetBias)
      : lstmCell({
          gateActivation,
          candidateActivation,
          cellActivation,
          clip,
          coupled,
          peepholes,
          forgetBias,
        });
  return recurrent("lstm", units, options, cell, (reverse) => lstm(units, { ...options, reverse }));
}

/**
 * The gated recurrent unit. Cho et al. 2014; with `resetAfter` as PyTorch and cuDNN define it.
 *
 *     r = f(x Wr + h(t-1) Ur + b)     z = f(x Wz + h(t-1) Uz + b)
 *     n = g(x Wn + b + r (h(t-1) Un + bh))     or, with the reset first,     n = g(x Wn + b + (r h(t-1)) Un)
 *     h(t) = z h(t-1) + (1 - z) n     or, if the update gate weights the candidate,     (1 - z) h(t-1) + z n
 *
 * Weights are [inputs, 3 units] and [units, 3 units], gates in the order reset, update, candidate; with the reset first
 * the hidden weight is two: [units, 2 units] and, for the candidate, [units, units].
 */
export function gru(units: number, options: GruOptions = {}): RecurrentLayer {
  requireOptions("gru", options, gruOptions);
  const {
    resetAfter = true,
    update = "state",
    gateActivation = "sigmoid",
    candidateActivation = "tanh",
    clip = 0,
    bias = true,
    biasHidden = resetAfter && bias,
  } = options;
  requireClip("gru.clip", clip);
  if (update !== "state" && update !== "candidate") {
    throw new InputError({ where: "gru.update", expected: '"state" or "candidate"', got: String(update) });
  }
  const variant = { gateActivation, candidateActivation, clip, update };
  const cell = resetAfter ? gruCell(variant, biasHidden) : gruResetFirstCell(variant);
  return recurrent(
    "gru",
    units,
    { ...options, biasHidden },
    cell,
    (reverse) => gru(units, { ...options, reverse }),
    options,
  );
}

/** A recurrent layer of this cell. `given`: the options as its definition keeps them. */
export function recurrent(
  name: string,
  units: number,
  options: RecurrentOptions & { readonly biasHidden?: boolean; readonly zoneoutCell?: number },
  cell: Cell,
  inDirection: (reverse: boolean) => RecurrentLayer,
  given: object = options,
): RecurrentLayer {
  requireWidth(`${name}.units`, units);
  const { reverse = false, bias = true, biasHidden = false, initial = "zero" } = options;
  const { weightDrop = 0, recurrentDropout = 0, zoneout = 0, zoneoutCell = 0 } = options;
  for (const [option, share] of Object.entries({ weightDrop, recurrentDropout, zoneout, zoneoutCell })) {
    requireRate(`${name}.${option}`, share);
  }
  const shares = {
    weightDrop,
    dropout: recurrentDropout,
    dropoutPerStep: options.recurrentDropoutPerStep ?? false,
    zoneout: [zoneout, zoneoutCell],
  };
  if (initial !== "zero" && initial !== "learned") {
    throw new InputError({ where: `${name}.initial`, expected: '"zero" or "learned"', got: String(initial) });
  }
  const widths = cell.widths?.(units) ?? cell.states.map(() => units);
  const learned = (x: Value) =>
    cell.states.map((state, i) => x.graph.parameter(initialName(state), rowsParameter(1, widths[i]!, zeros)));
  const recorded = <T>(record: Recording<T>, x: Value, given: Given = {}): T => {
    requireFeatures(x);
    const begin = given.initial ?? (initial === "learned" ? learned(x) : undefined);
    return record(x, cell, { units, reverse, bias, biasHidden, ...shares, ...given, initial: begin });
  };
  const made: RecurrentLayer = Object.assign(
    layer({ layer: name, units, ...given } as Definition, (x) => recorded(recurrence, x).output),
    {
      widths,
      recorded: <T>(record: Recording<T>, x: Value, given: Given) =>
        x.graph.scope(made, name, () => recorded(record, x, given)),
      sequence: (x: Value, initial?: readonly Value[], enter?: Enter) =>
        x.graph.scope(made, name, () => {
          const { output, final, entered } = recorded(recurrence, x, { initial, enter });
          return { output, states: cell.states.map((_, state) => final(state)), entered: entered() };
        }),
      reversed: () => inDirection(!reverse),
    },
  );
  return made;
}

/** For example `initialHidden`. */
function initialName(state: string): string {
  return `initial${state[0]!.toUpperCase()}${state.slice(1)}`;
}

/** Throws unless the bias of a forget gate can begin with it. */
export function requireForgetBias(name: string, value: unknown): void {
  if (Number.isFinite(value)) return;
  throw new InputError({ where: `${name}.forgetBias`, expected: "a finite number", got: String(value) });
}

function requireProjection(projection: number, units: number, options: LstmOptions): void {
  requireWidth("lstm.projection", projection);
  const variants = ["clip", "coupled", "peepholes", "gateActivation", "candidateActivation"] as const;
  const given = [...variants, "cellActivation" as const].find((name) => options[name] !== undefined);
  if (given) {
    throw new InputError({ where: "lstm.projection", expected: "the plain cell", got: `${given} beside it` });
  }
  if (projection > units) {
    throw new InputError({
      where: "lstm.projection",
      expected: `at most ${units} units`,
      got: String(projection),
    });
  }
}

function requireClip(where: string, clip: number): void {
  if (!(clip >= 0 && clip < Infinity)) {
    throw new InputError({ where, expected: "a number from 0, which means no clipping", got: String(clip) });
  }
}
