/**
 * Attention step by step: what the hidden state of a recurrence finds in a memory.
 *
 *     q(t) = h Wq, or h itself      c(t) = sum over s of weights(q(t), keys, s) values(s)
 */
import { InputError } from "../errors.js";
import type { Backward, Emit, Graph, Value } from "../graph/graph.js";
import type { Parameter } from "../graph/parameter.js";
import { type Place, place, span } from "../graph/span.js";
import { attending, weightStride } from "./attending.js";
import { positionsOf } from "./past.js";
import {
  emitProduct,
  emitTranspose,
  emitTransposedProduct,
  emitWeightGradient,
  type Matrix,
  ofStep,
} from "./product.js";

/** What the steps of a recurrence look at. */
export interface Memory {
  /** [sources][batch][width]: what queries are compared with. */
  readonly keys: Value;
  /** [sources][batch][width]: what is taken out. */
  readonly values: Value;
  readonly score: "additive" | "dot";
  /** Wq [units, width of the keys]; without one the hidden state is the query, as wide as the keys. */
  readonly weightQuery?: Parameter | undefined;
  /** One row as wide as the keys, for additive scores. */
  readonly energy?: Parameter | undefined;
  /** Alike: the weight of the sum of all earlier weights in additive scores (See, Liu & Manning 2017); default no such sum. */
  readonly weightCoverage?: Parameter | undefined;
  /** What products are multiplied by; default 1. */
  readonly scale?: number | undefined;
  /** How far from the step's own position the positions may be that it sees; default any distance. */
  readonly window?: number | undefined;
}

/** Who looks. */
export interface Looker {
  readonly graph: Graph;
  readonly steps: number;
  readonly batch: number;
  readonly reverse: 0 | 1;
  /** The hidden states that look, [steps][batch] rows. */
  readonly hidden: Matrix;
}

export interface Looking {
  /** What is found, [steps][batch] rows. */
  readonly contexts: Matrix;
  /** What is read besides the hidden states: keys and values. */
  readonly inputs: readonly Value[];
  begin(emit: Emit): void;
  /** At the step at `t`, whose hidden state is there. */
  forward(emit: Emit, t: number): void;
  /** `dContexts` [steps][batch] rows: each step's gradient is there before the step comes. */
  beginBackward(backward: Pick<Backward, "emit" | "accumulate">, dContexts: Place): void;
  /** Adds to `dHidden` [batch] rows, of the state that looked. */
  backward(emit: Emit, t: number, dHidden: Place): void;
  finish(emit: Emit): void;
}

