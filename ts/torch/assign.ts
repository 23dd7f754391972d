/** Weights of PyTorch in a model that is there. */
import { InputError } from "../errors.js";
import { type Parameter, writeParameter } from "../graph/parameter.js";
import type { Model } from "../model/model.js";
import type { Network } from "../model/network.js";
import { layersOf, type ParameterisedLayer } from "./layers.js";
import { match } from "./match.js";
import { type ModulePart, modulesOf } from "./modules.js";
import { readTorch, type StateOptions } from "./state.js";
import { fromTensors } from "./weights.js";

export interface AssignTorchOptions extends StateOptions {
  /**
   * The names of PyTorch's modules, one for each layer with parameters, in the order of the layers; a module of several
   * recurrent layers is named for each of them, a `nn.TransformerEncoder` once. Default: found by kinds and shapes, where that leaves no doubt.
   */
  readonly modules?: readonly string[];
}

/**
 * Replaces all parameters of a model by those of a state_dict (`readTorch`), gates, transposes and biases converted: two
 * biases are added where the layer has one. FormatError, naming the module or the tensor, and no change, unless modules and
 * layers fit one to one. What PyTorch's modules and the layers do with the weights (activations, order of the layers) is not in
 * such a file: that both compute the same is for the caller to say.
 */
export function assignTorch(model: Model, bytes: Uint8Array, options: AssignTorchOptions = {}): void {
  const { network } = model;
  if (network.parameters.some(({ int8 }) => int8)) {
    throw new InputError({ where: "assignTorch", expected: "a model of float32", got: "a quantised one" });
  }
  const layers = layersOf(model);
  assignParts(network, layers, match(layers, modulesOf(readTorch(bytes, options)), options.modules));
}

/** Replaces the parameters by those of the part for each layer. FormatError, and no change, for tensors that are no floats. */
export function assignParts(
  { engine }: Network,
  layers: readonly ParameterisedLayer[],
  parts: readonly ModulePart[],
): void {
  const values: [Parameter, Float32Array][] = [];
  for (const [index, { kind, directions }] of layers.entries()) {
    const part = parts[index]!;
    for (const [direction, parameters] of directions.entries()) {
      const converted = fromTensors(kind, parameters, part.directions[direction]!, part.name);
      for (const [name, data] of converted) values.push([parameters.get(name)!, data]);
    }
  }
  for (const [parameter, data] of values) writeParameter(engine, parameter, data);
}
