/** Values of which rows end early. */
import type { Value } from "../../ts/graph/graph.js";
import { place } from "../../ts/graph/span.js";

/** x whose rows have lengths, words. */
export function withLengths(x: Value, lengths: ArrayLike<number> | undefined): Value {
  if (!lengths) return x;
  const words = new Float32Array(Uint32Array.from(lengths).buffer);
  const { graph, place: at } = x;
  return graph.apply({
    inputs: [x],
    output: graph.value({ ...x, lengths: place(graph.constant("lengths", words)) }, at),
    forward() {},
    backward({ dOutput, gradient }) {
      gradient(x, dOutput);
    },
  });
}
