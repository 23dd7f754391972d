/** The biases of a product: one, two that are added, or none. */
import type { Emit } from "../graph/graph.js";
import type { Parameter } from "../graph/parameter.js";
import { type Span, span } from "../graph/span.js";

export interface Biases {
  /** Their sum. */
  sum(emit: Emit): Span | 0;
  /** Where a product's backward pass is to add the gradient of the sum; then `spread` gives it to each. */
  gradient(emit: Emit): Span | 0;
  spread(emit: Emit): void;
}

/** `biases`: parameters of one shape, at most two. */
export function biases(biases: readonly Parameter[]): Biases {
  const [first, second] = biases;
  if (!first || !second) {
    return { sum: () => first?.value ?? 0, gradient: () => first?.gradient ?? 0, spread() {} };
  }
  const { count } = first.value;
  const dSum = span("gradient of the sum of biases", count);
  return {
    sum(emit) {
      const sum = span("sum of biases", count);
      emit("add", { a: first.value, b: second.value, y: sum, count });
      return sum;
    },
    gradient(emit) {
      emit("zero", { to: dSum, count });
      return dSum;
    },
    spread(emit) {
      for (const { gradient } of biases) emit("add", { a: gradient, b: dSum, y: gradient, count });
    },
  };
}
