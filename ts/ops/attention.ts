/** Attention: how much each query attends to each position of a source, and what it takes from there. */
import { InputError } from "../errors.js";
import type { Backward, Value } from "../graph/graph.js";
import type { Parameter } from "../graph/parameter.js";
import { place, shift, span } from "../graph/span.js";
import {
  type AttentionCalls,
  attending,
  type Rows,
  type Score,
  type Sight,
  weightStride,
} from "./attending.js";
import { dropout } from "./dropout.js";
import { positionsOf, remembered, streamed } from "./past.js";
import { countOf, inherited, nameOf, requireNumbers } from "./values.js";

export interface AttentionSetting extends Sight {
  /** Into how many parts the numbers of queries, keys and values are divided, each with weights of its own; default 1. */
  readonly heads?: number;
  /**
   * `dot`: scale q . k; `additive`: energy . tanh(q + k + coverage w), for one head; `location`: the query is the scores of
   * as many positions as it has numbers.
   */
  readonly score: Score;
  /** Default 1. */
  readonly scale?: number;
  /** One row, as wide as queries and keys, for additive scores. */
  readonly energy?: Parameter | undefined;
  /** The w of coverage, alike: the sum of the weights of all queries before; default no coverage. */
  readonly coverage?: Parameter | undefined;
  /** With a local centre that is given: [steps][batch][1], a share from 0 to 1 of the way from the first position to the last. */
  readonly centres?: Value | undefined;
}

export interface AttentionOptions extends AttentionSetting {
  /** While training, the share of the weights that is zero, the rest being scaled up; default 0. */
  readonly dropout?: number;
  /** How many steps of a stream there is room for, where it attends to steps of its own; default 1024. */
  readonly longest?: number;
}

/**
 * What queries [steps][batch] take out of a source of other steps: for each head the sum of its part of the values, as wide as
 * they are, by weights that come from its parts of query and keys. In a stream, a causal attention to the same sequence sees
 * all steps since the beginning; one that is not causal needs whole sequences. InputError unless shapes fit.
 */
export function attention(queries: Value, keys: Value, values: Value, options: AttentionOptions): Value {
  const { graph } = queries;
  const { causal = false, dropout: rate = 0, longest = 1024 } = options;
  requireAlike(keys, values);
  if (!causal) graph.refuseStreaming(keys);
  if (causal && streamed(keys)) return attentionToPast(queries, keys, values, { ...options, longest });
  const weights = attentionWeights(queries, keys, options);
  const kept = graph.training && rate > 0 ? dropout(weights, rate, false) : weights;
  return attentionContext(kept, values, options);
}

/**
 * The weights [steps][batch] of queries [steps][batch] over the steps of a source, which sum to 1 over those that count and are
 * 0 elsewhere: for one head a number for each step of the source, for several those of each head in whole lines of 16, side
 * by side. `keys`: the source's; for location-based scores the source itself, whose numbers do not matter. InputError unless
 * shapes fit.
 */
