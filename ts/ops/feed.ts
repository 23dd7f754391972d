/**
 * Input feeding (Luong, Pham & Manning 2015, section 3.3): what was found in a memory after a step enters the next one.
 *
 *     h(t)     of each layer from that of the one below, of the lowest from x(t) and v(t-1)
 *     c(t)     what h(t) of the highest layer finds in the memory
 *     v(t)     tanh([c(t) h(t)] W + b), the attentional vector, with v(-1) = 0
 */
import { LINE, roundUp } from "../engine/address.js";
import type { Value } from "../graph/graph.js";
import { place, span } from "../graph/span.js";
import { type Attentional, attentional } from "./attentional.js";
import { type Enter, entrance } from "./enter.js";
import { emitProduct, emitTranspose, emitTransposedProduct, type Matrix, matrix, ofStep } from "./product.js";
import type { Recurring } from "./recurring.js";
import { downwards, type Loop, upwards } from "./walk.js";

/** Records a layer that goes from the first step to the last. `below`: what it reads; `enter`: what enters its gates besides. */
export type FedLayer = (below: Value, enter: Enter | undefined) => Recurring;

/**
 * The attentional vectors, [steps][batch][units], of layers one above the other that read x [steps][batch][inputs]; the highest
 * has so many units. `how` is asked when the layers are recorded.
 */
export function feed(x: Value, layers: readonly FedLayer[], units: number, how: () => Attentional): Value {
  const { graph, steps, batch, lengths, standing } = x;
  const stride = roundUp(units, LINE);
  const count = batch * stride;
  const all = span("attentional vectors", (steps + 1) * count, { role: "kept" });
  const before: Matrix = { place: place(all), rows: steps * batch, width: units, stride };
  const vectors: Matrix = { ...before, place: place(all, count) };
  if (!standing) {
    graph.carry({ first: place(all), last: place(all, (graph.advance ?? steps) * count), count });
  }
  /** The gradient of the vectors, that of each step before it comes. */
  let dVectors: Matrix;
  const enter: Enter = (recurrence) => {
    const into = entrance("weightFeed", before, recurrence);
    return {
      inputs: [],
      begin(emit) {
        const fresh = standing ? 0 : place(graph.fresh);
        const range = { stride, from: 0, to: batch } as const;
        emit("beginStates", { states: place(all), initial: 0, initialStride: 0, fresh, ...range });
      },
      forward: into.forward,
      beginBackward: ({ emit }) => into.beginBackward(emit),
      backward(emit, t) {
        if (t > 0) into.backward(emit, t, at(dVectors, t - 1));
      },
      finish: into.finish,
    };
  };
  const parts: Recurring[] = [];
  for (const layer of layers) {
    const below = parts.at(-1);
    parts.push(below ? layer(below.hidden, undefined) : layer(x, enter));
  }
  /** Each layer with the rows that it reads step by step: those of the layer below. */
  const levels = parts.map((part, index) => {
    const below = parts[index - 1];
    return { part, below: below && matrix(below.hidden) };
  });
  const at = (rows: Matrix, t: number) => ofStep(rows, t, batch);
  const { hidden } = parts.at(-1)!;
  const found = attentional(how(), { graph, steps, batch, hidden: matrix(hidden), vectors });
  const output = graph.value({ steps, batch, lengths, width: units }, lengths ? undefined : vectors.place);
  const mask = { lengths: lengths ?? 0, steps, batch, stride, from: 0, to: batch } as const;

  return graph.apply({
    inputs: [x, ...parts.flatMap(({ inputs }) => inputs), ...found.inputs],
    output,
    forward(emit) {
      found.begin(emit);
      const added = levels.map(({ part, below }) => (below ? part.biases.sum(emit) : 0));
      together(
        parts,
        (part, _, loop) => part.forward(emit, loop),
        (each) =>
          upwards(steps)((t) => {
            for (const [index, { part, below }] of levels.entries()) {
              if (below) emitProduct(emit, at(below, t), part.weight, added[index]!, at(part.gates, t));
              each[index]!(t);
            }
            found.forward(emit, t);
          }),
      );
      if (lengths) emit("maskEnded", { x: vectors.place, y: output.place, ...mask });
    },
    backward(backward) {
      const { emit, dOutput } = backward;
      if (lengths) emit("maskEnded", { x: dOutput, y: dOutput, ...mask });
      dVectors = { ...vectors, place: dOutput };
      const dHidden = parts.map(({ hidden }) => {
        const gradient = span("gradient of the hidden states", steps * batch * hidden.stride);
        return matrix(hidden, place(gradient));
      });
      found.beginBackward(backward, dVectors, dHidden.at(-1)!);
      const transposed = levels.map(
        ({ part, below }) => below && emitTranspose(emit, part.weight, below.width, part.gates.stride),
      );
      together(
        parts,
        (part, index, loop) => part.backward(backward, dHidden[index]!.place, loop),
        (each) =>
          downwards(steps)((t) => {
            found.backward(emit, t);
            for (const [index, { part, below }] of [...levels.entries()].reverse()) {
              each[index]!(t);
              if (!below) continue;
              const into = at(dHidden[index - 1]!, t);
              emitTransposedProduct(emit, at(part.gates, t), transposed[index]!, into);
            }
          }),
      );
      found.finish(emit);
    },
  });
}

/** Begins each layer inside the one below, goes through the steps of all, and ends them the other way round. */
function together(
  parts: readonly Recurring[],
  begin: (part: Recurring, index: number, loop: Loop) => void,
  through: (steps: readonly ((t: number) => void)[]) => void,
  steps: readonly ((t: number) => void)[] = [],
): void {
  const part = parts[steps.length];
  if (!part) through(steps);
  else begin(part, steps.length, (step) => together(parts, begin, through, [...steps, step]));
}
