/** What enters the gates of a recurrence at each step beside its input: gates(t) += e(t) We. */
import type { Backward, Emit, Graph, Value } from "../graph/graph.js";
import { glorotUniform } from "../graph/initialisers.js";
import { matrixParameter } from "../graph/parameter.js";
import { type Place, place, span } from "../graph/span.js";
import {
  emitProduct,
  emitTranspose,
  emitTransposedProduct,
  emitWeightGradient,
  type Matrix,
  ofStep,
} from "./product.js";
import type { States } from "./states.js";

/** The recurrence that is being recorded. */
export interface Entered {
  readonly graph: Graph;
  readonly steps: number;
  readonly batch: number;
  readonly units: number;
  readonly gateCount: number;
  readonly reverse: 0 | 1;
  readonly states: States;
  /** [steps][batch] rows. */
  readonly gateRows: Matrix;
}

/** Records what enters a recurrence. */
export type Enter = (recurrence: Entered) => Entering;

/** What comes before each step on the way there, and after it on the way back. */
export interface Entering {
  /** What is read besides the states. */
  readonly inputs: readonly Value[];
  /** What entered, as a value [steps][batch][width], of a recurrence whose output is given. */
  value?(output: Value): Value;
  begin(emit: Emit): void;
  /** Before the step at `t`, which goes on from the states at `before`. */
  forward(emit: Emit, t: number, before: number): void;
  beginBackward(backward: Pick<Backward, "emit" | "accumulate">): void;
  /** After the step, whose gates hold their gradients; adds to `dHidden` [batch] rows, of the state before. */
  backward(emit: Emit, t: number, dHidden: Place): void;
  finish(emit: Emit): void;
}

/** A weight by which rows [steps][batch] enter the gates, made in the layer being recorded. */
export function entrance(
  name: string,
  rows: Matrix,
  {
    graph,
    batch,
    units,
    gateCount,
    gateRows,
  }: Pick<Entered, "graph" | "batch" | "units" | "gateCount" | "gateRows">,
) {
  const weight = graph.parameter(
    name,
    matrixParameter(rows.width, gateCount, units, glorotUniform(gateCount)),
  );
  let transposed: Place;
  /** y += x, of one step. */
  const emitAdd = (emit: Emit, y: Matrix, x: Place) =>
    emit("add", { a: y.place, b: x, y: y.place, count: batch * y.stride });
  return {
    forward(emit: Emit, t: number) {
      const into = ofStep(gateRows, t, batch);
      const product = place(span(`${name} product`, batch * into.stride));
      emitProduct(emit, ofStep(rows, t, batch), weight, 0, { ...into, place: product });
      emitAdd(emit, into, product);
    },
    beginBackward(emit: Emit) {
      transposed = emitTranspose(emit, weight, rows.width, gateRows.stride);
    },
    /** Adds the gradient of the rows of a step to those of `dRows`. */
    backward(emit: Emit, t: number, dRows: Matrix) {
      const product = place(span(`gradient through ${name}`, batch * dRows.stride));
      emitTransposedProduct(emit, ofStep(gateRows, t, batch), transposed, { ...dRows, place: product });
      emitAdd(emit, dRows, product);
    },
    finish(emit: Emit) {
      emitWeightGradient(emit, rows, gateRows, weight, 0);
    },
  };
}