export function attentionWeights(queries: Value, keys: Value, setting: AttentionSetting): Value {
  const { heads = 1, score, scale = 1, energy, coverage, centres } = setting;
  const read = [queries, ...(score === "location" ? [] : [keys]), ...(centres ? [centres] : [])];
  requireNumbers("attention", [...read, keys]);
  requireFit(queries, keys, setting);
  const { graph, steps, batch } = queries;
  const { steps: sources } = keys;
  const line = weightStride(sources);
  const continued = streamed(queries);
  const calls = attending({
    ...setting,
    graph,
    steps,
    sources,
    batch,
    heads,
    scale,
    lengths: keys.lengths ?? 0,
    starts: continued ? positionsOf(queries) : undefined,
  });
  const output = graph.value({
    ...{ steps, batch, width: heads === 1 ? sources : heads * line },
    lengths: queries.lengths,
    differentiable: inherited(read).differentiable || energy !== undefined,
  });
  const counts = batch * line;
  const covered =
    coverage && place(span("coverage", (steps + 1) * counts, { role: continued ? "kept" : "temporary" }));
  if (covered && continued) graph.carry({ first: covered, last: shift(covered, counts), count: counts });
  const scored = {
    queries: rowsOf(queries, heads),
    keys: score === "location" ? undefined : rowsOf(keys, heads),
    centres: centres?.place,
    energy: energy?.value,
    coverageWeight: coverage?.value,
    coverage: covered,
  };
  const standing = read.every((value) => value.standing);
  const seen = { steps, sources, batch, heads, standing, own: !keys.standing, weights: output.place };
  graph.attentions.push({ path: graph.path, ...seen });
  return graph.apply({
    inputs: read,
    output,
    forward(emit) {
      if (covered) {
        const fresh = continued ? place(graph.fresh) : (0 as const);
        const rows = { initial: 0, initialStride: 0, stride: line, from: 0, to: batch } as const;
        emit("beginStates", { states: covered, fresh, ...rows });
      }
      calls.weights(emit, scored, output.place);
    },
    backward({ emit, dOutput, accumulate }) {
      const zeros = (name: string, count: number) => {
        const to = place(span(name, count));
        emit("zero", { to, count: to.span.count });
        return to;
      };
      const into = (value: Value) => accumulate(value) ?? zeros("a gradient nobody wants", countOf(value));
      const perRow = (parameter: Parameter | undefined) =>
        parameter && zeros(`gradient of ${parameter.path} by rows`, batch * parameter.gradient.count);
      const gradients = {
        queries: into(queries),
        keys: scored.keys && into(keys),
        centres: centres && into(centres),
        energy: perRow(energy),
        coverageWeight: perRow(coverage),
        coverage: covered && zeros("gradient of the coverage", batch * line),
      };
      calls.weightsBackward(emit, scored, { weights: output.place, dWeights: dOutput }, gradients);
      for (const [parameter, rows] of [
        [energy, gradients.energy],
        [coverage, gradients.coverageWeight],
      ] as const) {
        if (!parameter || !rows) continue;
        const { columns: width } = parameter.layout;
        const { count: xStride } = parameter.gradient;
        emit("addColumns", { x: rows, y: parameter.gradient, width, xStride, yStride: 0, rows: batch });
      }
    },
  });
}

/**
 * For weights [steps][batch] as above, of a `causal` source or not, the sums of values [sources][batch][width] by them:
 * [steps][batch][width].
 */
export function attentionContext(
  weights: Value,
  values: Value,
  { heads = 1, causal = false }: Pick<AttentionSetting, "heads" | "causal"> = {},
): Value {
  requireNumbers("attention", [weights, values]);
  const { graph, steps, batch } = weights;
  const { steps: sources, width } = values;
  requireHeads(values, heads);
  const output = graph.value({
    ...{ steps, batch, width },
    lengths: weights.lengths,
    differentiable: inherited([weights, values]).differentiable,
    overwritable: true,
  });
  const calls: AttentionCalls = attending({
    ...{ graph, steps, sources, batch, heads, causal, score: "dot", scale: 1 },
    lengths: values.lengths ?? 0,
  });
  const own = rowsOf(values, heads);
  return graph.apply({
    inputs: [weights, values],
    output,
    forward(emit) {
      calls.context(emit, weights.place, own, { ...own, place: output.place, stride: output.stride });
    },
    backward({ emit, dOutput, gradient, accumulate }: Backward) {
      const dValues = accumulate(values);
      const dWeights = gradient(weights);
      const dContext = { ...own, place: dOutput, stride: output.stride };
      calls.contextBackward(emit, { weights: weights.place, values: own, dContext }, { dWeights, dValues });
    },
  });
}

