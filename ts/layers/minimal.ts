/**
 * The minimal recurrent layers of Feng et al. 2024, "Were RNNs All We Needed?" (arXiv 2410.01201): gates that do not see the
 * state, so that all products of all steps are one and only an elementwise scan goes step after step.
 */
import { minimalCell } from "../cells/minimal.js";
import { requireOptions } from "./layer.js";
import { common, type RecurrentLayer, type RecurrentOptions, recurrent } from "./recurrent.js";

export interface MinimalOptions extends Pick<RecurrentOptions, "reverse" | "bias" | "initial" | "zoneout"> {
  /**
   * Whether the candidate c is g(c), which is c + 1/2 from 0 up and sigmoid(c) below: the form that the paper computes
   * with logarithms and therefore keeps positive. Default false: c as it is, the form in which the paper derives the cell.
   */
  readonly positive?: boolean;
}

/**
 * The minimal gated recurrent unit.
 *
 *     z = sigmoid(x Wz + b)     c = x Wc + b     h(t) = (1 - z) h(t-1) + z c
 *
 * The weight is [inputs, 2 units], gates in the order update, candidate; there is no hidden weight. The update gate
 * weights the candidate, the other way round than in `gru`.
 */
export function minGru(units: number, options: MinimalOptions = {}): RecurrentLayer {
  requireOptions("minGru", options, [...common, "positive"]);
  const { positive = false } = options;
  return recurrent("minGru", units, options, minimalCell("minGru", positive), (reverse) =>
    minGru(units, { ...options, reverse }),
  );
}

/**
 * Minimal long short-term memory, with the gates scaled to a sum of 1, so that states keep their size over any length.
 *
 *     i = sigmoid(x Wi + b)     f = sigmoid(x Wf + b)     c = x Wc + b     h(t) = (f h(t-1) + i c) / (f + i)
 *
 * The weight is [inputs, 3 units], gates in the order input, forget, candidate; there is no hidden weight. Begins with a
 * forget bias of 1.
 */
export function minLstm(units: number, options: MinimalOptions = {}): RecurrentLayer {
  requireOptions("minLstm", options, [...common, "positive"]);
  const { positive = false } = options;
  return recurrent("minLstm", units, options, minimalCell("minLstm", positive), (reverse) =>
    minLstm(units, { ...options, reverse }),
  );
}
