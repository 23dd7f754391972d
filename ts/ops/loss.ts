/** A loss as the plan knows it. */
import type { Backward, Emit, Value } from "../graph/graph.js";
import { type Place, type Span, span } from "../graph/span.js";

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

/** What the kernels of a loss are given. */
export interface LossContext extends Pick<RecordedLoss, "losses" | "weights"> {
  readonly emit: Emit;
  /** Room as large as the outputs, or their own place: free in the forward pass, for their gradient in the backward pass. */
  readonly result: Place;
  readonly range: { readonly stride: number; readonly from: 0; readonly to: number };
}

/** The kernel calls of a loss, which gives one number for each of its rows. */
export interface LossKernels {
  /** Whether it has parameters, whose gradients are wanted even where the outputs' is not; default false. */
  readonly learns?: boolean;
  forward(context: LossContext): void;
  /** `gradient`: where that of another value goes. */
  backward(context: LossContext, gradient: Backward["gradient"]): void;
}

/** Records a loss of outputs [steps][batch][width] that also reads `others`; `count` rows, default one for each step of each row. */
export function recordLoss(
  outputs: Value,
  others: readonly Value[],
  kernels: LossKernels,
  count = outputs.steps * outputs.batch,
): RecordedLoss {
  const { graph, stride, overwritable, readers, place } = outputs;
  const losses = span("losses", count);
  const weights = span("weights", count, { role: "given" });
  const output = graph.value(outputs, overwritable && readers === 0 ? place : undefined);
  const context = { result: output.place, losses, weights, range: { stride, from: 0, to: count } } as const;
  const value = graph.apply({
    inputs: [outputs, ...others],
    output,
    forward(emit) {
      kernels.forward({ emit, ...context });
    },
    backward({ emit, gradient }) {
      if (gradient(outputs, output.place) || kernels.learns) kernels.backward({ emit, ...context }, gradient);
    },
  });
  return { value, losses, weights, count };
}
