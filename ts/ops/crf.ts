/** The linear-chain conditional random field: its parameters beside the emissions, and its loss as one operation. */

import { kernels as lossKernels } from "../engine/losses.gen.js";
import type { Value } from "../graph/graph.js";
import type { Parameter } from "../graph/parameter.js";
import { span } from "../graph/span.js";
import { type LossKernels, type RecordedLoss, recordLoss } from "./loss.js";

/** What tags cost besides their emissions. */
export interface Crf {
  /** [tags, tags], the tag before by row. */
  readonly transitions: Parameter;
  /** [tags] */
  readonly start: Parameter;
  /** [tags] */
  readonly end: Parameter;
}

const crfs = new WeakMap<Value, Crf>();

/** Says that a value holds the emissions of a field, [steps][batch][tags]. */
export function joinCrf(emissions: Value, crf: Crf): void {
  crfs.set(emissions, crf);
}

/** The field whose emissions a value holds; undefined if it does not. */
export function crfOf(emissions: Value): Crf | undefined {
  return crfs.get(emissions);
}

/** emissions [steps][batch][tags]; targets: tokens [steps][batch]. Each step of a row has the same share of the row's loss. */
export function crfLossOf(emissions: Value, targets: Value, crf: Crf): RecordedLoss {
  const { graph, steps, batch, width, stride, lengths } = emissions;
  const { transitions, start, end } = crf;
  graph.use(lossKernels);
  // The logarithms of 0 in their padding are finite, but their squares may not be: nobody shall look for culprits there.
  const alphas = span("alphas", steps * batch * stride, { holds: "words" });
  const scratch = span("scratch", batch * 8 * width);
  const counts = span("counts", batch * (width + 2) * stride);
  const operands = {
    targets: targets.place,
    lengths: lengths ?? 0,
    transitions: transitions.value,
    end: end.value,
    alphas,
    scratch,
    tags: width,
    stride,
    steps,
    batch,
    from: 0,
    to: batch,
  } as const;
  const kernels: LossKernels = {
    learns: true,
    forward({ emit, losses }) {
      emit("crfForward", { x: emissions.place, start: start.value, losses, ...operands });
    },
    backward({ emit, result, weights }) {
      emit("crfBackward", { dx: result, counts, weights, ...operands });
      emit("crfGradient", {
        counts,
        dTransitions: transitions.gradient,
        dStart: start.gradient,
        dEnd: end.gradient,
        tags: width,
        stride,
        batch,
        from: 0,
        to: stride / 4,
      });
    },
  };
  return recordLoss(emissions, [targets], kernels);
}
