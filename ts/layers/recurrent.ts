/** Recurrent layers: a cell, its weights, and the recurrence over the steps. */
import type { Cell } from "../cells/cell.js";
import { lstmCell } from "../cells/lstm.js";
import type { Value } from "../graph/graph.js";
import { type Initialiser, panelLayout } from "../graph/parameter.js";
import { recurrence } from "../ops/recurrence.js";
import { glorotUniform, openGate, orthogonal, zeros } from "./initialisers.js";
import { type Layer, layer, requireFeatures, requireWidth } from "./layer.js";

export interface LstmOptions {
  /** A second bias, added to the first, as PyTorch keeps it; default false. */
  readonly biasHidden?: boolean;
}

/**
 * Long short-term memory: [steps][batch][inputs] to the hidden states [steps][batch][units].
 *
 *     [i f g o] = x Wx + b + h(t-1) Wh      c(t) = f c(t-1) + i g      h(t) = o tanh(c(t))
 *
 * Weights are [inputs, 4 units] and [units, 4 units], gates in the order input, forget, candidate, output. Begins with
 * Glorot-uniform input weights, orthogonal hidden weights and a forget bias of 1.
 */
export function lstm(units: number, options: LstmOptions = {}): Layer {
  requireWidth("lstm.units", units);
  const { biasHidden = false } = options;
  return layer({ layer: "lstm", units, biasHidden: biasHidden || undefined }, (x) =>
    recurrent(x, lstmCell, units, { bias: openGate(1, 4), biasHidden }),
  );
}

function recurrent(
  x: Value,
  cell: Cell,
  units: number,
  { bias, biasHidden }: { bias: Initialiser; biasHidden: boolean },
): Value {
  requireFeatures(x);
  const gates = cell.gates.length;
  const matrix = (name: string, rows: number, initialise: Initialiser) =>
    x.graph.parameter(name, {
      layout: panelLayout(rows, gates, units),
      shape: [rows, gates * units],
      initialise,
      decays: true,
    });
  const vector = (name: string, initialise: Initialiser) =>
    x.graph.parameter(name, {
      layout: panelLayout(1, gates, units),
      shape: [gates * units],
      initialise,
      decays: false,
    });
  return recurrence(x, cell, {
    input: matrix("weightInput", x.width, glorotUniform(gates)),
    hidden: matrix("weightHidden", units, orthogonal(gates)),
    bias: vector("bias", bias),
    biasHidden: biasHidden ? vector("biasHidden", zeros) : undefined,
  });
}
