/** The layers of a model that have parameters, as PyTorch's modules have them. */
import { InputError } from "../errors.js";
import type { Parameter } from "../graph/parameter.js";
import type { Network } from "../model/network.js";
import type { Kind } from "./modules.js";

/** By their names in the layer, for example `weightInput`. */
export type Parameters = ReadonlyMap<string, Parameter>;

export interface ParameterisedLayer {
  /** For example `1.lstm`; of a bidirectional layer that of both. */
  readonly path: string;
  readonly kind: Kind;
  /** Of a bidirectional layer two, forwards and backwards. */
  readonly directions: readonly Parameters[];
}

/** By the names of our layers. */
const kinds = new Map<string, Kind>([
  ["dense", "linear"],
  ["embedding", "embedding"],
  ["gru", "gru"],
  ["layerNorm", "layerNorm"],
  ["lstm", "lstm"],
  ["rnn", "rnn"],
]);

/** In the order of their parameters. InputError for a layer that PyTorch has not. */
export function layersOf({ parameters }: Network): ParameterisedLayer[] {
  const layers = new Map<string, Map<string, Map<string, Parameter>>>();
  for (const parameter of parameters) {
    const parts = parameter.path.split(".");
    const name = parts.pop()!;
    const own = parts.join(".");
    const path = parts.at(-3) === "bidirectional" ? parts.slice(0, -2).join(".") : own;
    const directions = layers.get(path) ?? new Map<string, Map<string, Parameter>>();
    layers.set(path, directions);
    const found = directions.get(own) ?? new Map<string, Parameter>();
    directions.set(own, found);
    found.set(name, parameter);
  }
  return [...layers].map(([path, directions]) => {
    const [own] = directions.keys();
    const kind = kinds.get(own!.slice(own!.lastIndexOf(".") + 1));
    if (!kind) {
      throw new InputError({
        where: path,
        expected: "a layer that PyTorch has",
        got: "one of this library's own",
      });
    }
    return { path, kind, directions: [...directions.values()] };
  });
}
