/** The modules of a state_dict, told by the names and shapes of their tensors. */
import { FormatError } from "../errors.js";
import type { Entry } from "../io/safetensors.js";

export type Kind = "embedding" | "linear" | "layerNorm" | "attention" | "rnn" | "lstm" | "gru";

/** A part of a module that is one layer of ours: all of it, or of a recurrent module one of its layers in all directions. */
export interface ModulePart {
  /** For example `encoder.lstm`; of several layers, with the number of this one. */
  readonly name: string;
  readonly module: string;
  readonly layer: number;
  /** What it can be: an embedding looks like a linear map without a bias. */
  readonly kinds: readonly Kind[];
  /** By the names of the module's tensors, without what says which layer and direction; first forwards, then backwards. */
  readonly directions: readonly Tensors[];
}

/** By what they are for, for example `weight_ih`. */
export type Tensors = ReadonlyMap<string, Entry>;

const leaf = /^(?:(.*)\.)?([^.]*)$/s;
/** What nn.MultiheadAttention has within a module of its own. */
const outputLeaf = /^(.*?)\.?(out_proj\.(?:weight|bias))$/s;
const recurrentLeaf = /^(weight_ih|weight_hh|weight_hr|bias_ih|bias_hh)(?:_l(0|[1-9]\d{0,3})(_reverse)?)?$/;
/** With one source for keys and values as wide as the queries, or others; with biases or without. */
const attentionRoles = [
  "in_proj_bias,in_proj_weight,out_proj.bias,out_proj.weight",
  "in_proj_weight,out_proj.weight",
  "in_proj_bias,k_proj_weight,out_proj.bias,out_proj.weight,q_proj_weight,v_proj_weight",
  "k_proj_weight,out_proj.weight,q_proj_weight,v_proj_weight",
];
/** Recurrent modules by how many gates they have: as many blocks of the hidden weight. */
export const gatesOf = new Map<number, Kind>([
  [1, "rnn"],
  [3, "gru"],
  [4, "lstm"],
]);

/** The modules of a state_dict, the layers of each in order. FormatError for a tensor that belongs to none that this library has. */
export function modulesOf(state: ReadonlyMap<string, Entry>): ModulePart[] {
  const modules = new Map<string, Map<number, [Map<string, Entry>, Map<string, Entry>]>>();
  for (const [name, entry] of state) {
    const [module, last] = placeOf(state, name);
    const recurrent = recurrentLeaf.exec(last);
    const [role, layer, reverse] = recurrent
      ? [recurrent[1]!, Number(recurrent[2] ?? 0), recurrent[3] !== undefined]
      : [last, 0, false];
    const layers = modules.get(module) ?? new Map();
    modules.set(module, layers);
    const directions = layers.get(layer) ?? [new Map(), new Map()];
    layers.set(layer, directions);
    const tensors = directions[reverse ? 1 : 0];
    if (tensors.has(role)) refuse(name, "a layer of a module or a cell", "both of one name");
    tensors.set(role, entry);
  }
  return [...modules].flatMap(([module, layers]) => {
    const numbers = [...layers.keys()].sort((a, b) => a - b);
    return numbers.map((layer, index) => {
      const [forward, backward] = layers.get(layer)!;
      const name = numbers.length > 1 ? `${module} layer ${layer}` : module;
      if (layer !== index) refuse(name, `layer ${index} before it`, "none");
      const directions = backward.size > 0 ? [forward, backward] : [forward];
      if (forward.has("bias_k") || forward.has("bias_v")) {
        refuse(`${name}.bias_k`, "attention to the source alone", "a learned step beside it");
      }
      const kinds = kindsOf(forward);
      if (kinds.length === 0 || directions.some((tensors) => kindsOf(tensors).join() !== kinds.join())) {
        const shapes = [...forward].map(([role, { shape }]) => `${role} [${shape}]`);
        refuse(name || "the state_dict", "a module that this library has", shapes.join(", ") || "no weights");
      }
      return { name, module, layer, kinds, directions };
    });
  });
}

/** The module that a tensor belongs to, and its name there. */
function placeOf(state: ReadonlyMap<string, Entry>, name: string): [module: string, tensor: string] {
  const [, around, output] = outputLeaf.exec(name) ?? [];
  if (around !== undefined && output) {
    const before = around && `${around}.`;
    if (["in_proj_weight", "q_proj_weight"].some((other) => state.has(before + other)))
      return [around, output];
  }
  const [, module = "", last = ""] = leaf.exec(name) ?? [];
  return [module, last];
}

/** What a module with these tensors can be; none: nothing that this library has. */
function kindsOf(tensors: Tensors): readonly Kind[] {
  const roles = [...tensors.keys()].sort().join();
  const ranks = (rank: number) => [...tensors.values()].every(({ shape }) => shape.length === rank);
  const { shape: weight = [] } = tensors.get("weight") ?? {};
  if (roles === "weight") return weight.length === 2 ? ["embedding", "linear"] : [];
  if (roles === "bias,weight") {
    if (ranks(1)) return ["layerNorm"];
    return weight.length === 2 && tensors.get("bias")!.shape.length === 1 ? ["linear"] : [];
  }
  if (attentionRoles.includes(roles)) return ["attention"];
  if (!/^(bias_hh,bias_ih,)?weight_hh,(weight_hr,)?weight_ih$/.test(roles)) return [];
  const hidden = tensors.get("weight_hh")!.shape;
  const units = tensors.get("weight_hr")?.shape[1] ?? hidden[1] ?? 0;
  const kind = gatesOf.get(hidden[0]! / units);
  return kind && (kind === "lstm" || !tensors.has("weight_hr")) ? [kind] : [];
}

function refuse(name: string, expected: string, got: string): never {
  throw new FormatError({ where: `state_dict ${name.slice(0, 120)}`, expected, got });
}
