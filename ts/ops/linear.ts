/** An affine map of every row: y = x W + b. */
import type { Value } from "../graph/graph.js";
import type { Parameter } from "../graph/parameter.js";
import { emitInputGradient, emitProduct, emitWeightGradient, matrix } from "./product.js";

/** x [steps][batch][inputs], weight [inputs, units], bias [units] or none; gives [steps][batch][units]. */
export function linear(x: Value, weight: Parameter, bias?: Parameter): Value {
  const { graph, steps, batch, lengths } = x;
  const output = graph.value({ steps, batch, lengths, width: weight.layout.columns, overwritable: true });
  return graph.apply({
    inputs: [x],
    output,
    forward(emit) {
      emitProduct(emit, matrix(x), weight, bias?.value ?? 0, matrix(output));
    },
    backward({ emit, dOutput, gradient }) {
      const dy = matrix(output, dOutput);
      emitWeightGradient(emit, matrix(x), dy, weight, bias?.gradient ?? 0);
      const dx = gradient(x);
      if (dx) emitInputGradient(emit, dy, weight, matrix(x, dx));
    },
  });
}
