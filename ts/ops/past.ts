/** What a stream remembers of the steps before, for attention to look back at. */

import { LINE } from "../engine/address.js";
import { kernels as attention } from "../engine/attention.gen.js";
import { InputError } from "../errors.js";
import type { Graph, Value } from "../graph/graph.js";
import { type Place, place, span } from "../graph/span.js";
import type { Rows } from "./attending.js";
import { nameOf } from "./values.js";

const positions = new WeakMap<Graph, Place>();

/** Whether x is a step of a stream, and so has steps before it that the graph does not hold. */
export function streamed({ graph, standing }: Value): boolean {
  return graph.streaming && !standing;
}

/** At which position each row of a stream is: words [batch], counted once for all who ask. */
export function positionsOf({ graph, batch }: Pick<Value, "graph" | "batch">): Place {
  const known = positions.get(graph);
  if (known) return known;
  graph.use(attention);
  const own = place(span("positions", batch, { holds: "words" }));
  const counts = place(span("counts", batch * LINE, { role: "kept" }));
  graph.carry({ first: counts, last: counts, count: batch * LINE });
  graph.apply({
    inputs: [],
    output: graph.value({ kind: "tokens", steps: 1, batch, width: 1, differentiable: false }, own),
    forward(emit) {
      emit("nextPositions", { counts, positions: own, fresh: graph.fresh, from: 0, to: batch });
    },
    backward() {},
  });
  positions.set(graph, own);
  return own;
}

/** The rows of this step of a stream and of all before, for one head, of which there may be `longest`. */
export function remembered(x: Value, longest: number): Rows {
  const { graph, batch, width, stride } = x;
  const at = positionsOf(x);
  const cache = place(span("past", batch * longest * stride, { role: "kept" }));
  graph.limit(longest);
  graph.carry({ first: cache, last: cache, count: batch * longest * stride });
  graph.apply({
    inputs: [x],
    output: graph.value({ steps: 1, batch, width, differentiable: false }, cache),
    forward(emit) {
      emit("remember", { x: x.place, cache, positions: at, longest, stride, from: 0, to: batch });
    },
    backward() {},
  });
  return { place: cache, units: width, stride: longest * stride, step: stride };
}

/** Throws unless a sequence has at most so many steps. */
export function requireSteps(op: string, x: Value, longest: number): void {
  if (x.steps <= longest) return;
  throw new InputError({
    where: nameOf(op, x),
    expected: `at most ${longest} steps`,
    got: String(x.steps),
    hint: "raise its option `longest`, or take shorter sequences",
  });
}
