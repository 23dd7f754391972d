/** The layers of a model that have parameters, as PyTorch's modules have them. */
import { InputError } from "../errors.js";
import type { Parameter } from "../graph/parameter.js";
import type { Definition } from "../layers/layer.js";
import type { Model } from "../model/model.js";
import { gatesOf, type Kind } from "./modules.js";

/** By their names in the layer, for example `weightInput`. */
export type Parameters = ReadonlyMap<string, Parameter>;

export interface ParameterisedLayer {
  /** For example `1.lstm`; of a bidirectional layer that of both. */
  readonly path: string;
  readonly kind: Kind;
  /** Of a bidirectional layer two, forwards and backwards. */
  readonly directions: readonly Parameters[];
}

/** The layers in the order of their parameters. InputError for a layer that PyTorch has not. */
export function layersOf(model: Model): ParameterisedLayer[] {
  const pairs = new Set<string>();
  for (const [index, layer] of (model.definition?.layers ?? []).entries()) addPairs(pairs, `${index}`, layer);
  const layers = new Map<string, Map<string, Map<string, Parameter>>>();
  for (const parameter of model.network.parameters) {
    const parts = parameter.path.split(".");
    const name = parts.pop()!;
    const own = parts.join(".");
    const around = parts.slice(0, -2).join(".");
    const path = pairs.has(around) || parts.at(-3) === "bidirectional" ? around : own;
    const directions = layers.get(path) ?? new Map<string, Map<string, Parameter>>();
    layers.set(path, directions);
    const found = directions.get(own) ?? new Map<string, Parameter>();
    directions.set(own, found);
    found.set(name, parameter);
  }
  return [...layers].map(([path, both]) => {
    const directions = [...both.values()];
    const kind = kindOf(directions[0]!);
    if (kind) return { path, kind, directions };
    throw new InputError({
      where: path,
      expected: "a layer that PyTorch has",
      got: "one of this library's own",
    });
  });
}

/** Adds the paths of bidirectional layers: in a wiring a path has the name that a node is given, and not its kind. */
function addPairs(pairs: Set<string>, where: string, { layer, of, nodes }: Definition, name = layer): void {
  const path = `${where}.${name}`;
  if (layer === "bidirectional") pairs.add(path);
  if (Array.isArray(of))
    for (const [index, inner] of of.entries()) addPairs(pairs, `${path}.${index}`, inner);
  if (!Array.isArray(nodes)) return;
  for (const node of nodes) if ("layer" in node.of) addPairs(pairs, path, node.of, node.name);
}

/** What a layer is, by its parameters; undefined: nothing that PyTorch has. */
function kindOf(parameters: Parameters): Kind | undefined {
  const [hidden, projection] = ["weightHidden", "weightProjection"].map(
    (name) => parameters.get(name)?.shape,
  );
  if (hidden) return gatesOf.get(hidden[1]! / (projection ?? hidden)[0]!);
  if (parameters.has("gain")) return "layerNorm";
  const weight = parameters.get("weight");
  return weight && (weight.scaled === "rows" ? "embedding" : "linear");
}
