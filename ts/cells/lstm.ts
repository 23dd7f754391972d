import { normal, orthogonal } from "../graph/initialisers.js";
import { matrixParameter, rowsParameter } from "../graph/parameter.js";
import { type Activation, activationCode } from "../ops/activation.js";
import { emitTranspose, emitWeightGradient, roomFor } from "../ops/product.js";
import { type Cell, gateRows, sourceRows } from "./cell.js";

/** What may differ from the plain cell. */
export interface LstmVariant {
  /** Of the input, forget and output gate. */
  readonly gateActivation: Activation;
  readonly candidateActivation: Activation;
  /** Of the cell state on its way to the output. */
  readonly cellActivation: Activation;
  /** Bound of the gates' pre-activations, 0 for none. */
  readonly clip: number;
  /** f = 1 - i (Greff et al. 2017). */
  readonly coupled: boolean;
  /** What the bias of the forget gate begins with. */
  readonly forgetBias: number;
  /** Gates see the cell state (Gers, Schraudolph & Schmidhuber 2002). */
  readonly peepholes: boolean;
}

/** Long short-term memory, gates in PyTorch's order. Hochreiter & Schmidhuber 1997; Gers, Schmidhuber & Cummins 2000. */
export function lstmCell(variant: LstmVariant): Cell {
  const { clip, coupled, peepholes, forgetBias } = variant;
  const f = activationCode("lstm.gateActivation", variant.gateActivation);
  const g = activationCode("lstm.candidateActivation", variant.candidateActivation);
  const h = activationCode("lstm.cellActivation", variant.cellActivation);
  const plain =
    variant.gateActivation === "sigmoid" &&
    [g, h].every(({ code }) => code === activationCode("", "tanh").code);
  return {
    name: "lstm",
    gates: ["input", "forget", "candidate", "output"],
    states: ["hidden", "cell"],
    open: { gate: 1, bias: forgetBias },
    record(run) {
      const { graph, steps, batch, units, lengths, reverse, gates, columns, states, results } = run;
      const weight = run.weight("weightHidden", matrixParameter(units, 4, units, orthogonal(4)));
      const holes = peepholes
        ? graph.parameter("peepholes", rowsParameter(3, units, normal(0.1)))
        : undefined;
      const shared = {
        gates,
        lengths,
        peepholes: holes?.value ?? 0,
        variant: plain && !clip && !coupled && !peepholes ? 0 : 1,
        coupled: coupled ? 1 : 0,
        ...{ f: f.code, fAlpha: f.alpha, fBeta: f.beta },
        ...{ g: g.code, gAlpha: g.alpha, gBeta: g.beta },
        ...{ h: h.code, hAlpha: h.alpha, hBeta: h.beta },
        clip,
        steps,
        batch,
        units,
        reverse,
        from: 0,
        to: batch,
      } as const;
      return {
        forward(emit, walk) {
          const own = { weight: weight.value, quantised: roomFor(weight, batch), ...shared };
          walk((stretch) => emit("lstmForward", { ...own, ...stretch }));
        },
        backward(emit, dHidden, walk) {
          const transposed = emitTranspose(emit, weight, units, columns);
          walk((stretch) => emit("lstmBackward", { dHidden, transposed, ...shared, ...stretch }));
          emitWeightGradient(emit, sourceRows(run, units), gateRows(run), weight, 0);
          if (!holes) return;
          emit("lstmPeepholeGradient", {
            ...{ gates, states, results, dPeepholes: holes.gradient },
            ...{ steps, batch, units, reverse, from: 0, to: Math.ceil(units / 4) },
          });
        },
      };
    },
  };
}
