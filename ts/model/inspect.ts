/** Looking inside the recurrent layers of a model: gates, states, and the gradients that arrive at each step. */
import type { Tensor } from "../data/tensor.js";
import { LINE, roundUp } from "../engine/address.js";
import type { Observation } from "../graph/graph.js";
import { panelColumns, panelLayout } from "../graph/parameter.js";
import { addressOf, type Place } from "../graph/span.js";
import type { Named } from "../layers/input.js";
import type { Data } from "./data.js";
import { type Inspected, inspected } from "./feed.js";
import type { Model } from "./model.js";

export type InspectOptions = Inspected;

/** What a recurrent layer did with the data. */
export interface Inspection {
  /** For example `1.lstm`. */
  readonly path: string;
  /** What each gate let through, [batch, steps, units] by its name; empty for a simple network, whose gate is its state. */
  readonly gates: Readonly<Record<string, Tensor>>;
  /** Each state after every step, [batch, steps, units] by its name. */
  readonly states: Readonly<Record<string, Tensor>>;
  readonly gradients: InspectedGradients | undefined;
}

/** How the loss reaches back through a recurrent layer. */
export interface InspectedGradients {
  /** The gradient of the hidden state after each step, by all ways that lead on from there, [batch, steps, units]. */
  readonly hidden: Tensor;
  /** Its Euclidean norm at each step, over the batch: where it falls towards the first steps, it vanishes. */
  readonly norms: Float32Array;
  /** The gradient of the sum that goes into each gate, [batch, steps, gates units]; each step's share of the weights' gradients is made of it. */
  readonly sums: Tensor;
}

/**
 * Looks inside the recurrent layers of a model: gates and states at every step and, with a loss and targets, the gradients
 * that arrive there. Changes nothing.
 */
export async function inspect(
  model: Model,
  data: Data | Named<Data>,
  options: InspectOptions = {},
): Promise<Inspection[]> {
  const { engine } = model.network;
  const program = inspected("inspect", model.network, data, options);
  const { loss } = options;
  try {
    program.plan.forward();
    const read = (place: Place, rows: Rows) => rearrange(engine.floats, addressOf(place) / 4, rows);
    const { observations } = program.graph;
    const seen = observations.map((observation) => {
      const { path, gates, gateRows, states } = observation;
      const shown = gates.length === 1 ? [] : gates;
      return {
        path,
        gates: Object.fromEntries(
          shown.map((name, gate) => [name, read(gateRows, gateColumns(observation, [gate]))]),
        ),
        states: Object.fromEntries(
          states.map(({ name, width, rows }) => [name, read(rows, whole(observation, width))]),
        ),
      };
    });
    if (!loss) return seen.map((layer) => ({ ...layer, gradients: undefined }));
    program.plan.backward();
    return seen.map((layer, index) => {
      const observation = observations[index]!;
      const { dHidden, gateRows, gates, states } = observation;
      if (!dHidden) return { ...layer, gradients: undefined };
      const hidden = read(dHidden, whole(observation, states[0]!.width));
      const sums = read(gateRows, gateColumns(observation, [...gates.keys()]));
      return { ...layer, gradients: { hidden, norms: normsOf(hidden), sums } };
    });
  } finally {
    program.plan.release();
  }
}

interface Rows {
  readonly batch: number;
  readonly steps: number;
  readonly stride: number;
  /** Where the numbers of a row lie. */
  readonly columns: readonly number[];
}

function gateColumns({ batch, steps, units, gates }: Observation, chosen: readonly number[]): Rows {
  const { start } = panelLayout(1, gates.length, units);
  const columns = chosen.flatMap((gate) =>
    Array.from({ length: units }, (_, unit) => start(gate * units + unit)),
  );
  return { batch, steps, stride: panelColumns(gates.length, units), columns };
}

function whole({ batch, steps }: Observation, width: number): Rows {
  return { batch, steps, stride: roundUp(width, LINE), columns: Array.from({ length: width }, (_, i) => i) };
}

/** From [steps][batch] rows to [batch, steps, columns]. */
function rearrange(floats: Float32Array, at: number, { batch, steps, stride, columns }: Rows): Tensor {
  const data = new Float32Array(batch * steps * columns.length);
  for (let row = 0, to = 0; row < batch; row++) {
    for (let step = 0; step < steps; step++) {
      const from = at + (step * batch + row) * stride;
      for (const column of columns) data[to++] = floats[from + column]!;
    }
  }
  return { shape: [batch, steps, columns.length], data };
}

function normsOf({ shape, data }: Tensor): Float32Array {
  const [, steps, width] = shape as [number, number, number];
  const squares = new Float64Array(steps);
  data.forEach((x, i) => {
    squares[Math.floor(i / width) % steps]! += x * x;
  });
  return Float32Array.from(squares, Math.sqrt);
}
