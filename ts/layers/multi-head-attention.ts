/** Attention of several heads, of the Transformer. */
import { InputError } from "../errors.js";
import type { Value } from "../graph/graph.js";
import { glorotUniform, zeros } from "../graph/initialisers.js";
import { matrixParameter, vectorParameter } from "../graph/parameter.js";
import { attention } from "../ops/attention.js";
import { linear } from "../ops/linear.js";
import type { AttentionLayer } from "./attention.js";
import { layer, requireFeatures, requireOptions, requireRate, requireWidth } from "./layer.js";

export interface MultiHeadAttentionOptions {
  /** Into how many parts the units are divided; default 1. */
  readonly heads?: number;
  /** How many numbers it gives; default the units. */
  readonly width?: number;
  /** Whether biases are added; default true. */
  readonly bias?: boolean;
  /** Whether a query sees no later steps of the source than its own; default false. */
  readonly causal?: boolean;
  /** The query sees at most so many steps of the source to either side of its own; default all. */
  readonly window?: number;
  /** While training, the share of the weights that is zero; default 0. */
  readonly dropout?: number;
  /** For how many steps a stream has room; default 1024. */
  readonly longest?: number;
}

/**
 * Scaled dot-product attention of several heads (Vaswani et al. 2017), as PyTorch's MultiheadAttention: queries
 * [steps][batch], source [other steps][batch], to [steps][batch][width].
 *
 *     [head 1, head 2, ...] Wo + bo     head = softmax(q kᵀ / sqrt(units / heads)) v
 *
 * with q, k and v the part of a head in query Wq + bq, source Wk + bk and source Wv + bv. Padding of the source is never seen.
 * Given one value alone, it attends to itself; with `causal` such a layer can be streamed, its past keys and values being
 * kept. InputError unless `heads` divides `units`.
 */
export function multiHeadAttention(units: number, options: MultiHeadAttentionOptions = {}): AttentionLayer {
  requireWidth("multiHeadAttention.units", units);
  requireOptions("multiHeadAttention", options, [
    "heads",
    "width",
    "bias",
    "causal",
    "window",
    "dropout",
    "longest",
  ]);
  const {
    heads = 1,
    width = units,
    bias = true,
    causal = false,
    window,
    dropout = 0,
    longest = 1024,
  } = options;
  requireWidth("multiHeadAttention.heads", heads);
  requireWidth("multiHeadAttention.width", width);
  requireWidth("multiHeadAttention.longest", longest);
  if (window !== undefined) requireWidth("multiHeadAttention.window", window);
  if (units % heads !== 0) {
    throw new InputError({
      where: "multiHeadAttention.heads",
      expected: `a number that divides ${units} units`,
      got: String(heads),
    });
  }
  requireRate("multiHeadAttention.dropout", dropout);
  const record = (query: Value, source: Value, values: Value) => {
    for (const value of [query, source, values]) requireFeatures(value);
    const project = (x: Value, name: "Query" | "Key" | "Value" | "Output", columns = units) =>
      linear(
        x,
        x.graph.parameter(`weight${name}`, matrixParameter(x.width, 1, columns, glorotUniform())),
        bias ? x.graph.parameter(`bias${name}`, vectorParameter(1, columns, zeros)) : undefined,
      );
    const context = attention(project(query, "Query"), project(source, "Key"), project(values, "Value"), {
      ...{ score: "dot", heads, scale: 1 / Math.sqrt(units / heads), causal, dropout, longest },
      local: window === undefined ? undefined : { window, centre: "aligned", spread: 0 },
    });
    return project(context, "Output", width);
  };
  const name = "multiHeadAttention";
  const made: AttentionLayer = Object.assign(
    layer({ layer: name, units, ...options }, (x) => record(x, x, x)),
    {
      takes: [1, 3] as const,
      over: (query: Value, source: Value, values = source) =>
        query.graph.scope(made, name, () => record(query, source, values)),
    },
  );
  return made;
}
