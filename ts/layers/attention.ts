/** Attention of one head: a query looks for what it needs in all steps of a source. */
import { InputError } from "../errors.js";
import type { Value } from "../graph/graph.js";
import { glorotUniform, zeros } from "../graph/initialisers.js";
import { matrixParameter, vectorParameter } from "../graph/parameter.js";
import { activate, activationCode } from "../ops/activation.js";
import type { Local } from "../ops/attending.js";
import { attention as attend } from "../ops/attention.js";
import { linear } from "../ops/linear.js";
import { type Layer, layer, requireFeatures, requireOptions, requireRate, requireWidth } from "./layer.js";

/** A layer that attends to a source; called with one value only, to the steps of that value itself. */
export interface AttentionLayer extends Layer {
  /** Fewest and most values that it reads: itself, a query and a source, or keys and values apart. */
  readonly takes: readonly [least: 1, most: 3];
  /**
   * What each step of `query` takes out of the steps of `source`: as many steps as the query has. With `values`, which have
   * the steps of the source, the source is what is looked at and these are what is taken.
   */
  over(query: Value, source: Value, values?: Value): Value;
}

export interface AttentionOptions {
  /**
   * How well a step of the source fits a query q, from its numbers h:
   *
   *     additive   energy . tanh(q Wq + h Wk + b)     Bahdanau, Cho & Bengio 2015; Luong's concat; the default
   *     dot        q . h                              Luong, Pham & Manning 2015
   *     general    q W . h                            ibid.
   *     location   q W, a number for each step        ibid.
   */
  readonly score?: "additive" | "dot" | "general" | "location";
  /** Width of what additive scores, and predicted centres, are computed in; default that of the source. */
  readonly units?: number;
  /**
   * Whether additive scores are made of products and a bias, as above; default true. Without, of energy . tanh(q + h), all of
   * one width.
   */
  readonly projected?: boolean;
  /** Into how many parts rows are divided for `dot` and `general`, each with weights of its own; default 1. */
  readonly heads?: number;
  /** Whether products of `dot` and `general` are divided by the square root of their width (Vaswani et al. 2017); default false. */
  readonly scaled?: boolean;
  /** Whether a query sees no later steps of the source than its own; default false. */
  readonly causal?: boolean;
  /** The query sees at most so many steps to either side of a centre, 2 window + 1 in all; default all. */
  readonly window?: number;
  /**
   * Where the centre of a window is: `aligned` (default), at the query's own step; `predicted`, at the share
   * σ(v . tanh(q W)) of the way from the first step of the source to its last, with a Gaussian of deviation window / 2 around
   * it (Luong et al. 2015) whose logarithm is added to the scores, so that weights still sum to 1.
   */
  readonly centre?: "aligned" | "predicted";
  /** Whether additive scores see the sum of the weights of all queries before (See, Liu & Manning 2017); default false. */
  readonly coverage?: boolean;
  /** While training, the share of the weights that is zero; default 0. */
  readonly dropout?: number;
  /** For how many steps of the source `location` has scores, and for how many of its own a stream has room; default 1024. */
  readonly longest?: number;
}

/**
 * For each step the mean of a source's rows, weighted by the softmax of how well they fit: queries [steps][batch], source
 * [other steps][batch][width], to [steps][batch][width]; or that of the rows of values that belong to the steps of the source,
 * by `over(query, source, values)`. Padding of the source is never seen. Given one value alone, it
 * attends to itself; with `causal` such a layer can be streamed.
 */
export function attention(options: AttentionOptions = {}): AttentionLayer {
  requireOptions("attention", options, known);
  const {
    score = "additive",
    heads = 1,
    scaled = false,
    causal = false,
    window,
    projected = true,
    coverage = false,
    dropout = 0,
    longest = 1024,
  } = options;
  const centre = options.centre ?? "aligned";
  const refuse = (option: string, expected: string, got: unknown) => {
    throw new InputError({ where: `attention.${option}`, expected, got: String(got) });
  };
  if (!["additive", "dot", "general", "location"].includes(score)) {
    refuse("score", '"additive", "dot", "general" or "location"', score);
  }
  if (centre !== "aligned" && centre !== "predicted") refuse("centre", '"aligned" or "predicted"', centre);
  if (window !== undefined) requireWidth("attention.window", window);
  else if (options.centre) refuse("window", "one around the centre", "none");
  if (options.units !== undefined) requireWidth("attention.units", options.units);
  requireWidth("attention.longest", longest);
  requireRate("attention.dropout", dropout);
  if (!projected && score !== "additive")
    refuse("projected", "additive scores to go without products", score);
  if (!projected && options.units !== undefined) refuse("units", "none without products", options.units);
  if (coverage && (score !== "additive" || causal)) {
    refuse(
      "coverage",
      "additive scores of a source that is seen whole",
      causal ? "a causal attention" : score,
    );
  }
  requireWidth("attention.heads", heads);
  const products = score === "dot" || score === "general";
  if (scaled && !products) refuse("scaled", "a score by products", score);
  if (heads > 1 && !products) refuse("heads", "one for a score that is not by products", heads);

  const local: Local | undefined =
    window === undefined
      ? undefined
      : centre === "aligned"
        ? { window, centre, spread: 0 }
        : { window, centre: "given", spread: 2 / (window * window) };

  const record = (query: Value, source: Value, values: Value) => {
    for (const value of [query, source, values]) requireFeatures(value);
    const { graph } = query;
    const { width } = source;
    const { units = width } = options;
    const weight = (name: string, rows: number, columns: number) =>
      graph.parameter(name, matrixParameter(rows, 1, columns, glorotUniform()));
    const vector = (name: string, initialise = glorotUniform()) =>
      graph.parameter(name, vectorParameter(1, units, initialise));
    const queries = {
      additive: () =>
        projected ? linear(query, weight("weightQuery", query.width, units), vector("bias", zeros)) : query,
      dot: () => query,
      general: () => linear(query, weight("weightQuery", query.width, width)),
      location: () => linear(query, weight("weightQuery", query.width, longest)),
    }[score]();
    const additive = score === "additive";
    const keys = additive && projected ? linear(source, weight("weightKey", width, units)) : source;
    return attend(queries, keys, values, {
      score: score === "general" ? "dot" : score,
      heads,
      scale: scaled ? 1 / Math.sqrt(width / heads) : 1,
      energy: additive ? vector("energy") : undefined,
      coverage: coverage ? vector("weightCoverage", zeros) : undefined,
      centres: local?.centre === "given" ? predictedCentres(query, units) : undefined,
      ...{ causal, local, dropout, longest },
    });
  };
  const made: AttentionLayer = Object.assign(
    layer({ layer: "attention", ...options }, (x) => record(x, x, x)),
    {
      takes: [1, 3] as const,
      over: (query: Value, source: Value, values = source) =>
        query.graph.scope(made, "attention", () => record(query, source, values)),
    },
  );
  return made;
}

const known = [
  ...["score", "units", "projected", "heads", "scaled", "causal", "window", "centre", "coverage"],
  ...["dropout", "longest"],
];

/** σ(v . tanh(q W)): Luong et al. 2015, equation 9. */
function predictedCentres(query: Value, units: number): Value {
  const { graph } = query;
  const hidden = graph.parameter("weightCentre", matrixParameter(query.width, 1, units, glorotUniform()));
  const energy = graph.parameter("energyCentre", matrixParameter(units, 1, 1, glorotUniform()));
  const squash = (x: Value, name: "tanh" | "sigmoid") => activate(x, activationCode("attention", name));
  return squash(linear(squash(linear(query, hidden), "tanh"), energy), "sigmoid");
}
