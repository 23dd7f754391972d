/**
 * The recurrent cells written out step by step from the primitive operations. Over the library's own they are models that
 * a user could write; over those of the tape they are the float64 reference of every cell.
 */
import {
  activation,
  add,
  at,
  concat,
  layerNorm,
  multiply,
  slice,
  stack,
  type Value,
} from "../../ts/index.js";
import type { Activation, ActivationName, ActivationOptions } from "../../ts/ops/activation.js";

/** What a recurrence is made of. V: a value of [steps][batch][width]. */
export interface Primitives<V> {
  add(...values: readonly V[]): V;
  multiply(...values: readonly V[]): V;
  concat(...values: readonly V[]): V;
  slice(x: V, from: number, to: number): V;
  at(x: V, step: number): V;
  stack(values: readonly V[]): V;
  activate(x: V, name: ActivationName, options?: ActivationOptions): V;
  /** (x - mean x) / sqrt(variance of x + 1e-5), for every row. */
  normalise(x: V): V;
}

/** The library's. */
export const primitives: Primitives<Value> = {
  add,
  multiply,
  concat,
  slice,
  at,
  stack,
  activate: (x, name, options) => activation(name, options)(x),
  normalise: layerNorm({ affine: false }),
};

/** A learned function, for example a product with a weight. */
export type Learned<V> = (x: V) => V;

export interface CellOptions {
  /** Clips pre-activations to [-clip, clip], as ONNX does. */
  readonly clip?: number;
}

/** The states after each step. */
export interface States<V> {
  readonly hidden: V;
}

/** What happens to states between the steps; default nothing. */
export interface Between<V> {
  /** The hidden state as the products with it see it before a step. */
  readonly source?: ((hidden: V, step: number) => V) | undefined;
  /** A state after a step, by its place among the cell's states, from what it was before and what the step makes of it. */
  readonly settle?: ((state: number, before: V, next: V, step: number) => V) | undefined;
}

/** f, of pre-activations that are clipped if that is wanted. */
function gate<V>(p: Primitives<V>, chosen: Activation, { clip }: CellOptions): (x: V) => V {
  const { name, ...constants } = typeof chosen === "string" ? { name: chosen } : chosen;
  return (x) => p.activate(clip === undefined ? x : p.activate(x, "clip", { alpha: clip }), name, constants);
}

const same = <V>(hidden: V): V => hidden;
const next = <V>(_state: number, _before: V, next: V): V => next;

const steps = (x: { readonly steps: number }) => Array.from({ length: x.steps }, (_, step) => step);

export interface RnnWeights<V> extends Between<V> {
  /** [inputs] to [units] */
  readonly input: Learned<V>;
  /** [units] to [units] */
  readonly hidden: Learned<V>;
}

export interface RnnOptions extends CellOptions {
  readonly activation?: Activation;
}

/** h(t) = f(input x(t) + hidden h(t-1)) */
export function rnn<V extends { readonly steps: number }>(
  p: Primitives<V>,
  x: V,
  initial: States<V>,
  { input, hidden, source = same, settle = next }: RnnWeights<V>,
  options: RnnOptions = {},
): States<V> {
  const f = gate(p, options.activation ?? "tanh", options);
  let h = initial.hidden;
  const states = steps(x).map((t) => {
    h = settle(0, h, f(p.add(input(p.at(x, t)), hidden(source(h, t)))), t);
    return h;
  });
  return { hidden: p.stack(states) };
}

export interface GruWeights<V> extends Between<V> {
  /** [inputs] to [3 units]: reset, update, candidate. */
  readonly input: Learned<V>;
  /** [units] to [3 units]. */
  readonly hidden: Learned<V>;
}

export interface GruOptions extends CellOptions {
  /** Whether the reset gate comes after the product with the state (PyTorch, cuDNN) or before it (the paper, ONNX). */
  readonly resetAfter?: boolean;
  /** What the update gate z weights: `state`: h = (1 - z) n + z h(t-1); `candidate`: h = z n + (1 - z) h(t-1). */
  readonly update?: "state" | "candidate";
  readonly gates?: Activation;
  readonly candidate?: Activation;
}

/**
 * r = f(xr + hr)   z = f(xz + hz)   n = g(xn + r hn), or with the reset before: n = g(xn + hidden(r h)n)
 */
