/** A loss as the plan knows it. */
import type { Graph, Value } from "../graph/graph.js";
import { type Span, span } from "../graph/span.js";

export interface RecordedLoss {
  /** What the backward pass starts from. */
  readonly value: Value;
  /** One loss for each row. */
  readonly losses: Span;
  /** How much each row counts, floats written by the host; the loss of the batch is the sum of losses x weights. */
  readonly weights: Span;
  /** How many rows there are. */
  readonly count: number;
}

/** Where the losses of so many rows go, and how much each of them counts. */
export function lossRows(count: number): Pick<RecordedLoss, "losses" | "weights" | "count"> {
  return { losses: span("losses", count), weights: span("weights", count, { role: "given" }), count };
}

/** Where the softmax of logits goes: into their place, if nobody else reads them. */
export function softmaxValue(logits: Value): Value {
  const { graph, overwritable, readers, place } = logits;
  return graph.value(logits, overwritable && readers === 0 ? place : undefined);
}

/** How much of the target each class keeps, and what every class is given whatever the target. */
export interface Shares {
  readonly shares: Span;
  readonly base: Span;
  readonly baseTotal: number;
}

/** A target of which `smoothing` is spread over all classes (Szegedy et al. 2016), every class times its weight. */
export function sharesOf(
  graph: Graph,
  width: number,
  smoothing: number,
  classWeights: ArrayLike<number> = new Float32Array(width).fill(1),
): Shares {
  const base = Float32Array.from(classWeights, (weight) => (weight * smoothing) / width);
  return {
    shares: graph.constant(
      "shares",
      Float32Array.from(classWeights, (weight) => weight * (1 - smoothing)),
    ),
    base: graph.constant("base", base),
    baseTotal: base.reduce((sum, part) => sum + part, 0),
  };
}
