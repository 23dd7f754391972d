/** Values and parameters of our own through any function of the library: its outputs, and the gradients of all that goes in. */
import type { Engine } from "../../ts/engine/engine.js";
import type { Graph, Value } from "../../ts/graph/graph.js";
import { readParameter, rowLayout, writeParameter } from "../../ts/graph/parameter.js";
import { addressOf, type Place, place, type Span, span } from "../../ts/graph/span.js";
import { features } from "../../ts/layers/input.js";
import type { Loss } from "../../ts/model/losses.js";
import { Network } from "../../ts/model/network.js";
import { pack, unpack } from "../kernels/operands.js";
import { expectZeros } from "../reference/compare.js";
import { type Matrix, matrix } from "../reference/matrix.js";

export interface Probe {
  readonly batch: number;
  /** Each [steps][batch] rows. */
  readonly inputs: readonly Matrix[];
  /** By path; those that are missing stay as they are drawn. */
  readonly parameters?: ReadonlyMap<string, Matrix>;
  record(...inputs: readonly Value[]): readonly Value[];
  /** The gradients of the outputs. */
  readonly upstream: readonly Matrix[];
}

/** A value that the host writes and whose gradient it can read. */
interface Leaf {
  readonly value: Value;
  readonly gradient: Span;
}

function leaf(graph: Graph, batch: number, { rows, columns }: Matrix): Leaf {
  const { count } = rowLayout(rows, columns);
  const value = graph.value(
    { steps: rows / batch, batch, width: columns },
    place(span("leaf", count, { role: "given" })),
  );
  const gradient = span("gradient of leaf", count, { role: "kept" });
  graph.apply({
    inputs: [],
    output: value,
    forward(emit) {
      emit("zero", { to: gradient, count });
    },
    backward({ emit, dOutput }) {
      emit("copy", { from: dOutput, to: gradient, count });
    },
  });
  return { value, gradient };
}

/** Runs forward and backward; the loss is the sum of outputs x upstream. Fails if padding is not zero. */
export function probe(engine: Engine, { batch, inputs, parameters, record, upstream }: Probe) {
  let leaves: readonly Leaf[] = [];
  let outputs: readonly Value[] = [];
  const network = new Network(engine, features(1), [
    ({ graph }) => {
      leaves = inputs.map((input) => leaf(graph, batch, input));
      outputs = record(...leaves.map(({ value }) => value));
      return outputs[0];
    },
  ]);
  for (const parameter of network.parameters) {
    const values = parameters?.get(parameter.path)?.values;
    if (values) writeParameter(engine, parameter, Float32Array.from(values));
  }

  const results: Span[] = [];
  const slopes: Span[] = [];
  const loss: Loss = {
    name: "weighted sum",
    targets: "features",
    record({ graph }) {
      for (const { steps, batch, stride } of outputs) {
        results.push(span("result", steps * batch * stride, { role: "kept" }));
        slopes.push(span("slope", steps * batch * stride, { role: "given" }));
      }
      const value = graph.apply({
        inputs: outputs,
        output: graph.value({ steps: 1, batch: 1, width: 1 }),
        forward(emit) {
          for (const [index, { place }] of outputs.entries()) {
            emit("copy", { from: place, to: results[index], count: results[index].count });
          }
        },
        backward({ emit, gradient }) {
          for (const [index, output] of outputs.entries()) {
            const to = gradient(output);
            if (to) emit("copy", { from: slopes[index], to, count: slopes[index].count });
          }
        },
      });
      return { value, losses: span("losses", 1), weights: span("weights", 1, { role: "given" }), count: 1 };
    },
  };
  const { plan, graph } = network.program({ batch, steps: 1 }, loss, "train");
  const { address } = graph.fresh;
  if (address !== undefined) engine.words.fill(1, address / 4, address / 4 + batch); // all rows begin
  const view = (at: Place | Span, count: number) =>
    engine.view(addressOf("span" in at ? at : place(at)), count);
  const read = (at: Place | Span, rows: number, columns: number) => {
    const layout = rowLayout(rows, columns);
    const stored = view(at, layout.count);
    const values = unpack(stored, layout);
    expectZeros(
      stored.filter((_, i) => i % layout.stride >= columns),
      "padding",
    );
    return values;
  };
  for (const [index, { value }] of leaves.entries()) {
    const { rows, columns, values } = inputs[index];
    const layout = rowLayout(rows, columns);
    if (value.place.span.address !== undefined) view(value.place, layout.count).set(pack(values, layout));
  }
  for (const [index, slope] of slopes.entries()) {
    const { rows, columns, values } = upstream[index];
    view(slope, slope.count).set(pack(values, rowLayout(rows, columns)));
  }
  for (const { place } of outputs) {
    const { span } = place;
    if (span.role === "temporary") view(span, span.count).fill(Number.NaN); // as others may leave it
  }
  plan.forward();
  plan.backward();
  const result = {
    outputs: outputs.map(({ steps, batch, width }, index) => read(results[index], steps * batch, width)),
    gradients: leaves.map(({ gradient }, index) => read(gradient, inputs[index].rows, inputs[index].columns)),
    parameters: new Map(
      network.parameters.map((parameter): [string, Matrix] => {
        const { rows, columns } = parameter.layout;
        return [parameter.path, matrix(rows, columns, readParameter(engine, parameter, parameter.gradient))];
      }),
    ),
  };
  plan.release();
  engine.release(network.gradients());
  engine.release(network.values);
  return result;
}
