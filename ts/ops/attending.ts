/** The kernel calls of attention: for all queries of a sequence at once, or for one step of it, as a decoder needs them. */

import { LINE, roundUp } from "../engine/address.js";
import { kernels as attentionKernels } from "../engine/attention.gen.js";
import type { Emit, Graph } from "../graph/graph.js";
import { type Place, place, type Span, shift, span } from "../graph/span.js";

/** Which positions of the source a query sees, of those that are not padding. */
export interface Sight {
  /** Whether query t sees no position past t; default false. */
  readonly causal?: boolean;
  /** Whether it sees only positions near a centre. */
  readonly local?: Local | undefined;
}

export interface Local {
  /** How far from the centre, in positions to either side. */
  readonly window: number;
  /** `aligned`: the centre of query t is position t; `given`: it comes with the query. */
  readonly centre: "aligned" | "given";
  /** 1 / (2 variance) of a Gaussian around the centre whose logarithm is added to the scores; 0 for none. */
  readonly spread: number;
}

/** How a score comes about: see assembly/attention/weights.ts. */
export type Score = "dot" | "additive" | "location";

const codes: Readonly<Record<Score, number>> = { dot: 0, additive: 1, location: 2 };

export interface Attending extends Sight {
  readonly graph: Graph;
  readonly steps: number;
  readonly sources: number;
  readonly batch: number;
  readonly heads: number;
  readonly score: Score;
  /** What the products of queries and keys are multiplied by. */
  readonly scale: number;
  /** Words [batch]: how many positions of each row count; 0: all. */
  readonly lengths: Place | 0;
  /** Words [batch]: the position of the first query of each row; default 0 in all. */
  readonly starts?: Place | undefined;
}

/** Rows of queries, keys or values, [steps or sources][batch]: how many numbers each head has, and floats from row to row. */
export interface Rows {
  readonly place: Place;
  readonly units: number;
  readonly stride: number;
  /** Floats from step to step, if not the rows of the batch. */
  readonly step?: number;
}

/** What scores are made of, or the gradients of it, to which the backward pass adds. */
export interface Scored {
  /** [steps][batch] */
  readonly queries: Rows;
  /** [sources][batch]; undefined for location-based scores. */
  readonly keys: Rows | undefined;
  /** [steps][batch] lines: a share from 0 to 1 of the way from the first position to the last. */
  readonly centres?: Place | undefined;
  /** One row for all; as a gradient one for each row of the batch. */
  readonly energy?: Place | Span | undefined;
  /** Alike, of the coverage. */
  readonly coverageWeight?: Place | Span | undefined;
  /** [steps + 1][batch][sources in whole lines]: the weights summed up before each step. Its first row is given; its gradient is one row. */
  readonly coverage?: Place | Span | undefined;
}

/** Floats of a row of weights: one for each position, in whole lines. */
export function weightStride(sources: number): number {
  return roundUp(sources, LINE);
}

export interface AttentionCalls {
  /** From scores to weights [steps][batch][heads][sources in whole lines]. */
  weights(emit: Emit, scored: Scored, weights: Place, step?: number): void;
  /** context [steps][batch] from weights and values. */
  context(emit: Emit, weights: Place, values: Rows, context: Rows, step?: number): void;
  /** dWeights is overwritten, dValues added to. */
  contextBackward(
    emit: Emit,
    given: { readonly weights: Place; readonly values: Rows; readonly dContext: Rows },
    gradients: { readonly dWeights: Place | undefined; readonly dValues: Place | undefined },
    step?: number,
  ): void;
  /** Adds to the gradients of all that the scores are made of; `gradients` has a place for each. */
  weightsBackward(
    emit: Emit,
    scored: Scored,
    given: { readonly weights: Place; readonly dWeights: Place },
    gradients: Gradients,
    step?: number,
  ): void;
}

/** Where gradients go: like what they are of, but energy and coverageWeight [batch] rows, and coverage [batch] rows. */
export interface Gradients {
  readonly queries: Place;
  readonly keys: Place | undefined;
  readonly centres?: Place | undefined;
  readonly energy?: Place | undefined;
  readonly coverageWeight?: Place | undefined;
  readonly coverage?: Place | undefined;
}

