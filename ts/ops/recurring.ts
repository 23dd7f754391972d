/** Everything about a recurrence but the arithmetic of its cell: parameters, states, and the calls that its steps are made of. */
import type { Cell } from "../cells/cell.js";
import { LINE, roundUp } from "../engine/address.js";
import type { Backward, Emit, Observation, Value } from "../graph/graph.js";
import { glorotUniform, openGate, zeros } from "../graph/initialisers.js";
import { matrixParameter, type Parameter, panelColumns, vectorParameter } from "../graph/parameter.js";
import { type Place, place, span } from "../graph/span.js";
import { type Biases, biases } from "./biases.js";
import type { Enter, Entering } from "./enter.js";
import { emitInputGradient, emitProduct, emitWeightGradient, type Matrix, matrix } from "./product.js";
import { type Initial, isValue, recurrentStates, type States } from "./states.js";
import { type Between, type Loop, walk } from "./walk.js";
import { weightDrop } from "./weight-drop.js";

export interface RecurringOptions extends Between {
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
  /** What enters the gates of each step beside the input. */
  readonly enter?: Enter | undefined;
  /** Whether x comes step by step, so that whoever goes through the steps multiplies it, both ways; default false. */
  readonly along?: boolean;
}

/** A recurrence that no node makes yet. */
export interface Recurring {
  /** What it reads besides x. */
  readonly inputs: readonly Value[];
  readonly states: States;
  /** The hidden states, [steps][batch][units]; past its length those of a row stay. */
  readonly hidden: Value;
  readonly entering: Entering | undefined;
  /** gates = x W + the biases, [steps][batch] rows; after the backward pass their gradient. */
  readonly weight: Parameter;
  readonly biases: Biases;
  readonly gates: Matrix;
  /** With a loop step by step. */
  forward(emit: Emit, loop?: Loop): void;
  /** dHidden [steps][batch] rows: the gradient of the hidden states, of each step before it comes. */
  backward(backward: Pick<Backward, "emit" | "gradient" | "accumulate">, dHidden: Place, loop?: Loop): void;
}

export function recurring(x: Value, cell: Cell, options: RecurringOptions): Recurring {
  const { graph, steps, batch, lengths } = x;
  const { units, initial = [], along = false } = options;
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
  const entering = options.enter?.({ graph, steps, batch, units, gateCount, reverse, states, gateRows });
  const walked = walk({ ...options, graph, steps, batch, reverse, lengths: ends, states, entering });
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

  return {
    inputs: [...states.values, ...(entering?.inputs ?? [])],
    states,
    hidden: Object.assign(graph.value({ steps, batch, lengths, width: hidden.width }, hidden.rows), {
      standing,
    }),
    entering,
    weight,
    biases: added,
    gates: gateRows,
    forward(emit, loop) {
      if (!along) emitProduct(emit, matrix(x), weight, added.sum(emit), gateRows);
      states.begin(emit);
      entering?.begin(emit);
      drop.forward(emit);
      kernels.forward(emit, walked.forward(emit, loop));
    },
    backward({ emit, gradient, accumulate }, dHidden, loop) {
      const dStates = states.gradients(emit);
      drop.beforeBackward(emit);
      entering?.beginBackward({ emit, accumulate });
      kernels.backward(emit, dHidden, walked.backward(emit, dHidden, dStates, loop));
      drop.afterBackward(emit);
      entering?.finish(emit);
      observation.dHidden = dHidden;
      states.finish({ emit, gradient }, dStates);
      emitWeightGradient(emit, matrix(x), gateRows, weight, added.gradient(emit));
      added.spread(emit);
      const dx = along ? undefined : gradient(x);
      if (dx) emitInputGradient(emit, gateRows, weight, matrix(x, dx));
    },
  };
}
