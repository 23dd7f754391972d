/** The states of a recurrence: where they lie, what they begin with, what is carried on, and their gradients. */
import { LINE, roundUp } from "../engine/address.js";
import { InputError } from "../errors.js";
import type { Backward, Emit, Graph, Value } from "../graph/graph.js";
import type { Parameter } from "../graph/parameter.js";
import { type Place, place, type Span, span } from "../graph/span.js";

/** What a state begins with: a value [1][batch][width], or a parameter [1, width] for all rows alike. */
export type Initial = Value | Parameter;

export interface StatesDescription {
  readonly graph: Graph;
  readonly steps: number;
  readonly batch: number;
  readonly names: readonly string[];
  readonly widths: readonly number[];
  readonly reverse: 0 | 1;
  /** In the order of the states; zeros where there is none. */
  readonly initial: readonly Initial[];
  /** Whether the sequence is one of the model's other inputs, which always begins anew. */
  readonly standing: boolean;
}

export interface StateLayout {
  readonly width: number;
  readonly block: number;
  readonly offset: number;
  readonly stride: number;
  readonly count: number;
}

export interface States {
  /** Each state in turn, [steps + 1][batch] rows. */
  readonly span: Span;
  /** Where each state lies: `block` floats into the span, `offset` floats into the gradients, `count` floats a step. */
  readonly layouts: readonly StateLayout[];
  /** By name: the rows of a state after each step. */
  readonly rows: readonly { readonly name: string; readonly width: number; readonly rows: Place }[];
  /** The values among what they begin with. */
  readonly values: readonly Value[];
  /** Puts what rows begin with in the first slot; the others go on with what was carried over. */
  begin(emit: Emit): void;
  /** The gradients of the last states, each state in turn, [batch] rows. */
  gradients(emit: Emit): Place;
  /** From the gradients of the first states those of what they began with. */
  finish(backward: Pick<Backward, "emit" | "gradient">, gradients: Place): void;
  /** A state after the last step of each row, as a value [1][batch][width]; `output` is what the recurrence gives. */
  final(state: number, output: Value): Value;
}

export function isValue(initial: Initial): initial is Value {
  return "graph" in initial;
}

/**
 * States are carried from run to run where a batch continues the one before, unless the recurrence is reversed or goes
 * over another input than the model's own sequence.
 */
export function recurrentStates(description: StatesDescription): States {
  const { graph, steps, batch, names, widths, reverse, initial, standing } = description;
  let offset = 0;
  const layouts = widths.map((width) => {
    const stride = roundUp(width, LINE);
    const layout = { width, stride, count: batch * stride, block: (steps + 1) * offset, offset };
    offset += layout.count;
    return layout;
  });
  const each = layouts.map((layout, state) => ({ ...layout, name: names[state]!, initial: initial[state] }));
  const all = span("states", (steps + 1) * offset, { role: "kept" });
  const slot = ({ block, count }: (typeof each)[number], index: number) => place(all, block + index * count);
  const fresh: Place | 0 = reverse || standing ? 0 : place(graph.fresh);

  for (const { name, width, initial } of each) {
    if (
      initial &&
      isValue(initial) &&
      (initial.steps !== 1 || initial.batch !== batch || initial.width !== width)
    ) {
      throw new InputError({
        where: `${graph.path} initial ${name} state`,
        expected: `one step of ${width} numbers for ${batch} rows`,
        got: `${initial.steps} steps of ${initial.width} for ${initial.batch} rows`,
      });
    }
  }
  if (reverse) {
    graph.refuseStreaming(description);
  } else if (!standing) {
    const carried = graph.advance ?? steps;
    if (carried > steps) {
      throw new InputError({
        where: graph.path,
        expected: `at least ${carried} steps, after which its state is carried on`,
        got: String(steps),
      });
    }
    for (const state of each)
      graph.carry({ first: slot(state, 0), last: slot(state, carried), count: state.count });
  }

  /** The gradients of the final states that something reads. */
  const dFinal = new Map<number, Place>();
  const finals = new Map<number, Value>();

  return {
    span: all,
    layouts: each,
    rows: each.map((state) => ({ name: state.name, width: state.width, rows: slot(state, 1 - reverse) })),
    values: each.flatMap(({ initial }) => (initial && isValue(initial) ? [initial] : [])),
    begin(emit) {
      for (const state of each) {
        const { initial, stride } = state;
        const perRow = initial !== undefined && isValue(initial);
        emit("beginStates", {
          states: slot(state, reverse * steps),
          initial: initial === undefined ? 0 : isValue(initial) ? initial.place : initial.value,
          initialStride: perRow ? stride : 0,
          fresh,
          stride,
          from: 0,
          to: batch,
        });
      }
    },
    gradients(emit) {
      const dStates = span("gradient of the states", offset);
      emit("zero", { to: dStates, count: offset });
      for (const [state, from] of dFinal) {
        const { offset, count } = each[state]!;
        emit("copy", { from, to: place(dStates, offset), count });
      }
      return place(dStates);
    },
    finish({ emit, gradient }, { span: dStates }) {
      for (const { initial, offset, stride } of each) {
        if (!initial) continue;
        const own = place(dStates, offset);
        const dInitial = isValue(initial) ? 0 : initial.gradient;
        emit("beginStatesBackward", { dStates: own, fresh, dInitial, stride, batch });
        if (isValue(initial)) gradient(initial, own);
      }
    },
    final(index, output) {
      const known = finals.get(index);
      if (known) return known;
      const state = each[index]!;
      const value = graph.apply({
        inputs: [output],
        output: graph.value({ steps: 1, batch, width: state.width }, slot(state, (1 - reverse) * steps)),
        forward() {},
        backward({ dOutput, accumulate }) {
          dFinal.set(index, dOutput);
          accumulate(output);
        },
      });
      finals.set(index, value);
      return value;
    },
  };
}
