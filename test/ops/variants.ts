/** Cells with every option, and parameters and data for them. */
import type { Cell, CellRun } from "../reference/cells.js";
import { normalMatrix } from "../reference/draw.js";

/** Parameters and data for a cell of so many gates. */
export function draw(
  cell: Cell,
  { inputs, units, batch, steps }: Record<"inputs" | "units" | "batch" | "steps", number>,
  extras: readonly string[] = [],
): CellRun {
  const gates = { rnn: 1, gru: 3, lstm: 4 }[cell.cell];
  const deviation = 1 / Math.sqrt(units);
  const kept = extras.includes("weightProjection") ? Math.ceil(units / 2) : units;
  const wide = ["gainInput", "gainHidden"];
  const shapes: Record<string, [number, number]> = {
    weightInput: [inputs, gates * units],
    weightHidden: [kept, gates * units],
    bias: [1, gates * units],
    ...(!extras.includes("gainInput") && { biasHidden: [1, gates * units] }),
    ...Object.fromEntries(
      extras.map((name) => [
        name,
        name === "weightProjection" ? [units, kept] : [1, wide.includes(name) ? gates * units : units],
      ]),
    ),
  };
  const widths = cell.cell === "lstm" ? [kept, units] : [units];
  return {
    cell,
    x: normalMatrix(steps * batch, inputs, 1),
    initial: widths.map((width, index) => normalMatrix(batch, width, 2 + index)),
    parameters: new Map(
      Object.entries(shapes).map(([name, [rows, columns]], index) => [
        name,
        normalMatrix(rows, columns, 10 + index, deviation),
      ]),
    ),
    upstream: widths.map((width, index) => normalMatrix(steps * batch, width, 4 + index)),
  };
}

/** Sizes around the lanes; `from`: the least for which a cell is not degenerate. */
export function sizes({ from = 1 }: { readonly from?: number | undefined }): number[] {
  return [1, 3, 4, 5, 8, 13, 64].filter((units) => units >= from);
}

const peepholes = ["peepholeInput", "peepholeForget", "peepholeOutput"];

export const variants: readonly { name: string; cell: Cell; extras?: readonly string[]; from?: number }[] = [
  { name: "rnn, clipped", cell: { cell: "rnn", options: { clip: 0.7 } } },
  {
    name: "rnn of scaled tanh",
    cell: { cell: "rnn", options: { activation: { name: "scaledTanh", alpha: 1.2, beta: 0.5 } } },
  },
  { name: "gru, reset after", cell: { cell: "gru" } },
  { name: "gru, reset before", cell: { cell: "gru", options: { resetAfter: false } } },
  { name: "gru, update weighting the candidate", cell: { cell: "gru", options: { update: "candidate" } } },
  {
    name: "gru as the notes have it, clipped",
    cell: { cell: "gru", options: { resetAfter: false, update: "candidate", clip: 0.9 } },
  },
  {
    name: "gru of hard sigmoid and softsign",
    cell: { cell: "gru", options: { gates: "hardSigmoid", candidate: "softsign" } },
  },
  { name: "lstm", cell: { cell: "lstm" } },
  { name: "lstm, clipped", cell: { cell: "lstm", options: { clip: 0.5 } } },
  { name: "lstm with coupled gates", cell: { cell: "lstm", options: { coupled: true } } },
  { name: "lstm with peepholes", cell: { cell: "lstm" }, extras: peepholes },
  {
    name: "lstm with peepholes, coupled gates and clipping",
    cell: { cell: "lstm", options: { coupled: true, clip: 1.5 } },
    extras: peepholes,
  },
  {
    name: "lstm with layer normalisation",
    cell: { cell: "lstm" },
    extras: ["gainInput", "gainHidden", "gainCell", "shiftCell"],
    from: 3, // of one unit, whose size does not matter, the gradients are zero but for epsilon
  },
  { name: "lstm with a projection", cell: { cell: "lstm" }, extras: ["weightProjection"] },
  {
    name: "lstm of other functions",
    cell: {
      cell: "lstm",
      options: { gates: "hardSigmoid", candidate: { name: "elu", alpha: 0.8 }, output: "softsign" },
    },
  },
];
