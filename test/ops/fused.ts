/** A fused layer of the library and its parameters for a cell of the reference. */
import { gru, layerNormLstm, lstm, type RecurrentLayer, rnn } from "../../ts/index.js";
import type { RecurrentOptions } from "../../ts/layers/recurrent.js";
import type { Cell, CellRun } from "../reference/cells.js";
import { type Matrix, matrix } from "../reference/matrix.js";

/** The layer of the library that is this cell. */
export function layerOf(
  { cell, options = {} }: Cell,
  units: number,
  parameters: CellRun["parameters"],
  more: RecurrentOptions & { readonly zoneoutCell?: number } = {},
): RecurrentLayer {
  const { gates, candidate, output, ...others } = options as Record<string, never>;
  const named = Object.entries({
    gateActivation: gates,
    candidateActivation: candidate,
    cellActivation: output,
    peepholes: cell === "lstm" && parameters.has("peepholeInput") ? true : undefined,
    projection: parameters.get("weightProjection")?.columns,
    biasHidden: parameters.has("biasHidden") || undefined,
  }).filter(([, option]) => option !== undefined);
  const layer = parameters.has("gainInput") ? layerNormLstm : { rnn, gru, lstm }[cell];
  return layer(units, {
    ...others,
    ...Object.fromEntries(named),
    ...more,
  });
}

/** Columns [from, to) of a matrix. */
function columnsOf({ rows, columns, values }: Matrix, from: number, to: number): Matrix {
  return matrix(
    rows,
    to - from,
    values.filter((_, i) => i % columns >= from && i % columns < to),
  );
}

/** Parameters, or their gradients, as the layer keeps them. */
export function asKept(
  { cell, options }: Cell,
  units: number,
  parameters: ReadonlyMap<string, Matrix>,
): Map<string, Matrix> {
  const kept = new Map(parameters);
  if (cell === "gru" && options?.resetAfter === false) {
    const whole = parameters.get("weightHidden")!;
    kept.set("weightHidden", columnsOf(whole, 0, 2 * units));
    kept.set("weightCandidate", columnsOf(whole, 2 * units, 3 * units));
  }
  const peepholes = ["peepholeInput", "peepholeForget", "peepholeOutput"];
  if (parameters.has("peepholeInput")) {
    kept.set(
      "peepholes",
      matrix(
        3,
        units,
        peepholes.flatMap((name) => [...parameters.get(name)!.values]),
      ),
    );
    for (const name of peepholes) kept.delete(name);
  }
  const layer = parameters.has("gainInput") ? "layerNormLstm" : cell;
  return new Map([...kept].map(([name, value]) => [`0.${layer}.${name}`, value]));
}
