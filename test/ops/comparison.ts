/** One network on the engine and in the float64 reference: the same parameters, data, carried states and masks. */
import type { Engine } from "../../ts/engine/engine.js";
import { readParameter, writeParameter } from "../../ts/graph/parameter.js";
import type { Input } from "../../ts/layers/input.js";
import type { Definition } from "../../ts/layers/layer.js";
import { crossEntropy } from "../../ts/model/losses.js";
import { Network } from "../../ts/model/network.js";
import type { Part } from "../../ts/model/program.js";
import { indices, normals } from "../reference/draw.js";
import { type Matrix, matrix } from "../reference/matrix.js";
import { network as reference } from "../reference/network.js";

export interface Trial {
  readonly input: Input;
  readonly batch: number;
  readonly steps: number;
}

export type Parameters = ReadonlyMap<string, Matrix>;

/** Data for one run, in the reference's order [steps][batch]. */
interface Window {
  readonly inputs: Matrix;
  readonly targets: Matrix;
}

const clock = { seed: 12345, step: 678 };

/** Two windows: the states after the first are carried to the second, whose gradients are taken. */
function drawWindows({ input, batch, steps }: Trial, classes: number): Window[] {
  const rows = steps * batch;
  return [1, 3].map((seed) => ({
    inputs:
      input.kind === "tokens"
        ? matrix(rows, 1, indices(rows, input.width, seed))
        : matrix(rows, input.width, normals(rows * input.width, seed)),
    targets: matrix(rows, 1, indices(rows, classes, seed + 1)),
  }));
}

/** Spread over [-1, 1] or so, but for products, which shall neither shrink nor blow up what they are given. */
function drawParameters(network: Network): Parameters {
  return new Map(
    network.parameters.map(({ path, shape, layout: { rows, columns } }, index) => {
      const deviation = shape.length === 1 || path.includes("embedding") ? 1 : 1 / Math.sqrt(rows);
      return [path, matrix(rows, columns, normals(rows * columns, 500 + index, deviation))];
    }),
  );
}

/** From the reference's order to the one in which users give data: [batch][steps]. */
function batchFirst({ columns, values }: Matrix, { batch, steps }: Trial) {
  const rearranged = values.map((_, i) => {
    const row = Math.floor(i / columns);
    const from = (row % steps) * batch + Math.floor(row / steps);
    return values[from * columns + (i % columns)];
  });
  return { batch, steps, values: rearranged };
}

/** The engine's losses of both windows and the gradients of the second. */
export function runOnEngine(engine: Engine, trial: Trial, parts: readonly Part[]) {
  const network = new Network(engine, trial.input, parts);
  const parameters = drawParameters(network);
  for (const parameter of network.parameters) {
    writeParameter(engine, parameter, Float32Array.from(parameters.get(parameter.path)!.values));
  }
  const program = network.program(trial, crossEntropy(), "train");
  const { plan, graph } = program;
  if (graph.clock.address !== undefined) engine.words.set([clock.seed, clock.step], graph.clock.address / 4);
  const means = drawWindows(trial, network.width).map((window, index) => {
    if (index > 0) plan.carry();
    network.begin(program, batchFirst(window.inputs, trial), index > 0);
    network.aim(program, batchFirst(window.targets, trial));
    plan.forward();
    return network.lossOf(program);
  });
  plan.backward();
  const gradients = new Map(
    network.parameters.map((parameter) => [
      parameter.path,
      readParameter(engine, parameter, parameter.gradient),
    ]),
  );
  plan.release();
  engine.release(network.gradients());
  engine.release(network.values);
  return { classes: network.width, parameters, losses: means, gradients };
}

/** The same in the reference. `lossOf` gives the loss of the second window with other parameters. */
export function runInReference(
  trial: Trial,
  layers: readonly Definition[],
  classes: number,
  parameters: Parameters,
) {
  const [first, second] = drawWindows(trial, classes);
  const setting = { layers, parameters, batch: trial.batch, states: [], clock };
  const before = reference(setting, first.inputs, first.targets.values);
  const run = (parameters: Parameters) =>
    reference({ ...setting, parameters, states: before.last }, second.inputs, second.targets.values);
  const { loss, gradients } = run(parameters);
  return {
    losses: [before.loss, loss],
    gradients: gradients(),
    lossOf: (parameters: Parameters) => run(parameters).loss,
  };
}
