/** A cell applied step after step: everything about a recurrence but the arithmetic of its cell. */
import type { Cell } from "../cells/cell.js";
import { LINE, roundUp } from "../engine/address.js";
import { InputError } from "../errors.js";
import type { Emit, Graph, Value } from "../graph/graph.js";
import { glorotUniform, openGate, zeros } from "../graph/initialisers.js";
import {
  matrixParameter,
  type Parameter,
  type ParameterDefinition,
  panelColumns,
  vectorParameter,
} from "../graph/parameter.js";
import { type Place, place, type Span, span } from "../graph/span.js";
import { emitInputGradient, emitProduct, emitWeightGradient, type Matrix, matrix } from "./product.js";

export interface RecurrenceOptions {
  readonly units: number;
  /** From the last step of each row to its first; such a recurrence carries no state from run to run. */
  readonly reverse: boolean;
  /** Whether a bias is added to the input's product. */
  readonly bias: boolean;
  /** A second bias, which PyTorch keeps for the hidden product; it is added to the first. */
  readonly biasHidden: boolean;
  /** While training, the share of the state's weights that are zero in each run (Merity, Keskar & Socher 2018). */
  readonly weightDrop: number;
  /**
   * What the states of rows that begin anew start from, in the order of the cell's states: values [1][batch][units], or
   * parameters [1, units] for all rows alike. Default zeros.
   */
  readonly initial?: readonly (Value | Parameter)[] | undefined;
}

export interface Recurrence {
  /** The hidden states, [steps][batch][units]; zero past the length of a row. */
  readonly output: Value;
  /** A state after the last step of each row, [1][batch][units], by its place among the cell's states. */
  final(state: number): Value;
}

/** The weights of the state, of which some elements are dropped while training: the same ones at every step of a run. */
function weightDrops(graph: Graph, rate: number) {
  const dropped: { weight: Parameter; left: Parameter; stream: number }[] = [];
  const mask = (from: Span, to: Span, stream: number) => ({
    ...{ x: from, y: to, clock: graph.clock, stream, rate },
    ...{ stride: LINE, repeat: 0, from: 0, to: from.count / LINE },
  });
  return {
    weight(name: string, definition: ParameterDefinition): Parameter {
      const weight = graph.parameter(name, definition);
      if (!(graph.training && rate > 0)) return weight;
      const { path, value } = weight;
      const [kept, gradient] = [
        span(`${path} left`, value.count),
        span(`gradient of ${path} left`, value.count),
      ];
      const left = { ...weight, value: kept, gradient };
      dropped.push({ weight, left, stream: graph.nextUse() });
      return left;
    },
    forward(emit: Emit) {
      for (const { weight, left, stream } of dropped) emit("dropout", mask(weight.value, left.value, stream));
    },
    beforeBackward(emit: Emit) {
      for (const { left } of dropped) emit("zero", { to: left.gradient, count: left.gradient.count });
    },
    afterBackward(emit: Emit) {
      for (const { weight, left, stream } of dropped) {
        emit("dropout", mask(left.gradient, left.gradient, stream));
        emit("add", { a: weight.gradient, b: left.gradient, y: weight.gradient, count: left.gradient.count });
      }
    },
  };
}

/** How a state lies in memory, in floats. */
interface StateLayout {
  readonly width: number;
  readonly stride: number;
  /** One step of the whole batch. */
  readonly count: number;
  /** Where all its steps begin among those of all states, and where it begins among single steps of all. */
  readonly block: number;
  readonly offset: number;
}

function stateLayouts(widths: readonly number[], batch: number, steps: number): StateLayout[] {
  let offset = 0;
  return widths.map((width) => {
    const stride = roundUp(width, LINE);
    const layout = { width, stride, count: batch * stride, block: (steps + 1) * offset, offset };
    offset += layout.count;
    return layout;
  });
}

function isValue(initial: Value | Parameter): initial is Value {
  return "graph" in initial;
}

