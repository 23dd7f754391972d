/**
 * Attention inside a recurrence (Bahdanau, Cho & Bengio 2015): before each step the hidden state looks at a memory, and what it
 * finds enters the gates beside the input.
 *
 *     q(t) = h(t-1) Wq      c(t) = sum over s of weights(q(t), keys, s) values(s)      gates(t) += c(t) Wc
 */
import { InputError } from "../errors.js";
import type { Backward, Emit, Graph, Value } from "../graph/graph.js";
import { glorotUniform } from "../graph/initialisers.js";
import { matrixParameter, type Parameter } from "../graph/parameter.js";
import { type Place, place, shift, span } from "../graph/span.js";
import { attending, weightStride } from "./attending.js";
import { positionsOf } from "./past.js";
import {
  emitProduct,
  emitTranspose,
  emitTransposedProduct,
  emitWeightGradient,
  type Matrix,
} from "./product.js";
import type { States } from "./states.js";

/** What the steps of a recurrence look at. */
export interface Memory {
  /** [sources][batch][width]: what queries are compared with. */
  readonly keys: Value;
  /** [sources][batch][width]: what is taken out. */
  readonly values: Value;
  readonly score: "additive" | "dot";
  /** Wq [units, width of the keys]. */
  readonly weightQuery: Parameter;
  /** One row as wide as the keys, for additive scores. */
  readonly energy?: Parameter | undefined;
  /** Alike: the weight of the sum of all earlier weights in additive scores (See, Liu & Manning 2017); default no such sum. */
  readonly weightCoverage?: Parameter | undefined;
  /** What products are multiplied by; default 1. */
  readonly scale?: number | undefined;
  /** How far from the step's own position the positions may be that it sees; default any distance. */
  readonly window?: number | undefined;
}

/** Makes the attention of the recurrence that is being recorded. */
export type Attend = (recurrence: AttendingRecurrence) => Attending;

export interface AttendingRecurrence {
  readonly graph: Graph;
  readonly steps: number;
  readonly batch: number;
  readonly units: number;
  readonly gateCount: number;
  readonly reverse: 0 | 1;
  readonly states: States;
  /** [steps][batch] rows. */
  readonly gateRows: Matrix;
}

/** What comes before each step on the way there, and after it on the way back. */
export interface Attending {
  /** The contexts, [steps][batch] rows. */
  readonly contexts: Matrix;
  /** What is read besides the states: keys and values. */
  readonly inputs: readonly Value[];
  begin(emit: Emit): void;
  /** Before the step at `t`, which goes on from the states at `before`. */
  forward(emit: Emit, t: number, before: number): void;
  /** `dContexts`: the gradient of the contexts, if anything reads them besides the gates; it is added to. */
  beginBackward(backward: Pick<Backward, "emit" | "accumulate">, dContexts: Place | undefined): void;
  /** After the step, whose gates hold their gradients; adds to `dHidden` [batch] rows, of the state before. */
  backward(emit: Emit, t: number, dHidden: Place): void;
  finish(emit: Emit): void;
}

export function attendTo(memory: Memory): Attend {
  return (recurrence) => attend(memory, recurrence);
}

function attend(memory: Memory, recurrence: AttendingRecurrence): Attending {
  const { graph, steps, batch, units, gateCount, reverse, states, gateRows } = recurrence;
  const { keys, values, score, weightQuery, energy, weightCoverage, scale = 1, window } = memory;
  const [hidden] = states.layouts as [(typeof states.layouts)[number]];
  const rows = steps * batch;
  const inner = keys.width;
  requireMemory(graph, batch, memory);

  const weightContext = graph.parameter(
    "weightContext",
    matrixParameter(values.width, gateCount, units, glorotUniform(gateCount)),
  );

  const made = (name: string, width: number, stride: number, rows = steps * batch): Matrix => {
    return { place: place(span(name, rows * stride)), rows, width, stride };
  };
  const queries = made("queries", inner, keys.stride);
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
  const looking = {
    path: graph.path,
    steps,
    sources: keys.steps,
    batch,
    heads: 1,
    standing: false,
    own: false,
  };
  graph.attentions.push({ ...looking, weights });

  /** The rows of one step. */
  const at = (all: Matrix, t: number): Matrix => {
    return { ...all, place: shift(all.place, t * batch * all.stride), rows: batch };
  };
  const source = (slot: number): Matrix => {
    const { block, count, stride, width } = hidden;
    return { place: place(states.span, block + slot * count), rows: batch, width, stride };
  };
  /** y += x. */
  const emitAdd = (emit: Emit, y: Place, x: Place, count: number) => emit("add", { a: y, b: x, y, count });

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
    forward(emit, t, before) {
      emitProduct(emit, source(before), weightQuery, 0, at(queries, t));
      calls.weights(emit, scored, weights, t);
      calls.context(emit, weights, read, found, t);
      const step = made("context in the gates", gateRows.width, gateRows.stride, batch);
      emitProduct(emit, at(contexts, t), weightContext, 0, step);
      emitAdd(emit, at(gateRows, t).place, step.place, batch * step.stride);
    },
    beginBackward({ emit, accumulate }, dContexts) {
      const zeroed = (name: string, count: number) => {
        const zeros = place(span(`gradient of ${name}`, count));
        emit("zero", { to: zeros, count });
        return zeros;
      };
      gradients = {
        dContexts: dContexts ?? zeroed("contexts", rows * contexts.stride),
        dWeights: place(span("gradient of the attention weights", rows * line)),
        queries: zeroed("queries", rows * queries.stride),
        keys: accumulate(keys),
        values: accumulate(values),
        energy: energy && zeroed("energy", batch * keys.stride),
        coverageWeight: weightCoverage && zeroed("coverage weight", batch * keys.stride),
        coverage: coverage && zeroed("coverage", batch * line),
        transposedContext: emitTranspose(emit, weightContext, values.width, gateRows.stride),
        transposedQuery: emitTranspose(emit, weightQuery, hidden.stride, queries.stride),
      };
    },
    backward(emit, t, dHidden) {
      const { dContexts, dWeights } = gradients;
      const dContext = shift(dContexts, t * batch * contexts.stride);
      const through = made("gradient through the gates", contexts.width, contexts.stride, batch);
      emitTransposedProduct(emit, at(gateRows, t), gradients.transposedContext, through);
      emitAdd(emit, dContext, through.place, batch * contexts.stride);
      calls.contextBackward(
        emit,
        { weights, values: read, dContext: { ...found, place: dContexts } },
        { dWeights, dValues: gradients.values },
        t,
      );
      calls.weightsBackward(emit, scored, { weights, dWeights }, gradients, t);
      const back = made("gradient through the query", hidden.width, hidden.stride, batch);
      const dQuery = { ...queries, place: gradients.queries };
      emitTransposedProduct(emit, at(dQuery, t), gradients.transposedQuery, back);
      emitAdd(emit, dHidden, back.place, batch * hidden.stride);
    },
    finish(emit) {
      const first = { ...source(reverse), rows };
      emitWeightGradient(emit, first, { ...queries, place: gradients.queries }, weightQuery, 0);
      emitWeightGradient(emit, contexts, gateRows, weightContext, 0);
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
  readonly transposedContext: Place;
  readonly transposedQuery: Place;
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
