/** Reverse mode: walks the nodes backwards from the loss. Gradients of values are overwritten, of parameters accumulated. */
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
    node.backward({
      emit,
      dOutput,
      gradient(input, own) {
        if (!input.differentiable) return undefined;
        const count = input.steps * input.batch * input.stride;
        const target = own ?? place(span(`gradient of ${node.name}'s input`, count));
        const earlier = gradients.get(input);
        if (earlier) additions.push({ from: target, into: earlier, count });
        else gradients.set(input, target);
        return target;
      },
    });
    for (const { from, into, count } of additions) emit("add", { a: into, b: from, y: into, count });
  }
}
