/**
 * Reverse mode: walks the nodes backwards from the loss. Gradients of values are overwritten by the first node that gives
 * one and added to by the others; nodes that give a part of one find it zeroed; gradients of parameters are accumulated.
 */
import type { Emit, Graph, Value } from "./graph.js";
import { type Place, place, span } from "./span.js";

/** Emits the backward pass of every node that the loss depends on. `loss` needs no gradient of its own. */
export function differentiate(graph: Graph, loss: Value, begin: (name: string) => Emit): void {
  const gradients = new Map<Value, Place>([[loss, loss.place]]);
  for (const node of graph.nodes.toReversed()) {
    const dOutput = gradients.get(node.output);
    if (!dOutput) continue;
    const emit = begin(node.name);
    const additions: { from: Place; into: Place; count: number }[] = [];
    const fresh = (count: number) => place(span(`gradient of ${node.name}'s input`, count));
    node.backward({
      emit,
      dOutput,
      gradient(input, own) {
        if (!input.differentiable) return undefined;
        const count = countOf(input);
        const target = own ?? fresh(count);
        const earlier = gradients.get(input);
        if (earlier) additions.push({ from: target, into: earlier, count });
        else gradients.set(input, target);
        return target;
      },
      accumulate(input) {
        if (!input.differentiable) return undefined;
        const earlier = gradients.get(input);
        if (earlier) return earlier;
        const count = countOf(input);
        const target = fresh(count);
        emit("zero", { to: target, count });
        gradients.set(input, target);
        return target;
      },
    });
    for (const { from, into, count } of additions) emit("add", { a: into, b: from, y: into, count });
  }
}

function countOf({ steps, batch, stride }: Value): number {
  return steps * batch * stride;
}
