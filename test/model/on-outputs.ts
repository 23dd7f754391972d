/** A loss on outputs of our own: what it is for a batch and for each row, and the gradient of the outputs. */
import type { Tensor } from "../../ts/data/tensor.js";
import type { Engine } from "../../ts/engine/engine.js";
import type { Value } from "../../ts/graph/graph.js";
import { type Parameter, readParameter, writeParameter } from "../../ts/graph/parameter.js";
import { addressOf, place, type Span, span } from "../../ts/graph/span.js";
import { features } from "../../ts/layers/input.js";
import { type Example, feed } from "../../ts/model/feed.js";
import type { Loss } from "../../ts/model/losses.js";
import { Network } from "../../ts/model/network.js";
import type { Part } from "../../ts/model/program.js";
import { Programs } from "../../ts/model/programs.js";
import { expectZeros } from "../reference/compare.js";

export interface OnOutputs {
  /** The mean, as training reports it. */
  readonly loss: number;
  /** How much the batch counts. */
  readonly counted: number;
  /** Of every row, in the order [steps][batch]; of a loss of whole rows [batch]. */
  readonly losses: Float32Array;
  /** [batch][steps][width] */
  readonly gradient: Float32Array;
  /** Of the parameters, by path. */
  readonly gradients: ReadonlyMap<string, Float32Array>;
}

export interface OutputsExample extends Omit<Example, "inputs"> {
  /** [batch, steps, width] */
  readonly outputs: Tensor;
  /** In place of how much each row counts, which is then not divided by anything: in the order of `losses`. */
  readonly slopes?: ArrayLike<number>;
  /** A layer between the outputs and the loss, and its parameters by path; default none. */
  readonly ending?: {
    readonly layer: Part;
    readonly parameters: Readonly<Record<string, ArrayLike<number>>>;
  };
}

/** Feeds the outputs as training feeds inputs, and runs the loss forward and backward. Fails if padding is not zero. */
export function onOutputs(engine: Engine, loss: Loss, example: OutputsExample): OnOutputs {
  const { outputs, slopes, ending, ...rest } = example;
  const [batch, steps, width] = outputs.shape;
  let gradient: Span | undefined;
  let stride = 0;
  const leaf = (x: Value): Value => {
    const { graph, steps, batch } = x;
    const count = steps * batch * x.stride;
    const own = span("gradient of the outputs", count, { role: "kept" });
    const output = graph.value({ ...x, differentiable: true, overwritable: true });
    [gradient, stride] = [own, x.stride];
    return graph.apply({
      inputs: [x],
      output,
      forward(emit) {
        emit("zero", { to: own, count });
        emit("copy", { from: x.place, to: output.place, count });
      },
      backward({ emit, dOutput }) {
        emit("copy", { from: dOutput, to: own, count });
      },
    });
  };
  const network = new Network(engine, features(width), ending ? [leaf, ending.layer] : [leaf]);
  for (const parameter of network.parameters) {
    writeParameter(engine, parameter, Float32Array.from(ending!.parameters[parameter.path]!));
  }
  const programs = new Programs(network, loss, "train");
  try {
    const { program, counted } = feed(network, programs, { inputs: outputs, ...rest }, "batch");
    const { losses, weights, count } = program.recorded!;
    if (slopes) engine.view(addressOf(place(weights)), count).set(slopes);
    program.plan.forward();
    const mean = network.lossOf(program);
    program.plan.backward();
    const stored = engine.view(addressOf(place(gradient!)), steps * batch * stride);
    expectZeros(
      stored.filter((_, i) => i % stride >= width),
      "padding of the gradient",
    );
    const read = (parameter: Parameter) => readParameter(engine, parameter, parameter.gradient);
    return {
      loss: mean,
      counted,
      losses: engine.view(addressOf(place(losses)), count).slice(),
      gradient: Float32Array.from({ length: batch * steps * width }, (_, i) => {
        const [row, step] = [Math.floor(i / (steps * width)), Math.floor(i / width) % steps];
        return stored[(step * batch + row) * stride + (i % width)];
      }),
      gradients: new Map(network.parameters.map((parameter) => [parameter.path, read(parameter)])),
    };
  } finally {
    programs.release();
  }
}