/** The calls for queries that see a source so. With a `step` they are for that one alone, its rows those of the whole sequence. */
export function attending(setting: Attending): AttentionCalls {
  const { graph, steps: all, sources, batch, heads, score, scale, lengths, causal = false, local } = setting;
  graph.use(attentionKernels);
  const line = weightStride(sources);
  const starts = setting.starts ?? (0 as const);
  const stepOf = ({ stride, step = batch * stride }: Rows) => step;
  const pairs = { from: 0, to: batch * heads } as const;
  const sight = {
    causal: causal ? 1 : 0,
    local: local === undefined ? 0 : local.centre === "aligned" ? 1 : 2,
    window: local?.window ?? 0,
    spread: local?.spread ?? 0,
  };
  /** Steps and their offset, and how a place of the whole sequence becomes one of the step. */
  const part = (step: number | undefined) => {
    const at = (from: Place, stride: number) => (step ? shift(from, step * batch * stride) : from);
    return {
      steps: step === undefined ? all : 1,
      first: step ?? 0,
      at,
      row: (from: Place) => at(from, heads * line),
    };
  };
  const scratch = (floats: number) => span("attention scratch", floats, { role: "scratch" });
  const placeOf = (from: Place | Span) => ("span" in from ? from : place(from));
  const optional = (from: Place | Span | undefined, at: (from: Place) => Place): Place | 0 =>
    from === undefined ? 0 : at(placeOf(from));
  const shared = (
    { queries, keys, centres, energy, coverage, coverageWeight }: Scored,
    step: number | undefined,
  ) => {
    const { steps, first, at } = part(step);
    return {
      queries: at(queries.place, queries.stride),
      keys: keys?.place ?? (0 as const),
      energy: optional(energy, (from) => from),
      coverage: optional(coverage, (from) => at(from, line)),
      coverageWeight: optional(coverageWeight, (from) => from),
      centres: optional(centres, (from) => at(from, LINE)),
      lengths,
      starts,
      score: codes[score],
      heads,
      units: queries.units,
      scale,
      ...{ ...sight, first, steps, sources, batch },
      queryStride: queries.stride,
      keyStride: keys?.stride ?? 0,
      keyStep: keys ? stepOf(keys) : 0,
      ...pairs,
    };
  };
  const lines = (units: number) => roundUp(units, LINE);
  return {
    weights(emit, scored, weights, step) {
      const { steps, row } = part(step);
      const room = scratch((steps + sources) * lines(scored.queries.units));
      emit("attentionWeightsForward", { ...shared(scored, step), weights: row(weights), scratch: room });
    },
    context(emit, weights, values, context, step) {
      const { steps, first, at, row } = part(step);
      emit("attentionContextForward", {
        weights: row(weights),
        values: values.place,
        lengths,
        starts,
        context: at(context.place, context.stride),
        scratch: scratch((steps + sources) * lines(values.units)),
        ...{ heads, units: values.units, causal: sight.causal, first, steps, sources, batch },
        valueStride: values.stride,
        valueStep: stepOf(values),
        contextStride: context.stride,
        ...pairs,
      });
    },
    contextBackward(emit, { weights, values, dContext }, { dWeights, dValues }, step) {
      const { steps, first, at, row } = part(step);
      emit("attentionContextBackward", {
        weights: row(weights),
        values: values.place,
        lengths,
        starts,
        dContext: at(dContext.place, dContext.stride),
        dWeights: dWeights ? row(dWeights) : 0,
        dValues: dValues ?? 0,
        scratch: scratch(steps * line + (steps + 2 * sources) * lines(values.units)),
        ...{ heads, units: values.units, causal: sight.causal, first, steps, sources, batch },
        valueStride: values.stride,
        valueStep: stepOf(values),
        contextStride: dContext.stride,
        ...pairs,
      });
    },
    weightsBackward(emit, scored, { weights, dWeights }, gradients, step) {
      const { steps, at, row } = part(step);
      const { queries, keys, centres, energy, coverageWeight, coverage } = gradients;
      const units = lines(scored.queries.units);
      emit("attentionWeightsBackward", {
        ...shared(scored, step),
        weights: row(weights),
        dWeights: row(dWeights),
        dQueries: at(queries, scored.queries.stride),
        dKeys: keys ?? 0,
        dEnergy: energy ?? 0,
        dCoverage: coverage ?? 0,
        dCoverageWeight: coverageWeight ?? 0,
        dCentres: optional(centres, (from) => at(from, LINE)),
        scratch: scratch(steps * line + 2 * (steps + sources) * units + 4 * sources),
      });
    },
  };
}
