/** One step of a sequence. */
import { InputError } from "../errors.js";
import type { Value } from "../graph/graph.js";
import { shift } from "../graph/span.js";
import { countOf, nameOf, requireValue } from "./values.js";

/**
 * The step of this number as a sequence of one: numbers or tokens, counted from 0, or from the end (of the sequence with
 * its padding) if negative. It is a view: nothing is copied. InputError for a step that x has not. A model that asks for
 * another step than the last cannot be streamed: a stream knows no step but the present one.
 */
export function at(x: Value, step: number): Value {
  requireValue("at", x);
  const { graph, kind, steps, batch, width, differentiable } = x;
  if (!(Number.isInteger(step) && step >= -steps && step < steps)) {
    throw new InputError({
      where: nameOf("at", x),
      expected: `a step from ${-steps} to ${steps - 1}`,
      got: String(step),
    });
  }
  if (step !== -1) graph.refuseStreaming(x, nameOf("at", x));
  const count = countOf(x) / steps;
  const start = (step < 0 ? step + steps : step) * count;
  const output = graph.value({ kind, steps: 1, batch, width, differentiable }, shift(x.place, start));
  return graph.apply({
    inputs: [x],
    output,
    forward() {},
    backward({ emit, dOutput, accumulate }) {
      const dx = accumulate(x);
      if (!dx) return;
      const part = shift(dx, start);
      emit("add", { a: part, b: dOutput, y: part, count });
    },
  });
}
