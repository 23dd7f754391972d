/** From all steps of each row to one, from one to all, and from the last to the first. */
import { kernels } from "../engine/wiring.gen.js";
import { InputError } from "../errors.js";
import type { Sequence, Value } from "../graph/graph.js";
import { inherited, nameOf, requireNumbers } from "./values.js";

/** The mean of each row over the steps that count: [steps][batch][width] to [1][batch][width]. */
export function meanOfSteps(x: Value): Value {
  return sum(whole("mean of the steps", x), 1);
}

/** Their sum, likewise. */
export function sumOfSteps(x: Value): Value {
  return sum(whole("sum of the steps", x), 0);
}

/** The greatest number of each column over the steps that count, likewise; of equal ones the first has the gradient. */
export function greatestOfSteps(x: Value): Value {
  const { graph, batch, width, differentiable } = whole("greatest of the steps", x);
  const output = graph.value({ steps: 1, batch, width, differentiable });
  const range = rangeOf(x, x);
  return graph.apply({
    inputs: [x],
    output,
    forward(emit) {
      emit("greatestStep", { x: x.place, y: output.place, ...range });
    },
    backward({ emit, dOutput: dy, gradient }) {
      const dx = gradient(x);
      if (dx) emit("greatestStepBackward", { x: x.place, y: output.place, dy, dx, ...range });
    },
  });
}

/** Each row from its last step that counts to its first: [steps][batch][width] to the same. */
export function reverse(x: Value): Value {
  const { graph, steps, batch, width } = whole("reverse", x);
  const output = graph.value({ steps, batch, width, ...inherited([x]) });
  const range = rangeOf(x, x);
  return graph.apply({
    inputs: [x],
    output,
    forward(emit) {
      emit("reverseSteps", { x: x.place, y: output.place, ...range });
    },
    backward({ emit, dOutput, gradient }) {
      const dx = gradient(x);
      if (dx) emit("reverseSteps", { x: dOutput, y: dx, ...range });
    },
  });
}

/** A value of one step at every step of `like`: [1][batch][width] to [steps][batch][width]; 0 past the length of a row. */
export function repeat(x: Value, like: Pick<Sequence, "steps" | "lengths">): Value {
  requireNumbers("repeat", [x]);
  const { graph, batch, width, differentiable } = x;
  const { steps, lengths } = like;
  if (x.steps !== 1) {
    throw new InputError({
      where: nameOf("repeat", x),
      expected: "a value of one step",
      got: `${x.steps} steps`,
    });
  }
  graph.use(kernels);
  const output = graph.value({ steps, batch, width, lengths, differentiable });
  const range = { mean: 0, ...rangeOf(x, like) } as const;
  return graph.apply({
    inputs: [x],
    output,
    forward(emit) {
      emit("spreadSteps", { y: x.place, x: output.place, ...range });
    },
    backward({ emit, dOutput, gradient }) {
      const dx = gradient(x);
      if (dx) emit("sumSteps", { x: dOutput, y: dx, ...range });
    },
  });
}

function sum(x: Value, mean: 0 | 1): Value {
  const { graph, batch, width, differentiable } = x;
  const output = graph.value({ steps: 1, batch, width, differentiable });
  const range = { mean, ...rangeOf(x, x) };
  return graph.apply({
    inputs: [x],
    output,
    forward(emit) {
      emit("sumSteps", { x: x.place, y: output.place, ...range });
    },
    backward({ emit, dOutput, gradient }) {
      const dx = gradient(x);
      if (dx) emit("spreadSteps", { y: dOutput, x: dx, ...range });
    },
  });
}

/** A value whose steps an operation needs all together, so that the model cannot be streamed. */
function whole(name: string, x: Value): Value {
  requireNumbers(name, [x]);
  x.graph.refuseStreaming(x, nameOf(name, x));
  x.graph.use(kernels);
  return x;
}

function rangeOf({ batch, stride }: Value, { steps, lengths }: Pick<Sequence, "steps" | "lengths">) {
  return { lengths: lengths ?? 0, steps, batch, stride, from: 0, to: batch } as const;
}
