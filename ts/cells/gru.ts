import { kernels as recurrences } from "../engine/recurrences.gen.js";
import { orthogonal, zeros } from "../graph/initialisers.js";
import { matrixParameter, panelColumns, vectorParameter } from "../graph/parameter.js";
import { place, span } from "../graph/span.js";
import { type Activation, activationCode } from "../ops/activation.js";
import { emitTranspose, emitWeightGradient, type Matrix, roomFor } from "../ops/product.js";
import { type Cell, type Run, sourceRows } from "./cell.js";

/** What both forms share. */
export interface GruVariant {
  /** Of the reset and the update gate. */
  readonly gateActivation: Activation;
  readonly candidateActivation: Activation;
  /** Bound of the pre-activations, 0 for none. */
  readonly clip: number;
  /** What the update gate weights: the old state, as almost everywhere, or the candidate, as in Cho et al. 2014. */
  readonly update: "state" | "candidate";
}

function operands(variant: GruVariant, { lengths, steps, batch, units, reverse }: Run) {
  const f = activationCode("gru.gateActivation", variant.gateActivation);
  const g = activationCode("gru.candidateActivation", variant.candidateActivation);
  const plain =
    variant.gateActivation === "sigmoid" && variant.candidateActivation === "tanh" && !variant.clip;
  return {
    lengths,
    candidateUpdate: variant.update === "candidate" ? 1 : 0,
    variant: plain ? 0 : 1,
    ...{ f: f.code, fAlpha: f.alpha, fBeta: f.beta },
    ...{ g: g.code, gAlpha: g.alpha, gBeta: g.beta },
    clip: variant.clip,
    steps,
    batch,
    units,
    reverse,
    from: 0,
    to: batch,
  } as const;
}

const gates = ["reset", "update", "candidate"];

/** Gated recurrent unit, reset gate applied after the product: PyTorch, cuDNN, Keras' default. */
export function gruCell(variant: GruVariant, hiddenBias: boolean): Cell {
  activationCode("gru.gateActivation", variant.gateActivation);
  activationCode("gru.candidateActivation", variant.candidateActivation);
  return {
    name: "gru",
    gates,
    states: ["hidden"],
    ownHiddenBias: true,
    record(run) {
      run.graph.use(recurrences);
      const { graph, steps, batch, units, columns } = run;
      const rows = steps * batch;
      const weight = run.weight("weightHidden", matrixParameter(units, 3, units, orthogonal(3)));
      const bias = hiddenBias ? graph.parameter("biasHidden", vectorParameter(3, units, zeros)) : undefined;
      const products = place(span("products", rows * columns));
      const shared = { gates: run.gates, products, ...operands(variant, run) };
      return {
        forward(emit, walk) {
          const own = {
            weight: weight.value,
            quantised: roomFor(weight, batch),
            bias: bias?.value ?? (0 as const),
            ...shared,
          };
          walk((stretch) => emit("gruForward", { ...own, ...stretch }));
        },
        backward(emit, dHidden, walk) {
          const transposed = emitTranspose(emit, weight, units, columns);
          walk((stretch) => emit("gruBackward", { dHidden, transposed, ...shared, ...stretch }));
          const dProducts: Matrix = { place: products, rows, width: columns, stride: columns };
          emitWeightGradient(emit, sourceRows(run, units), dProducts, weight, bias?.gradient ?? 0);
        },
      };
    },
  };
}

/** Gated recurrent unit, reset gate applied before the product: Cho et al. 2014, ONNX and Keras by option. */
export function gruResetFirstCell(variant: GruVariant): Cell {
  activationCode("gru.gateActivation", variant.gateActivation);
  activationCode("gru.candidateActivation", variant.candidateActivation);
  return {
    name: "gru",
    gates,
    states: ["hidden"],
    record(run) {
      run.graph.use(recurrences);
      const { steps, batch, units, stride } = run;
      const rows = steps * batch;
      const pairColumns = panelColumns(2, units);
      const weight = run.weight("weightHidden", matrixParameter(units, 2, units, orthogonal(2)));
      const candidateWeight = run.weight("weightCandidate", matrixParameter(units, 1, units, orthogonal(1)));
      const resets = place(span("resets", rows * stride));
      const shared = { gates: run.gates, resets, ...operands(variant, run) };
      return {
        forward(emit, walk) {
          const own = {
            pair: place(span("pair", batch * pairColumns)),
            candidate: place(span("candidate", batch * stride)),
            weight: weight.value,
            candidateWeight: candidateWeight.value,
            quantised: roomFor(weight, batch),
            ...shared,
          };
          walk((stretch) => emit("gruResetFirstForward", { ...own, ...stretch }));
        },
        backward(emit, dHidden, walk) {
          const dPairs = place(span("gradient of the pairs", rows * pairColumns));
          const dCandidates = place(span("gradient of the candidates", rows * stride));
          const own = {
            dHidden,
            dPairs,
            dCandidates,
            dReset: place(span("gradient of the resets", batch * stride)),
            transposed: emitTranspose(emit, weight, units, pairColumns),
            candidateTransposed: emitTranspose(emit, candidateWeight, units, stride),
            ...shared,
          };
          walk((stretch) => emit("gruResetFirstBackward", { ...own, ...stretch }));
          const dPair: Matrix = { place: dPairs, rows, width: pairColumns, stride: pairColumns };
          const dCandidate: Matrix = { place: dCandidates, rows, width: stride, stride };
          emitWeightGradient(emit, sourceRows(run, units), dPair, weight, 0);
          emitWeightGradient(
            emit,
            { place: resets, rows, width: units, stride },
            dCandidate,
            candidateWeight,
            0,
          );
        },
      };
    },
  };
}
