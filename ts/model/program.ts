/** A network made ready for one size: what it is made for, and the values that the host writes and reads. */
import type { Graph, Value } from "../graph/graph.js";
import type { Plan } from "../graph/plan.js";
import type { Named } from "../layers/input.js";
import type { RecordedLoss } from "../ops/loss.js";
import type { Loss } from "./losses.js";

/** A layer, or any function that composes layers; `others`: the model's other inputs by name. */
export type Part = (input: Value, others: Named<Value>) => Value;

/** What a plan is made for. */
export interface Size {
  readonly batch: number;
  readonly steps: number;
  /** Whether rows may end before the last step. */
  readonly ragged?: boolean;
  /** After how many steps the states are taken that the next run continues from; default after the last. */
  readonly advance?: number | undefined;
  /** How many labels a row has room for, where the targets are sequences of labels. */
  readonly labels?: number | undefined;
  /** Of the model's other inputs, by name: how many steps, and whether rows may end before the last. */
  readonly others?: Named<{ readonly steps: number; readonly ragged: boolean }>;
}

/**
 * What a program is for: its outputs or its loss alone; both, so that the loss leaves the outputs alone; an update of the
 * parameters; a look at the gradients; a step of a stream, for which the other inputs are prepared once.
 */
export type Use = "evaluate" | "measure" | "train" | "inspect" | "stream";

/** A sequence that the host writes, and one word for the length of each row, where rows may end early. */
export interface Given {
  readonly input: Value;
  readonly lengths: Value | undefined;
}

/** A plan with the values that the host writes and reads. */
export interface Program extends Given {
  readonly plan: Plan;
  readonly graph: Graph;
  readonly output: Value;
  /** The model's other inputs by name. */
  readonly others: Named<Given>;
  readonly targets: Value | undefined;
  readonly loss: Loss | undefined;
  readonly recorded: RecordedLoss | undefined;
}
