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
  /** Of a layer within a transformer: the path of that, and its own name in a nn.TransformerEncoder or -Decoder. */
  readonly inside?: Inside | undefined;
}

interface Inside {
  readonly path: string;
  /** For example `layers.0`. */
  readonly block: string;
  /** For example `self_attn`. */
  readonly role: string;
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
  const before = new Map<string, number>();
  return [...layers].map(([path, both]) => {
    const directions = [...both.values()];
    const kind = kindOf(directions[0]!);
    if (kind) return { path, kind, directions, inside: insideOf(path, kind, before) };
    throw new InputError({
      where: path,
      expected: "a layer that PyTorch has",
      got: "one of this library's own",
    });
  });
}

const block = /^(.*)\.(\d+)\.block\.\d+\.[^.]+$/s;
/** The names of the layers of a block by their kinds, in the order in which they are applied. */
const roles: Partial<Record<Kind, readonly string[]>> = {
  attention: ["self_attn", "multihead_attn"],
  linear: ["linear1", "linear2"],
  layerNorm: ["norm1", "norm2", "norm3"],
};

/** Where a layer is in a transformer. `before`: how many of each kind a block had so far. */
function insideOf(path: string, kind: Kind, before: Map<string, number>): Inside | undefined {
  const [, transformer, number] = block.exec(path) ?? [];
  if (transformer === undefined) return undefined;
  const key = `${transformer} ${number} ${kind}`;
  const count = before.get(key) ?? 0;
  before.set(key, count + 1);
  const role = roles[kind]?.[count];
  return role === undefined ? undefined : { path: transformer, block: `layers.${number}`, role };
}

/**
 * A module's name for each layer, of names for each or of names in which every transformer has one. InputError for other
 * numbers of names.
 */
export function namesOf(
  where: string,
  layers: readonly ParameterisedLayer[],
  names: readonly string[],
): readonly string[] {
  if (Array.isArray(names) && names.length === layers.length) return names;
  const named = [...new Set(layers.map(({ path, inside }) => inside?.path ?? path))];
  if (!Array.isArray(names) || names.length !== named.length) {
    throw new InputError({
      where,
      expected: `a name for each of ${named.join(", ")}`,
      got: Array.isArray(names) ? `${names.length} names` : String(names),
    });
  }
  return layers.map(({ path, inside }) => nameOf(names[named.indexOf(inside?.path ?? path)]!, inside));
}

/** The name of a module, or of what is within it. */
export function nameOf(module: string, inside: Inside | undefined): string {
  return inside ? [module, inside.block, inside.role].filter((part) => part !== "").join(".") : module;
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
  if (parameters.has("weightOutput") && parameters.has("weightQuery")) return "attention";
  if (parameters.has("vectors")) return "embedding";
  const weight = parameters.get("weight");
  return weight && (weight.scaled === "rows" ? "embedding" : "linear");
}
