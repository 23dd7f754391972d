/** A cell applied step after step: everything about a recurrence but the arithmetic of its cell. */
import type { Cell } from "../cells/cell.js";
import { LINE, roundUp } from "../engine/address.js";
import type { Emit, Value } from "../graph/graph.js";
import { type Parameter, panelColumns } from "../graph/parameter.js";
import { place, type Span, span } from "../graph/span.js";
import {
  emitInputGradient,
  emitProduct,
  emitTranspose,
  emitWeightGradient,
  type Matrix,
  matrix,
} from "./product.js";

/** The parameters of a recurrent layer; columns are [gate][unit]. */
export interface RecurrentWeights {
  /** [inputs, gates units] */
  readonly input: Parameter;
  /** [units, gates units] */
  readonly hidden: Parameter;
  /** [gates units], added once. */
  readonly bias: Parameter;
  /** A second bias of the same shape, as PyTorch keeps it: the two are added. */
  readonly biasHidden: Parameter | undefined;
}

/** x [steps][batch][inputs]; gives the hidden states [steps][batch][units]. Its state is carried from run to run. */
export function recurrence(x: Value, cell: Cell, weights: RecurrentWeights): Value {
  const { graph, steps, batch, lengths } = x;
  const units = weights.hidden.layout.rows;
  const rows = steps * batch;
  const stride = roundUp(units, LINE);
  const columns = panelColumns(cell.gates.length, units);
  const stateCount = batch * stride;
  const blockCount = (steps + 1) * stateCount;
  const states = span("states", cell.states.length * blockCount, { role: "kept" });
  const gates = place(span("gates", rows * columns));
  const gateRows: Matrix = { place: gates, rows, width: columns, stride: columns };
  const { bias, biasHidden } = weights;
  cell.states.forEach((_, index) => {
    const first = index * blockCount;
    graph.carry({
      first: place(states, first),
      last: place(states, first + steps * stateCount),
      count: stateCount,
    });
  });

  const sumOfBiases = (emit: Emit): Span => {
    if (!biasHidden) return bias.value;
    const both = span("sum of biases", columns);
    emit("add", { a: bias.value, b: biasHidden.value, y: both, count: columns });
    return both;
  };

  const output = graph.value({ steps, batch, lengths, width: units }, place(states, stateCount));
  return graph.apply({
    inputs: [x],
    output,
    forward(emit) {
      emitProduct(emit, matrix(x), weights.input, sumOfBiases(emit), gateRows);
      emit(cell.forward, {
        gates,
        states,
        weight: weights.hidden.value,
        steps,
        batch,
        units,
        from: 0,
        to: batch,
      });
    },
    backward({ emit, dOutput, gradient }) {
      const dCarried = place(span("gradient of the carried states", stateCount));
      emit("zero", { to: dCarried, count: stateCount });
      const transposed = emitTranspose(emit, weights.hidden, units, columns);
      emit(cell.backward, {
        gates,
        states,
        dHidden: dOutput,
        dCarried,
        transposed,
        steps,
        batch,
        units,
        from: 0,
        to: batch,
      });
      const previous: Matrix = { place: place(states), rows, width: units, stride };
      emitWeightGradient(emit, previous, gateRows, weights.hidden, 0);
      if (biasHidden) {
        const dBoth = span("gradient of the sum of biases", columns);
        emit("zero", { to: dBoth, count: columns });
        emitWeightGradient(emit, matrix(x), gateRows, weights.input, dBoth);
        for (const { gradient } of [bias, biasHidden]) {
          emit("add", { a: gradient, b: dBoth, y: gradient, count: columns });
        }
      } else {
        emitWeightGradient(emit, matrix(x), gateRows, weights.input, bias.gradient);
      }
      const dx = gradient(x);
      if (dx) emitInputGradient(emit, gateRows, weights.input, matrix(x, dx));
    },
  });
}
