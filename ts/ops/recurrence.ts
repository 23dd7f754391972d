/** A cell applied step after step: everything about a recurrence but the arithmetic of its cell. */
import type { Cell } from "../cells/cell.js";
import { LINE, roundUp } from "../engine/address.js";
import type { Observation, Value } from "../graph/graph.js";
import { glorotUniform, openGate, zeros } from "../graph/initialisers.js";
import { matrixParameter, panelColumns, vectorParameter } from "../graph/parameter.js";
import { type Place, place, span } from "../graph/span.js";
import type { Attend } from "./attend.js";
import { biases } from "./biases.js";
import { emitInputGradient, emitProduct, emitWeightGradient, type Matrix, matrix } from "./product.js";
import { type Initial, isValue, recurrentStates } from "./states.js";
import { type Between, walk } from "./walk.js";
import { weightDrop } from "./weight-drop.js";

export interface RecurrenceOptions extends Between {
  readonly units: number;
  /** From the last step of each row to its first; such a recurrence carries no state from run to run. */
  readonly reverse: boolean;
  /** Whether a bias is added to the input's product. */
  readonly bias: boolean;
  /** A second bias, which PyTorch keeps for the hidden product; it is added to the first. */
  readonly biasHidden: boolean;
  /** While training, the share of the state's weights that are zero in each run. */
  readonly weightDrop: number;
  /** What rows that begin anew start from, in the order of the cell's states; default zeros. */
  readonly initial?: readonly Initial[] | undefined;
  /** How the hidden state looks at a memory before each step; what it finds enters the gates. */
  readonly attend?: Attend | undefined;
}

export interface Recurrence {
  /** The hidden states, [steps][batch][units]; zero past the length of a row. */
  readonly output: Value;
  /** A state after the last step of each row, [1][batch][units], by its place among the cell's states. */
  final(state: number): Value;
  /** What was found in the memory before each step, [steps][batch][width]. */
  contexts(): Value;
}

/** x [steps][batch][inputs]. The cell's state is carried from run to run where a batch continues the one before. */
export function recurrence(x: Value, cell: Cell, options: RecurrenceOptions): Recurrence {
  const { graph, steps, batch, lengths } = x;
  const { units, initial = [] } = options;
  const reverse = options.reverse ? 1 : 0;
  const gateCount = cell.gates.length;
  const columns = panelColumns(gateCount, units);
  const gates = place(span("gates", steps * batch * columns));
  const gateRows: Matrix = { place: gates, rows: steps * batch, width: columns, stride: columns };
  const widths = cell.widths?.(units) ?? cell.states.map(() => units);
  const standing = [x, ...initial.filter(isValue)].every((value) => value.standing);
  const shape = { graph, steps, batch, names: cell.states, widths };
  const states = recurrentStates({ ...shape, reverse, initial, standing });

  const weight = graph.parameter(
    "weightInput",
    matrixParameter(x.width, gateCount, units, glorotUniform(gateCount)),
  );
  const drop = weightDrop(graph, options.weightDrop);
  const ends = lengths ?? 0;
  const attending = options.attend?.({ graph, steps, batch, units, gateCount, reverse, states, gateRows });
  const walked = walk({ ...options, graph, steps, batch, reverse, lengths: ends, states, attending });
  const kernels = cell.record({
    graph,
    steps,
    batch,
    units,
    stride: roundUp(units, LINE),
    lengths: ends,
    reverse,
    gates,
    columns,
    ...{ states: walked.states, results: walked.results, source: walked.source },
    weight: drop.weight,
  });
  const begin = cell.open ? openGate(cell.open.gate, cell.open.bias, gateCount) : zeros;
  const vector = (name: string, initialise = zeros) =>
    graph.parameter(name, vectorParameter(gateCount, units, initialise));
  const added = biases([
    ...(options.bias && !cell.ownBias ? [vector("bias", begin)] : []),
    ...(options.biasHidden && !cell.ownHiddenBias ? [vector("biasHidden")] : []),
  ]);

  const [hidden] = states.rows as [(typeof states.rows)[number]];
  const output = graph.value(
    { steps, batch, lengths, width: hidden.width },
    lengths ? undefined : hidden.rows,
  );
  const mask = { lengths: ends, steps, batch, stride: output.stride, from: 0, to: batch } as const;
  const observation: Observation = {
    path: graph.path,
    steps,
    batch,
    units,
    gates: cell.gates,
    gateRows: gates,
    states: states.rows,
    dHidden: undefined,
  };
  graph.observations.push(observation);

  let dContexts: Place | undefined;
  graph.apply({
    inputs: [x, ...states.values, ...(attending?.inputs ?? [])],
    output,
    forward(emit) {
      emitProduct(emit, matrix(x), weight, added.sum(emit), gateRows);
      states.begin(emit);
      attending?.begin(emit);
      drop.forward(emit);
      kernels.forward(emit, walked.forward(emit));
      if (lengths) emit("maskEnded", { x: hidden.rows, y: output.place, ...mask });
    },
    backward({ emit, dOutput, gradient, accumulate }) {
      if (lengths) emit("maskEnded", { x: dOutput, y: dOutput, ...mask });
      const dStates = states.gradients(emit);
      drop.beforeBackward(emit);
      attending?.beginBackward({ emit, accumulate }, dContexts);
      kernels.backward(emit, dOutput, walked.backward(emit, dOutput, dStates));
      drop.afterBackward(emit);
      attending?.finish(emit);
      observation.dHidden = dOutput;
      states.finish({ emit, gradient }, dStates);
      emitWeightGradient(emit, matrix(x), gateRows, weight, added.gradient(emit));
      added.spread(emit);
      const dx = gradient(x);
      if (dx) emitInputGradient(emit, gateRows, weight, matrix(x, dx));
    },
  });
  const contexts = () => {
    const { place, width } = attending!.contexts;
    return graph.apply({
      inputs: [output],
      output: graph.value({ steps, batch, lengths, width }, place),
      forward() {},
      backward({ dOutput, accumulate }) {
        dContexts = dOutput;
        accumulate(output);
      },
    });
  };
  return { output, final: (state) => states.final(state, output), contexts };
}
