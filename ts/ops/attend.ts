/**
 * Attention inside a recurrence (Bahdanau, Cho & Bengio 2015): before each step the hidden state looks at a memory, and what it
 * finds enters the gates beside the input.
 *
 *     q(t) = h(t-1) Wq      c(t) = sum over s of weights(q(t), keys, s) values(s)      gates(t) += c(t) Wc
 */
import { type Place, place, shift, span } from "../graph/span.js";
import { type Enter, entrance } from "./enter.js";
import { look, type Memory } from "./look.js";
import type { Matrix } from "./product.js";

export function attendTo(memory: Memory): Enter {
  return (recurrence) => {
    const { graph, steps, batch, reverse, states } = recurrence;
    const { width, stride, block, count } = states.layouts[0]!;
    const rows = steps * batch;
    const hidden: Matrix = { place: place(states.span, block + reverse * count), rows, width, stride };
    const looking = look(memory, { graph, steps, batch, reverse, hidden });
    const { contexts, inputs } = looking;
    const into = entrance("weightContext", contexts, recurrence);
    let dContexts: Place | undefined;
    let dFound: Matrix;
    return {
      inputs,
      value: (output) =>
        graph.apply({
          inputs: [output],
          output: graph.value(
            { steps, batch, lengths: output.lengths, width: contexts.width },
            contexts.place,
          ),
          forward() {},
          backward({ dOutput, accumulate }) {
            dContexts = dOutput;
            accumulate(output);
          },
        }),
      begin: (emit) => looking.begin(emit),
      forward(emit, t) {
        looking.forward(emit, t);
        into.forward(emit, t);
      },
      beginBackward(backward) {
        const { emit } = backward;
        const count = rows * contexts.stride;
        const own = dContexts ?? place(span("gradient of contexts", count));
        if (!dContexts) emit("zero", { to: own, count });
        dFound = { ...contexts, place: own };
        looking.beginBackward(backward, own);
        into.beginBackward(emit);
      },
      backward(emit, t, dHidden) {
        into.backward(emit, t, {
          ...dFound,
          place: shift(dFound.place, t * batch * contexts.stride),
          rows: batch,
        });
        looking.backward(emit, t, dHidden);
      },
      finish(emit) {
        looking.finish(emit);
        into.finish(emit);
      },
    };
  };
}
