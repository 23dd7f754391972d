/** A cell applied step after step, as one operation. */
import type { Cell } from "../cells/cell.js";
import type { Value } from "../graph/graph.js";
import { type RecurringOptions, recurring } from "./recurring.js";

export interface Recurrence {
  /** The hidden states, [steps][batch][units]; zero past the length of a row. */
  readonly output: Value;
  /** A state after the last step of each row, [1][batch][units], by its place among the cell's states. */
  final(state: number): Value;
  /** What entered each step beside the input, where that is a value: [steps][batch][width]. */
  entered(): Value | undefined;
}

/** x [steps][batch][inputs]. The cell's state is carried from run to run where a batch continues the one before. */
export function recurrence(x: Value, cell: Cell, options: RecurringOptions): Recurrence {
  const { graph, steps, batch, lengths } = x;
  const own = recurring(x, cell, options);
  const { hidden, states, entering } = own;
  const output = graph.value(
    { steps, batch, lengths, width: hidden.width },
    lengths ? undefined : hidden.place,
  );
  const mask = { lengths: lengths ?? 0, steps, batch, stride: output.stride, from: 0, to: batch } as const;
  graph.apply({
    inputs: [x, ...own.inputs],
    output,
    forward(emit) {
      own.forward(emit);
      if (lengths) emit("maskEnded", { x: hidden.place, y: output.place, ...mask });
    },
    backward(backward) {
      const { emit, dOutput } = backward;
      if (lengths) emit("maskEnded", { x: dOutput, y: dOutput, ...mask });
      own.backward(backward, dOutput);
    },
  });
  return { output, final: (state) => states.final(state, output), entered: () => entering?.value?.(output) };
}
