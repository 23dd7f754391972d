/** A loss as the plan knows it. */
import type { Value } from "../graph/graph.js";
import type { Span } from "../graph/span.js";

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