export function gru<V extends { readonly steps: number; readonly width: number }>(
  p: Primitives<V>,
  x: V,
  initial: States<V>,
  { input, hidden, source = same, settle = next }: GruWeights<V>,
  options: GruOptions = {},
): States<V> {
  const { resetAfter = true, update = "state" } = options;
  const f = gate(p, options.gates ?? "sigmoid", options);
  const g = gate(p, options.candidate ?? "tanh", options);
  const units = initial.hidden.width;
  const part = (gates: V, index: number) => p.slice(gates, index * units, (index + 1) * units);
  let h = initial.hidden;
  const states = steps(x).map((t) => {
    const fromInput = input(p.at(x, t));
    const seen = source(h, t);
    const fromState = hidden(seen);
    const r = f(p.add(part(fromInput, 0), part(fromState, 0)));
    const z = f(p.add(part(fromInput, 1), part(fromState, 1)));
    const reset = resetAfter ? p.multiply(r, part(fromState, 2)) : part(hidden(p.multiply(r, seen)), 2);
    const n = g(p.add(part(fromInput, 2), reset));
    const rest = p.activate(z, "affine", { alpha: -1, beta: 1 });
    const [ofState, ofCandidate] = update === "state" ? [z, rest] : [rest, z];
    h = settle(0, h, p.add(p.multiply(ofCandidate, n), p.multiply(ofState, h)), t);
    return h;
  });
  return { hidden: p.stack(states) };
}

export interface LstmStates<V> extends States<V> {
  readonly cells: V;
}

export interface LstmWeights<V> extends Between<V> {
  /** [inputs] to [4 units]: input, forget, candidate, output. */
  readonly input: Learned<V>;
  /** [units, or as many as `project` gives] to [4 units]. */
  readonly hidden: Learned<V>;
  /** One row of [units] for each gate that sees the cell (Gers & Schmidhuber 2000). */
  readonly peepholes?: { readonly input: V; readonly forget: V; readonly output: V };
  /** The cell on its way to the output, [units] to [units]. */
  readonly normaliseCell?: Learned<V>;
  /** [units] to fewer: the hidden state is the projection (Sak, Senior & Beaufays 2014). */
  readonly project?: Learned<V>;
}

export interface LstmOptions extends CellOptions {
  /** f = 1 - i; the columns of the forget gate do not count. */
  readonly coupled?: boolean;
  readonly gates?: Activation;
  readonly candidate?: Activation;
  /** Of the cell, before the output gate. */
  readonly output?: Activation;
}

/**
 * i = f(xi + hi + pi c(t-1))   f = f(xf + hf + pf c(t-1))   g = g(xg + hg)   c = f c(t-1) + i g
 * o = f(xo + ho + po c)        h = o h(c), which `project` may make smaller
 */
export function lstm<V extends { readonly steps: number; readonly width: number }>(
  p: Primitives<V>,
  x: V,
  initial: LstmStates<V>,
  { input, hidden, peepholes, normaliseCell = same, project, source = same, settle = next }: LstmWeights<V>,
  options: LstmOptions = {},
): LstmStates<V> {
  const f = gate(p, options.gates ?? "sigmoid", options);
  const g = gate(p, options.candidate ?? "tanh", options);
  const squash = gate(p, options.output ?? "tanh", {});
  const units = initial.cells.width;
  let { hidden: h, cells: c } = initial;
  const states = steps(x).map((t) => {
    const sums = p.add(input(p.at(x, t)), hidden(source(h, t)));
    const part = (index: number) => p.slice(sums, index * units, (index + 1) * units);
    const seeing = (index: number, weight: V | undefined, cell: V) =>
      weight ? p.add(part(index), p.multiply(weight, cell)) : part(index);
    const i = f(seeing(0, peepholes?.input, c));
    const forget = options.coupled
      ? p.activate(i, "affine", { alpha: -1, beta: 1 })
      : f(seeing(1, peepholes?.forget, c));
    const cell = p.add(p.multiply(forget, c), p.multiply(i, g(part(2))));
    const o = f(seeing(3, peepholes?.output, cell));
    const output = p.multiply(o, squash(normaliseCell(cell)));
    h = settle(0, h, project ? project(output) : output, t);
    c = settle(1, c, cell, t);
    return { hidden: h, cells: c };
  });
  return {
    hidden: p.stack(states.map(({ hidden }) => hidden)),
    cells: p.stack(states.map(({ cells }) => cells)),
  };
}