/** x [steps][batch][inputs]. The cell's state is carried from run to run where a batch continues the one before. */
export function recurrence(x: Value, cell: Cell, options: RecurrenceOptions): Recurrence {
  const { graph, steps, batch, lengths } = x;
  const { units, initial = [] } = options;
  const reverse = options.reverse ? 1 : 0;
  const rows = steps * batch;
  const gateCount = cell.gates.length;
  const stride = roundUp(units, LINE);
  const columns = panelColumns(gateCount, units);
  const layouts = stateLayouts(cell.widths?.(units) ?? cell.states.map(() => units), batch, steps);
  const end = layouts.at(-1)!;
  const states = span("states", end.block + (steps + 1) * end.count, { role: "kept" });
  const gates = place(span("gates", rows * columns));
  const gateRows: Matrix = { place: gates, rows, width: columns, stride: columns };

  const slot = (state: number, index: number) =>
    place(states, layouts[state]!.block + index * layouts[state]!.count);
  const first = (state: number) => slot(state, reverse * steps);
  const last = (state: number) => slot(state, (1 - reverse) * steps);
  const carried = graph.advance ?? steps;
  if (carried > steps) {
    throw new InputError({
      where: graph.path,
      expected: `at least ${carried} steps, after which its state is carried on`,
      got: String(steps),
    });
  }
  const fresh: Place | 0 = reverse ? 0 : place(graph.fresh);
  if (reverse) graph.refuseStreaming();
  else {
    for (const state of layouts.keys()) {
      graph.carry({ first: first(state), last: slot(state, carried), count: layouts[state]!.count });
    }
  }

  const weight = graph.parameter(
    "weightInput",
    matrixParameter(x.width, gateCount, units, glorotUniform(gateCount)),
  );
  const drops = weightDrops(graph, options.weightDrop);
  const run = {
    graph,
    steps,
    batch,
    units,
    stride,
    lengths: lengths ?? 0,
    reverse,
    gates,
    columns,
    states,
    weight: (name: string, definition: ParameterDefinition) => drops.weight(name, definition),
  } as const;
  const kernels = cell.record(run);
  const begin = cell.open ? openGate(cell.open.gate, cell.open.bias, gateCount) : zeros;
  const bias = options.bias ? graph.parameter("bias", vectorParameter(gateCount, units, begin)) : undefined;
  const biasHidden =
    options.biasHidden && !cell.ownHiddenBias
      ? graph.parameter("biasHidden", vectorParameter(gateCount, units, zeros))
      : undefined;

  const begins = layouts.map((_, state) => initial[state]);
  for (const [state, value] of begins.entries()) {
    const { width } = layouts[state]!;
    if (value && isValue(value) && (value.steps !== 1 || value.batch !== batch || value.width !== width)) {
      throw new InputError({
        where: `${graph.path} initial ${cell.states[state]} state`,
        expected: `one step of ${width} numbers for ${batch} rows`,
        got: `${value.steps} steps of ${value.width} for ${value.batch} rows`,
      });
    }
  }

  function sumOfBiases(emit: Emit): Span | 0 {
    if (!bias || !biasHidden) return bias?.value ?? 0;
    const both = span("sum of biases", columns);
    emit("add", { a: bias.value, b: biasHidden.value, y: both, count: columns });
    return both;
  }

  const hidden = slot(0, 1 - reverse);
  const output = graph.value(
    { steps, batch, lengths, width: layouts[0]!.width },
    lengths ? undefined : hidden,
  );
  const mask = { lengths: lengths ?? 0, steps, batch, stride: output.stride, from: 0, to: batch } as const;
  const observation = {
    path: graph.path,
    steps,
    batch,
    units,
    gates: cell.gates,
    gateRows: gates,
    states: layouts.map(({ width }, state) => ({
      name: cell.states[state]!,
      width,
      rows: slot(state, 1 - reverse),
    })),
    dHidden: undefined as Place | undefined,
  };
  graph.observations.push(observation);

  /** The gradients of the final states, where something reads them. */
  const dFinal = new Map<number, Place>();

  graph.apply({
    inputs: [x, ...begins.filter((value): value is Value => value !== undefined && isValue(value))],
    output,
    forward(emit) {
      emitProduct(emit, matrix(x), weight, sumOfBiases(emit), gateRows);
      for (const [state, value] of begins.entries()) {
        const [from, initialStride] = !value
          ? [0, 0]
          : isValue(value)
            ? [value.place, stride]
            : [value.value, 0];
        emit("beginStates", {
          states: first(state),
          initial: from as Place | Span | 0,
          initialStride: initialStride as number,
          fresh,
          stride,
          from: 0,
          to: batch,
        });
      }
      drops.forward(emit);
      kernels.forward(emit);
      if (lengths) emit("maskEnded", { x: hidden, y: output.place, ...mask });
    },
    backward({ emit, dOutput, gradient }) {
      if (lengths) emit("maskEnded", { x: dOutput, y: dOutput, ...mask });
      const dCount = end.offset + end.count;
      const dStates = span("gradient of the states", dCount);
      emit("zero", { to: dStates, count: dCount });
      for (const [state, from] of dFinal) {
        const { offset, count } = layouts[state]!;
        emit("copy", { from, to: place(dStates, offset), count });
      }
      drops.beforeBackward(emit);
      kernels.backward(emit, dOutput, place(dStates));
      drops.afterBackward(emit);
      observation.dHidden = dOutput;
      for (const [state, value] of begins.entries()) {
        if (!value) continue;
        const { offset, stride } = layouts[state]!;
        const own = place(dStates, offset);
        const dInitial = isValue(value) ? 0 : value.gradient;
        emit("beginStatesBackward", { dStates: own, fresh, dInitial, stride, batch });
        if (isValue(value)) gradient(value, own);
      }
      if (bias && biasHidden) {
        const dBoth = span("gradient of the sum of biases", columns);
        emit("zero", { to: dBoth, count: columns });
        emitWeightGradient(emit, matrix(x), gateRows, weight, dBoth);
        for (const { gradient } of [bias, biasHidden]) {
          emit("add", { a: gradient, b: dBoth, y: gradient, count: columns });
        }
      } else {
        emitWeightGradient(emit, matrix(x), gateRows, weight, bias?.gradient ?? 0);
      }
      const dx = gradient(x);
      if (dx) emitInputGradient(emit, gateRows, weight, matrix(x, dx));
    },
  });

  return {
    output,
    final(state) {
      const value = graph.value({ steps: 1, batch, width: layouts[state]!.width }, last(state));
      return graph.apply({
        inputs: [output],
        output: value,
        forward() {},
        backward({ dOutput, accumulate }) {
          dFinal.set(state, dOutput);
          accumulate(output);
        },
      });
    },
  };
}
