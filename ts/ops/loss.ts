/** A loss as the plan knows it. */
import type { Value } from "../graph/graph.js";
import type { Span } from "../graph/span.js";

export interface RecordedLoss {
  /** What the backward pass starts from. */
  readonly value: Value;
  /** One loss for each row; 0 for a row that does not count. */
  readonly losses: Span;
  /** How many losses there are. */
  readonly count: number;
  /** One float, written by the host: 1 / the number of rows that count. */
  readonly scale: Span;
}

/** The target of a row that does not count. */
export const IGNORED = 0xffffffff;
