/**
 * How a recurrence goes through its steps: in one call of its cell, or step by step where dropout, zoneout or something of
 * others comes between.
 */

import type { Run, Walk } from "../cells/cell.js";
import type { Emit, Graph } from "../graph/graph.js";
import { type Place, place, type Span, span } from "../graph/span.js";
import type { Entering } from "./enter.js";
import type { States } from "./states.js";

/** What happens to the states between the steps. */
export interface Between {
  /** The share of each state that keeps its old value in a step (Krueger et al. 2017), in the order of the states. */
  readonly zoneout: readonly number[];
  /** While training, the share of the hidden state that the products of the cell do not see; the rest is scaled up. */
  readonly dropout: number;
  /** Whether each step has a mask of its own, instead of one for all steps of a run (Gal & Ghahramani 2016). */
  readonly dropoutPerStep: boolean;
}

export interface WalkDescription extends Between {
  readonly graph: Graph;
  readonly steps: number;
  readonly batch: number;
  readonly reverse: 0 | 1;
  readonly lengths: Place | 0;
  readonly states: States;
  /** What enters each step. */
  readonly entering: Entering | undefined;
}

/** Goes through the steps by their numbers, on the way back from the last one, and does what comes between them. */
export type Loop = (step: (k: number) => void) => void;

export function upwards(steps: number): Loop {
  return (step) => {
    for (let k = 0; k < steps; k++) step(k);
  };
}

export function downwards(steps: number): Loop {
  return (step) => {
    for (let k = steps - 1; k >= 0; k--) step(k);
  };
}

export interface Walked extends Pick<Run, "states" | "results" | "source"> {
  /** With a loop one call for each step. */
  forward(emit: Emit, loop?: Loop): Walk["forward"];
  backward(emit: Emit, dHidden: Place, dStates: Place, loop?: Loop): Walk["backward"];
}

export function walk(description: WalkDescription): Walked {
  const { graph, steps, batch, reverse, lengths, states, entering } = description;
  const { layouts } = states;
  const [hidden] = layouts as [(typeof layouts)[number]];
  const drops = graph.training && description.dropout > 0;
  const dropoutUse = drops ? graph.nextUse() : 0;
  const zones = layouts
    .map((layout, state) => ({ ...layout, rate: description.zoneout[state] ?? 0 }))
    .filter(({ rate }) => rate > 0)
    .map((zone) => ({ ...zone, use: graph.nextUse() }));
  const source = drops ? span("source", (steps + 1) * hidden.count) : states.span;
  const stepwise = drops || zones.length > 0 || entering !== undefined;
  const results = zones.length > 0 ? span("results", states.span.count) : states.span;

  /** Positions of step k of the recurrence: its own, and those of the states before and after it. */
  const at = (k: number) => {
    const t = reverse ? steps - 1 - k : k;
    return { t, before: t + reverse, after: t + 1 - reverse };
  };
  /** Masks the hidden states before step k; x and y [steps + 1][batch] rows. */
  const mask = (k: number, x: Span, y: Span) => ({
    x,
    y,
    clock: graph.clock,
    stream: dropoutUse,
    rate: description.dropout,
    stride: hidden.stride,
    repeat: description.dropoutPerStep ? 0 : batch,
    from: at(k).before * batch,
    to: (at(k).before + 1) * batch,
  });
  const zone = ({ use, rate, stride }: (typeof zones)[number], k: number) => ({
    lengths,
    t: at(k).t,
    batch,
    clock: graph.training ? graph.clock : (0 as const),
    stream: use,
    rate,
    stride,
    from: 0,
    to: batch,
  });
  const arrays = { states: states.span, results, source };
  const stretch = (start: number, stop: number) => ({ start, stop, ...arrays });

  return {
    ...arrays,
    forward(emit, loop) {
      if (!stepwise && !loop) return (call) => call(stretch(0, steps));
      return (call) => {
        (loop ?? upwards(steps))((k) => {
          const { t, before, after } = at(k);
          entering?.forward(emit, t, before);
          if (drops) emit("dropout", mask(k, states.span, source));
          call(stretch(k, k + 1));
          for (const layout of layouts) {
            if (results === states.span) break;
            const slot = (all: Span, index: number) => place(all, layout.block + index * layout.count);
            const [next, y] = [slot(results, after), slot(states.span, after)];
            const zoned = zones.find(({ block }) => block === layout.block);
            if (zoned) emit("zoneout", { previous: slot(states.span, before), next, y, ...zone(zoned, k) });
            else emit("copy", { from: next, to: y, count: layout.count });
          }
        });
      };
    },
    backward(emit, dHidden, dStates, loop) {
      if (!stepwise && !loop) {
        return (call) => call({ ...stretch(0, steps), dStates, dSource: dStates });
      }
      const dSources = span("gradient of the source", source.count);
      const kept = zones.length > 0 ? span("gradient kept", dStates.span.count) : undefined;
      return (call) => {
        if (kept) emit("zero", { to: kept, count: kept.count });
        (loop ?? downwards(steps))((k) => {
          const dh = place(dHidden.span, dHidden.offset + at(k).t * hidden.count);
          if (kept) {
            // all of the gradient of h goes to dStates, for zoneout to share out
            emit("add", { a: dStates, b: dh, y: dStates, count: hidden.count });
            emit("zero", { to: dh, count: hidden.count });
            for (const zoned of zones) {
              const d = place(dStates.span, dStates.offset + zoned.offset);
              emit("zoneoutBackward", { d, kept: place(kept, zoned.offset), ...zone(zoned, k) });
            }
          }
          const dSource = drops ? place(dSources, at(k).before * hidden.count) : dStates;
          if (drops) emit("zero", { to: dSource, count: hidden.count });
          call({ ...stretch(k, k + 1), dStates, dSource });
          if (drops) {
            emit("dropout", mask(k, dSources, dSources));
            emit("add", { a: dStates, b: dSource, y: dStates, count: hidden.count });
          }
          entering?.backward(emit, at(k).t, dStates);
          if (kept) {
            emit("add", { a: dStates, b: place(kept), y: dStates, count: kept.count });
            emit("add", { a: dh, b: place(kept), y: dh, count: hidden.count });
          }
        });
      };
    },
  };
}
