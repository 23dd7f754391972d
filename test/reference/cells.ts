/** The unrolled cells with parameters by name, in float64: the reference of every cell, its options and its gradients. */
import type { Matrix } from "./matrix.js";
import { Tape, type Variable } from "./tape.js";
import {
  type Between,
  type GruOptions,
  gru,
  type LstmOptions,
  lstm,
  type Primitives,
  type RnnOptions,
  rnn,
} from "./unrolled.js";

/** A cell and its options. */
export type Cell =
  | { readonly cell: "rnn"; readonly options?: RnnOptions }
  | { readonly cell: "gru"; readonly options?: GruOptions }
  | { readonly cell: "lstm"; readonly options?: LstmOptions };

/**
 * By name: weightInput [inputs, gates units], weightHidden [units, gates units], and where the cell is to have them bias
 * and biasHidden [1, gates units], gainInput, gainHidden [1, gates units], gainCell, shiftCell [1, units], peepholeInput, peepholeForget and peepholeOutput [1, units], weightProjection [units,
 * fewer]. Columns are [gate][unit], gates in PyTorch's order.
 */
export type CellParameters = ReadonlyMap<string, Matrix>;

/** How a parameter is used. */
export interface Wiring<V> extends Between<V> {
  has(name: string): boolean;
  product(x: V, weight: string, bias: string | undefined): V;
  /** The row in every row of `like`. */
  row(name: string, like: V): V;
}

/** The states after each step: the hidden one, and the cell's if it has any. */
export function unrolled<V extends { readonly steps: number; readonly width: number }>(
  p: Primitives<V>,
  { has, product, row, source, settle }: Wiring<V>,
  cell: Cell,
  x: V,
  hidden: V,
  cells?: V,
): readonly V[] {
  const biased = (weight: string, bias: string) => (x: V) => product(x, weight, has(bias) ? bias : undefined);
  const normalised = (gain: string, x: V, shift?: string): V => {
    const scaled = p.multiply(p.normalise(x), row(gain, x));
    return shift ? p.add(scaled, row(shift, x)) : scaled;
  };
  const norms = has("gainInput");
  const weights = {
    input: norms
      ? (x: V) => normalised("gainInput", product(x, "weightInput", undefined), "bias")
      : biased("weightInput", "bias"),
    hidden: norms
      ? (x: V) => normalised("gainHidden", product(x, "weightHidden", undefined))
      : biased("weightHidden", "biasHidden"),
    source,
    settle,
  };
  switch (cell.cell) {
    case "rnn":
      return [rnn(p, x, { hidden }, weights, cell.options).hidden];
    case "gru":
      return [gru(p, x, { hidden }, weights, cell.options).hidden];
    case "lstm": {
      const initial = { hidden, cells: cells! };
      const peephole = (gate: string) => row(`peephole${gate}`, initial.cells);
      const states = lstm(
        p,
        x,
        initial,
        {
          ...weights,
          ...(has("peepholeInput") && {
            peepholes: { input: peephole("Input"), forget: peephole("Forget"), output: peephole("Output") },
          }),
          ...(norms && { normaliseCell: (c: V) => normalised("gainCell", c, "shiftCell") }),
          ...(has("weightProjection") && {
            project: (h: V) => product(h, "weightProjection", undefined),
          }),
        },
        cell.options,
      );
      return [states.hidden, states.cells];
    }
  }
}

/** What a cell is given: x [steps][batch] rows, and one row of each state for each row of the batch, the hidden one first. */
export interface CellRun {
  readonly cell: Cell;
  readonly x: Matrix;
  readonly initial: readonly Matrix[];
  readonly parameters: CellParameters;
  /** The gradients of the states after each step. */
  readonly upstream: readonly Matrix[];
}

export interface CellResult {
  /** After each step. */
  readonly states: readonly Matrix[];
  readonly dx: Matrix;
  readonly dInitial: readonly Matrix[];
  readonly dParameters: ReadonlyMap<string, Matrix>;
}

/** A cell in float64. `between`: what happens to its states between the steps. */
export function cellOnTape(
  { cell, x, initial, parameters, upstream }: CellRun,
  between?: (tape: Tape) => Between<Variable>,
): CellResult {
  const tape = new Tape();
  const batch = initial[0].rows;
  const variables = new Map([...parameters].map(([name, value]) => [name, tape.variable(value)]));
  const wiring: Wiring<Variable> = {
    ...between?.(tape),
    has: (name) => variables.has(name),
    product: (x, weight, bias) =>
      tape.linear(x, variables.get(weight)!, bias === undefined ? undefined : variables.get(bias)),
    row: (name, like) => tape.broadcast(variables.get(name)!, like),
  };
  const input = tape.variable(x, batch);
  const states = initial.map((state) => tape.variable(state));
  const outputs = unrolled(tape, wiring, cell, input, states[0], states[1]);
  tape.backward(outputs, upstream);
  return {
    states: outputs.map(({ value }) => value),
    dx: input.gradient,
    dInitial: states.map(({ gradient }) => gradient),
    dParameters: new Map([...variables].map(([name, { gradient }]) => [name, gradient])),
  };
}
