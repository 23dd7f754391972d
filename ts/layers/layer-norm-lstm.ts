/** The LSTM whose products and cell state are normalised inside. */
import { lstmNormalisedCell } from "../cells/lstm-normalised.js";
import { requireOptions } from "./layer.js";
import { type LstmOptions, type RecurrentLayer, recurrent, requireForgetBias } from "./recurrent.js";

const known: readonly (keyof LayerNormLstmOptions)[] = [
  ...(["reverse", "initial", "weightDrop", "recurrentDropout", "recurrentDropoutPerStep"] as const),
  ...(["zoneout", "zoneoutCell", "forgetBias"] as const),
];

export interface LayerNormLstmOptions
  extends Omit<
    LstmOptions,
    | ("bias" | "biasHidden" | "clip" | "projection" | "coupled" | "peepholes")
    | ("gateActivation" | "candidateActivation" | "cellActivation")
  > {}

/**
 * Long short-term memory with layer normalisation (Ba, Kiros & Hinton 2016), where N brings all that is in its brackets to mean
 * 0 and variance 1 and the gains are learned rows:
 *
 *     [i f g o] = gainInput N(x Wx) + b + gainHidden N(h(t-1) Wh)      c(t) = f c(t-1) + i g
 *     h(t) = o tanh(gainCell N(c(t)) + shiftCell)
 *
 * Weights, gates and what they begin with are those of `lstm`.
 */
export function layerNormLstm(units: number, options: LayerNormLstmOptions = {}): RecurrentLayer {
  requireOptions("layerNormLstm", options, known);
  const { forgetBias = 1 } = options;
  requireForgetBias("layerNormLstm", forgetBias);
  return recurrent("layerNormLstm", units, options, lstmNormalisedCell(forgetBias), (reverse) =>
    layerNormLstm(units, { ...options, reverse }),
  );
}