export function look(memory: Memory, { graph, steps, batch, reverse, hidden }: Looker): Looking {
  const { keys, values, score, weightQuery, energy, weightCoverage, scale = 1, window } = memory;
  const rows = steps * batch;
  const inner = keys.width;
  requireMemory(graph, batch, memory);
  if (!weightQuery && hidden.width !== inner) {
    throw new InputError({
      where: `${graph.path} attention`,
      expected: `a memory as wide as the hidden state, ${hidden.width}`,
      got: String(inner),
      hint: 'take the score "general"',
    });
  }

  const made = (name: string, width: number, stride: number, rows = steps * batch): Matrix => {
    return { place: place(span(name, rows * stride)), rows, width, stride };
  };
  const queries = weightQuery ? made("queries", inner, keys.stride) : hidden;
  const contexts = made("contexts", values.width, values.stride);
  const line = weightStride(keys.steps);
  const weights = place(span("attention weights", rows * line));
  const coverage = weightCoverage
    ? span("coverage", (steps + 1) * batch * line, { role: "kept" })
    : undefined;
  if (coverage && !reverse) {
    const last = place(coverage, (graph.advance ?? steps) * batch * line);
    graph.carry({ first: place(coverage), last, count: batch * line });
  }
  const calls = attending({
    ...{ graph, steps, sources: keys.steps, batch, heads: 1, score, scale, lengths: keys.lengths ?? 0 },
    local: window === undefined ? undefined : { window, centre: "aligned", spread: 0 },
    starts: window !== undefined && graph.streaming ? positionsOf({ graph, batch }) : undefined,
  });
  const scored = {
    queries: { ...queries, units: inner },
    keys: { place: keys.place, units: inner, stride: keys.stride },
    energy: energy?.value,
    coverage,
    coverageWeight: weightCoverage?.value,
  };
  const read = { place: values.place, units: values.width, stride: values.stride };
  const found = { ...contexts, units: values.width };
  const seen = { steps, sources: keys.steps, batch, heads: 1, standing: false, own: false };
  graph.attentions.push({ path: graph.path, ...seen, weights });

  let gradients: Gradients;

  return {
    contexts,
    inputs: [keys, values],
    begin(emit) {
      if (!coverage) return;
      const range = { stride: line, from: 0, to: batch } as const;
      const fresh = reverse ? 0 : place(graph.fresh);
      emit("beginStates", { states: place(coverage), initial: 0, initialStride: 0, fresh, ...range });
    },
    forward(emit, t) {
      if (weightQuery) emitProduct(emit, ofStep(hidden, t, batch), weightQuery, 0, ofStep(queries, t, batch));
      calls.weights(emit, scored, weights, t);
      calls.context(emit, weights, read, found, t);
    },
    beginBackward({ emit, accumulate }, dContexts) {
      const zeroed = (name: string, count: number) => {
        const zeros = place(span(`gradient of ${name}`, count));
        emit("zero", { to: zeros, count });
        return zeros;
      };
      gradients = {
        dContexts,
        dWeights: place(span("gradient of the attention weights", rows * line)),
        queries: zeroed("queries", rows * queries.stride),
        keys: accumulate(keys),
        values: accumulate(values),
        energy: energy && zeroed("energy", batch * keys.stride),
        coverageWeight: weightCoverage && zeroed("coverage weight", batch * keys.stride),
        coverage: coverage && zeroed("coverage", batch * line),
        transposedQuery: weightQuery && emitTranspose(emit, weightQuery, hidden.width, queries.stride),
      };
    },
    backward(emit, t, dHidden) {
      const { dContexts, dWeights, transposedQuery } = gradients;
      calls.contextBackward(
        emit,
        { weights, values: read, dContext: { ...found, place: dContexts } },
        { dWeights, dValues: gradients.values },
        t,
      );
      calls.weightsBackward(emit, scored, { weights, dWeights }, gradients, t);
      const dQuery = ofStep({ ...queries, place: gradients.queries }, t, batch);
      let back = dQuery;
      if (transposedQuery) {
        back = made("gradient through the query", hidden.width, hidden.stride, batch);
        emitTransposedProduct(emit, dQuery, transposedQuery, back);
      }
      emit("add", { a: dHidden, b: back.place, y: dHidden, count: batch * hidden.stride });
    },
    finish(emit) {
      const dQueries = { ...queries, place: gradients.queries };
      if (weightQuery) emitWeightGradient(emit, hidden, dQueries, weightQuery, 0);
      for (const [parameter, each] of [
        [energy, gradients.energy],
        [weightCoverage, gradients.coverageWeight],
      ] as const) {
        if (!parameter || !each) continue;
        const columns = { width: inner, xStride: keys.stride, yStride: 0, rows: batch };
        emit("addColumns", { x: each, y: place(parameter.gradient), ...columns });
      }
    },
  };
}

/** Where gradients go; energy and coverage weight have a row for each row of the batch, the coverage that of one step. */
interface Gradients {
  readonly dContexts: Place;
  readonly dWeights: Place;
  readonly queries: Place;
  readonly keys: Place | undefined;
  readonly values: Place | undefined;
  readonly energy: Place | undefined;
  readonly coverageWeight: Place | undefined;
  readonly coverage: Place | undefined;
  readonly transposedQuery: Place | undefined;
}

function requireMemory(graph: Graph, batch: number, { keys, values }: Memory): void {
  for (const value of [keys, values]) {
    if (value.kind === "features" && value.batch === batch && value.steps === keys.steps) continue;
    throw new InputError({
      where: `${graph.path} attention`,
      expected: `a memory of ${keys.steps} rows of numbers for each of ${batch} rows`,
      got: `${value.steps} ${value.kind} for ${value.batch}`,
    });
  }
}
