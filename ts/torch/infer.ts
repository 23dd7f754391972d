/** A model from a state_dict alone, where its modules can only be one chain of layers. */
import type { EngineOptions } from "../engine/engine.js";
import { FormatError, InputError } from "../errors.js";
import { bidirectional } from "../layers/bidirectional.js";
import { dense } from "../layers/dense.js";
import { embedding } from "../layers/embedding.js";
import { features, type Input, tokens } from "../layers/input.js";
import type { Layer } from "../layers/layer.js";
import { layerNorm } from "../layers/layer-norm.js";
import { gru, lstm, rnn } from "../layers/recurrent.js";
import { type Model, model } from "../model/model.js";
import { type AssignTorchOptions, assignParts } from "./assign.js";
import { chainOf, type Link } from "./chain.js";
import { layersOf } from "./layers.js";
import { match, partsOf } from "./match.js";
import { type ModulePart, modulesOf } from "./modules.js";
import { readTorch } from "./state.js";

export interface FromTorchOptions extends AssignTorchOptions, EngineOptions {
  /** What modules of `nn.RNN` apply, which no file says; default tanh, as in PyTorch. */
  readonly nonlinearity?: "tanh" | "relu";
}

/**
 * A model of the layers whose weights a state_dict has: embedding, recurrent layers, normalisations and linear maps, one
 * after another, at every step, in the order of `modules` or in the only one in which their widths fit. FormatError where
 * that is not certain: for several orders, for attention, whose heads are not in it, or for two linear maps in a row, between which PyTorch's model may do anything.
 * Make such a model yourself, and call `assignTorch`.
 */
export async function fromTorch(bytes: Uint8Array, options: FromTorchOptions = {}): Promise<Model> {
  const { modules, prefix, limits, files, nonlinearity = "tanh", ...engine } = options;
  const parts = modulesOf(readTorch(bytes, options));
  const attending = parts.find(({ kinds }) => kinds.includes("attention"));
  if (attending) {
    throw new FormatError({
      where: `state_dict ${attending.name}`,
      expected: "modules that say all of what they compute",
      got: "attention, whose number of heads no state_dict has",
      hint: "make the model with model(...), for example multiHeadAttention(64, { heads: 4 }), and call assignTorch",
    });
  }
  const links = chainOf(modules ? partsOf(parts, modules) : parts, modules !== undefined);
  if (links.length === 0) throw new FormatError({ where: "state_dict", expected: "weights", got: "none" });
  const names = links.map(({ part }) => part.module);
  const [input, layers] = layersFor(links, nonlinearity);
  const made = await model(input, ...layers, engine);
  const parameterised = layersOf(made);
  assignParts(made.network, parameterised, match(parameterised, parts, names));
  return made;
}

/** What a chain reads and its layers. FormatError for widths that no layer has. */
function layersFor(links: readonly Link[], nonlinearity: "tanh" | "relu"): [Input, Layer[]] {
  const [{ kind, inputs }] = links as [Link];
  try {
    const input = kind === "embedding" ? tokens(inputs) : features(inputs);
    return [input, links.map((link) => layerFor(link, nonlinearity))];
  } catch (cause) {
    if (!(cause instanceof InputError)) throw cause;
    const { where, expected, got } = cause;
    throw new FormatError({ where: `state_dict ${where}`, expected, got, cause });
  }
}

function layerFor({ kind, part, outputs, units }: Link, activation: "tanh" | "relu"): Layer {
  if (kind === "embedding") return embedding(outputs);
  if (kind === "layerNorm") return layerNorm();
  if (kind === "linear") return dense(outputs, has(part, "bias") ? {} : { bias: false });
  const [projection] = part.directions[0]!.get("weight_hr")?.shape ?? [];
  const biases = has(part, "bias_ih") ? { biasHidden: true } : { bias: false };
  const layer =
    kind === "rnn"
      ? rnn(units, { ...biases, activation })
      : kind === "gru"
        ? gru(units, biases)
        : lstm(units, projection === undefined ? biases : { ...biases, projection });
  return part.directions.length > 1 ? bidirectional(layer) : layer;
}

function has({ directions }: ModulePart, tensor: string): boolean {
  return directions[0]!.has(tensor);
}
