/**
 * Attentional vectors step by step (Luong, Pham & Manning 2015, equation 5): v = tanh([c h] W + b), where c is what the hidden state
 * h finds in a memory.
 */
import { LINE, roundUp } from "../engine/address.js";
import type { Backward, Emit, Value } from "../graph/graph.js";
import type { Parameter } from "../graph/parameter.js";
import { type Place, place, shift, span } from "../graph/span.js";
import { activationCode } from "./activation.js";
import { type Looker, look, type Memory } from "./look.js";
import {
  emitProduct,
  emitTranspose,
  emitTransposedProduct,
  emitWeightGradient,
  type Matrix,
  ofStep,
} from "./product.js";

/** What the vectors are made with. */
export interface Attentional {
  readonly memory: Memory;
  /** W [width of the memory's values + units, units]. */
  readonly weight: Parameter;
  readonly bias: Parameter;
}

/** The vectors as they are made, [steps][batch] rows; each call for a step follows that of its hidden state. */
export interface AttentionalSteps {
  readonly inputs: readonly Value[];
  begin(emit: Emit): void;
  forward(emit: Emit, t: number): void;
  /** Of both gradients that of the vectors is there before the step comes, that of the hidden states after it. */
  beginBackward(backward: Pick<Backward, "emit" | "accumulate">, dVectors: Matrix, dHidden: Matrix): void;
  backward(emit: Emit, t: number): void;
  finish(emit: Emit): void;
}

export function attentional(
  { memory, weight, bias }: Attentional,
  looker: Omit<Looker, "reverse"> & { readonly vectors: Matrix },
): AttentionalSteps {
  const { batch, hidden, vectors } = looker;
  const { rows } = vectors;
  const looking = look(memory, { ...looker, reverse: 0 });
  const { contexts } = looking;
  const width = contexts.width + hidden.width;
  const made = (name: string, width: number): Matrix => {
    const stride = roundUp(width, LINE);
    return { place: place(span(name, rows * stride)), rows, width, stride };
  };
  const both = made("context and state", width);
  const { code: activation, alpha, beta } = activationCode("attentional", "tanh");
  let gradients: {
    readonly vectors: Matrix;
    readonly both: Matrix;
    readonly contexts: Matrix;
    readonly hidden: Matrix;
    readonly transposed: Place;
  };
  const zero = (emit: Emit, { place: to, stride }: Matrix) => emit("zero", { to, count: rows * stride });
  /** The columns of `parts`, side by side in those of `whole`, or the other way, at one step. */
  const copy = (emit: Emit, t: number, whole: Matrix, parts: readonly Matrix[], apart: boolean) => {
    const { place: from, stride } = ofStep(whole, t, batch);
    let column = 0;
    for (const part of parts) {
      const [side, own] = [shift(from, column), ofStep(part, t, batch)];
      column += part.width;
      emit("copyColumns", {
        ...(apart ? { x: side, y: own.place } : { x: own.place, y: side }),
        ...(apart ? { xStride: stride, yStride: own.stride } : { xStride: own.stride, yStride: stride }),
        ...{ width: part.width, rows: batch },
      });
    }
  };
  return {
    inputs: looking.inputs,
    begin(emit) {
      looking.begin(emit);
      zero(emit, both);
    },
    forward(emit, t) {
      looking.forward(emit, t);
      copy(emit, t, both, [contexts, hidden], false);
      const { place: y, width, stride } = ofStep(vectors, t, batch);
      emitProduct(emit, ofStep(both, t, batch), weight, bias.value, ofStep(vectors, t, batch));
      const range = { width, stride, from: 0, to: batch } as const;
      emit("activationForward", { x: y, y, activation, alpha, beta, ...range });
    },
    beginBackward(backward, dVectors, dHidden) {
      const { emit } = backward;
      gradients = {
        vectors: dVectors,
        both: made("gradient of context and state", width),
        contexts: { ...contexts, place: made("gradient of contexts", contexts.width).place },
        hidden: dHidden,
        transposed: emitTranspose(emit, weight, width, vectors.stride),
      };
      for (const part of [gradients.contexts, dHidden]) zero(emit, part); // the padding of their rows
      looking.beginBackward(backward, gradients.contexts.place);
    },
    backward(emit, t) {
      const { transposed } = gradients;
      const dv = ofStep(gradients.vectors, t, batch);
      const dBoth = ofStep(gradients.both, t, batch);
      const count = batch * dv.stride;
      const kept = ofStep(vectors, t, batch).place;
      emit("activationBackward", { kept, dy: dv.place, dx: dv.place, activation, alpha, beta, count });
      emitTransposedProduct(emit, dv, transposed, dBoth);
      copy(emit, t, gradients.both, [gradients.contexts, gradients.hidden], true);
      looking.backward(emit, t, ofStep(gradients.hidden, t, batch).place);
    },
    finish(emit) {
      looking.finish(emit);
      emitWeightGradient(emit, both, gradients.vectors, weight, bias.gradient);
    },
  };
}
