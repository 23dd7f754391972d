/** What the recurrence must know about a cell, and what it gives it. */
import { LINE, roundUp } from "../engine/address.js";
import type { Emit, Graph } from "../graph/graph.js";
import type { Parameter, ParameterDefinition } from "../graph/parameter.js";
import { type Place, place, type Span } from "../graph/span.js";
import type { Matrix } from "../ops/product.js";

/** One recurrent layer in one graph. Numbers lie as the cell's kernel file describes. */
export interface Run {
  readonly graph: Graph;
  readonly steps: number;
  readonly batch: number;
  readonly units: number;
  /** Units rounded up to 16. */
  readonly stride: number;
  /** Words [batch], or 0 if no row ends before the last step. */
  readonly lengths: Place | 0;
  /** 1 if it goes from the last step to the first. */
  readonly reverse: 0 | 1;
  /** [steps][batch][columns]: x Wx + b, or x Wx for a cell with its own bias, before the forward kernel; their gradient after the backward one. */
  readonly gates: Place;
  readonly columns: number;
  /** A weight of the state, made in the layer being recorded; while training some of its elements may be dropped. */
  weight(name: string, definition: ParameterDefinition): Parameter;
  /** Each state in turn, [steps + 1][batch] rows as wide as that state rounded up to 16: what the steps begin with. */
  readonly states: Span;
  /** What the steps make: the same array, unless something happens to states between the steps. */
  readonly results: Span;
  /** The hidden state as the products of the cell read it, [steps + 1][batch] rows. */
  readonly source: Span;
}

/** The steps [start, stop), counted in the order of the recurrence, that one kernel call goes through. */
interface Stretch extends Pick<Run, "states" | "results" | "source"> {
  readonly start: number;
  readonly stop: number;
}

/** The same stretch on the way back. */
interface StretchBack extends Stretch {
  /** Each state in turn, [batch] rows: the gradient after the stretch on entry, before it on return. */
  readonly dStates: Place;
  /** [batch] rows to which the gradient of source is added. */
  readonly dSource: Place;
}

/** How a recurrence goes through its steps: all in one call, or step by step with something in between. */
export interface Walk {
  forward(call: (stretch: Stretch) => void): void;
  backward(call: (stretch: StretchBack) => void): void;
}

/** The kernel calls of a cell. */
export interface Steps {
  forward(emit: Emit, walk: Walk["forward"]): void;
  /**
   * dHidden [steps][batch] rows: the gradient of the outputs on entry, of all that follows on return. Emits the gradients of
   * the cell's own parameters too.
   */
  backward(emit: Emit, dHidden: Place, walk: Walk["backward"]): void;
}

/** A cell: any state transition whose input enters by one product for all steps. */
export interface Cell {
  readonly name: string;
  /** Its gates in the order of the weights' columns. */
  readonly gates: readonly string[];
  /** Its states, the hidden one, which is the output, first. */
  readonly states: readonly string[];
  /** The gate whose bias does not begin at 0, if any. */
  readonly open?: { readonly gate: number; readonly bias: number };
  /** Width of each state, where one is not the layer's units. */
  widths?(units: number): readonly number[];
  /** Whether the cell adds its bias itself; else it is added to the input's product. */
  readonly ownBias?: boolean;
  /** Whether the cell has a hidden bias of its own; else a hidden bias, where wanted, is added to the input's. */
  readonly ownHiddenBias?: boolean;
  /** Makes the cell's parameters in the layer being recorded, and tells how it runs. */
  record(run: Run): Steps;
}

/** The hidden state that each step reads, as the rows of a matrix. */
export function sourceRows({ source, steps, batch, reverse }: Run, width: number): Matrix {
  const stride = roundUp(width, LINE);
  return { place: place(source, reverse * batch * stride), rows: steps * batch, width, stride };
}

/** The gates of every step, or their gradients, as the rows of a matrix. */
export function gateRows({ gates, steps, batch, columns }: Run): Matrix {
  return { place: gates, rows: steps * batch, width: columns, stride: columns };
}
