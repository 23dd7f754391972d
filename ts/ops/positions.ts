/** Where in the sequence a step is, added to its numbers. */
import { kernels as attention } from "../engine/attention.gen.js";
import type { Value } from "../graph/graph.js";
import type { Parameter } from "../graph/parameter.js";
import { place, type Span } from "../graph/span.js";
import { positionsOf, requireSteps, streamed } from "./past.js";
import { inherited, requireNumbers } from "./values.js";

/** x [steps][batch][width] plus row t of a table [longest, width] at step t: a parameter, or numbers that stay. */
export function positions(x: Value, table: Parameter | Span, longest: number): Value {
  requireNumbers("positions", [x]);
  requireSteps("positions", x, longest);
  const { graph, steps, batch, width, stride } = x;
  graph.use(attention);
  const learned = "value" in table ? table : undefined;
  const starts = streamed(x) ? positionsOf(x) : (0 as const);
  if (starts) graph.limit(longest);
  const output = graph.value({
    ...{ steps, batch, width },
    ...inherited([x]),
    differentiable: x.differentiable || learned !== undefined,
    overwritable: true,
  });
  return graph.apply({
    inputs: [x],
    output,
    forward(emit) {
      emit("positionsForward", {
        ...{ x: x.place, table: learned?.value ?? place(table as Span), positions: starts, y: output.place },
        ...{ batch, stride, from: 0, to: steps * batch },
      });
    },
    backward({ emit, dOutput, gradient }) {
      if (learned) {
        emit("positionsBackward", {
          ...{ dy: dOutput, dTable: learned.gradient, batch, stride },
          ...{ from: 0, to: steps },
        });
      }
      gradient(x, dOutput);
    },
  });
}
