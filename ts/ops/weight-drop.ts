/** Weights of which some elements are zero while training, the same ones at every step of a run. */
import { LINE } from "../engine/address.js";
import type { Emit, Graph } from "../graph/graph.js";
import type { Parameter, ParameterDefinition } from "../graph/parameter.js";
import { type Span, span } from "../graph/span.js";

export interface WeightDrop {
  /** The parameter of this name in the layer being recorded, or what is left of it while training. */
  weight(name: string, definition: ParameterDefinition): Parameter;
  /** Before the forward pass: what is left. */
  forward(emit: Emit): void;
  /** Before and after the backward pass: its gradient, and from it that of the parameters. */
  beforeBackward(emit: Emit): void;
  afterBackward(emit: Emit): void;
}

/** DropConnect on a recurrence (Wan et al. 2013; Merity, Keskar & Socher 2018): a share of `rate`, the rest scaled up. */
export function weightDrop(graph: Graph, rate: number): WeightDrop {
  const dropped: { weight: Parameter; left: Parameter; stream: number }[] = [];
  const mask = (from: Span, to: Span, stream: number) => ({
    x: from,
    y: to,
    clock: graph.clock,
    stream,
    rate,
    stride: LINE,
    repeat: 0,
    from: 0,
    to: from.count / LINE,
  });
  return {
    weight(name, definition) {
      const weight = graph.parameter(name, definition);
      if (!(graph.training && rate > 0)) return weight;
      const { count } = weight.value;
      const value = span(`${weight.path} left`, count);
      const left = { ...weight, value, gradient: span(`gradient of ${weight.path} left`, count) };
      dropped.push({ weight, left, stream: graph.nextUse() });
      return left;
    },
    forward(emit) {
      for (const { weight, left, stream } of dropped) emit("dropout", mask(weight.value, left.value, stream));
    },
    beforeBackward(emit) {
      for (const { left } of dropped) emit("zero", { to: left.gradient, count: left.gradient.count });
    },
    afterBackward(emit) {
      for (const { weight, left, stream } of dropped) {
        emit("dropout", mask(left.gradient, left.gradient, stream));
        emit("add", { a: weight.gradient, b: left.gradient, y: weight.gradient, count: left.gradient.count });
      }
    },
  };
}