/** One step of a stream over itself and all before. It has no backward pass. */
function attentionToPast(
  queries: Value,
  keys: Value,
  values: Value,
  options: AttentionOptions & { readonly longest: number },
): Value {
  const { heads = 1, score, scale = 1, energy, centres } = options;
  const inputs = [queries, keys, values];
  requireNumbers("attention", inputs);
  requireFit(queries, keys, options);
  requireHeads(values, heads);
  const { graph, batch } = queries;
  const sources = score === "location" ? Math.min(options.longest, queries.width) : options.longest;
  const ofHead = (x: Value) => ({ ...remembered(x, sources), units: x.width / heads });
  const own = ofHead(values);
  const scored = {
    queries: rowsOf(queries, heads),
    keys: score === "location" ? undefined : keys === values ? own : ofHead(keys),
    centres: centres?.place,
    energy: energy?.value,
  };
  const starts = positionsOf(queries);
  const calls = attending({ ...options, graph, steps: 1, sources, batch, heads, scale, lengths: 0, starts });
  const weights = place(span("weights of the past", batch * heads * weightStride(sources)));
  const output = graph.value({ steps: 1, batch, width: values.width, overwritable: true });
  const context = { ...own, place: output.place, stride: output.stride };
  return graph.apply({
    inputs,
    output,
    forward(emit) {
      calls.weights(emit, scored, weights);
      calls.context(emit, weights, own, context);
    },
    backward() {},
  });
}

function rowsOf({ place, width, stride }: Value, heads: number): Rows {
  return { place, units: width / heads, stride };
}

function requireHeads(value: Value, heads: number): void {
  if (Number.isInteger(heads) && heads >= 1 && value.width % heads === 0) return;
  throw new InputError({
    where: nameOf("attention", value),
    expected: `a number of heads that divides ${value.width} numbers`,
    got: String(heads),
  });
}

/** What is looked at and what is taken must be of the same steps. */
function requireAlike(keys: Value, values: Value): void {
  const alike = keys.steps === values.steps && keys.batch === values.batch;
  if (alike && streamed(keys) === streamed(values)) return;
  const shape = ({ steps, batch }: Value) => `${steps} steps, ${batch} rows`;
  throw new InputError({
    where: nameOf("attention", values),
    expected: `values of the steps of the keys: ${shape(keys)}`,
    got: alike ? "those of another sequence" : shape(values),
  });
}

function requireFit(queries: Value, keys: Value, setting: AttentionSetting): void {
  const { heads = 1, score, energy, coverage, centres, local, causal } = setting;
  const where = nameOf("attention", queries);
  const refuse = (expected: string, got: string) => {
    throw new InputError({ where, expected, got });
  };
  if (queries.batch !== keys.batch) refuse(`a source of ${queries.batch} rows`, `${keys.batch} rows`);
  if (score === "location") {
    if (queries.width < keys.steps) refuse(`a source of at most ${queries.width} steps`, String(keys.steps));
  } else {
    if (queries.width !== keys.width)
      refuse(`keys of ${queries.width} numbers, as queries have`, String(keys.width));
    requireHeads(queries, heads);
  }
  if (score !== "dot" && heads !== 1) refuse(`one head for ${score} scores`, String(heads));
  if ((score === "additive") !== (energy !== undefined)) refuse("an energy for additive scores only", score);
  if (coverage && score !== "additive") refuse("coverage with additive scores", score);
  if (coverage && causal) refuse("coverage of a source of which all is seen", "a causal attention");
  for (const parameter of [energy, coverage]) {
    if (parameter && parameter.layout.columns !== queries.width) {
      refuse(`${queries.width} numbers in ${parameter.path}`, String(parameter.layout.columns));
    }
  }
  const given = local?.centre === "given";
  if (given !== (centres !== undefined)) refuse("centres where they are given", local?.centre ?? "none");
  if (
    centres &&
    (centres.width !== 1 || centres.steps !== queries.steps || centres.batch !== queries.batch)
  ) {
    refuse(
      `one centre for each of ${queries.steps} steps and ${queries.batch} rows`,
      `${centres.steps} steps, ${centres.batch} rows of ${centres.width}`,
    );
  }
}
