/** The weights of a model as a state_dict that PyTorch loads. */
import { InputError } from "../errors.js";
import { readParameter } from "../graph/parameter.js";
import { type Entry, writeSafetensors } from "../io/safetensors.js";
import { writeZip } from "../io/zip.js";
import { entryOf } from "../model/checkpoint.js";
import type { Model } from "../model/model.js";
import { layersOf, nameOf, namesOf, type ParameterisedLayer } from "./layers.js";
import { shapesOf, toTensors } from "./weights.js";
import { pickleState } from "./write-pickle.js";

export interface ToTorchOptions {
  /** `safetensors`, for `safetensors.torch.load_file`, or `pt`, for `torch.load`, with `weights_only` too; default safetensors. */
  readonly file?: "safetensors" | "pt";
  /**
   * The names of PyTorch's modules, one for each layer with parameters, in the order of the layers; recurrent layers with one
   * name become layers of one module, and a transformer has one name. Default: the layers' numbers, `0` or `2.1`, as in
   * `nn.Sequential`, or `0.name` of a node in a wiring.
   */
  readonly modules?: readonly string[];
}

/**
 * A state_dict of all parameters, float32, by the names and in the shapes of PyTorch's modules: `nn.Embedding`, `nn.Linear`,
 * `nn.LayerNorm`, `nn.MultiheadAttention`, `nn.TransformerEncoder` and `nn.TransformerDecoder` of such layers, `nn.RNN`,
 * `nn.LSTM`, `nn.GRU`, in both directions or with projections. A recurrent layer with one bias has zeros for the second. InputError for a
 * layer that none of these computes; of those within functions of the caller's only the parameters are known.
 */
export function toTorch(model: Model, options: ToTorchOptions = {}): Uint8Array {
  const { file = "safetensors", modules } = options;
  if (file !== "safetensors" && file !== "pt") {
    throw new InputError({ where: "toTorch.file", expected: '"safetensors" or "pt"', got: String(file) });
  }
  for (const [index, layer] of (model.definition?.layers ?? []).entries()) refuseOthers(`${index}`, layer);
  const state = stateOf(model, modules);
  if (file === "safetensors") return writeSafetensors(state, [["format", "pt"]]);
  const described = [...state].map(([name, { shape }]) => ({ name, shape }));
  const text = new TextEncoder();
  return writeZip(
    new Map([
      ["archive/data.pkl", pickleState(described)],
      ["archive/byteorder", text.encode("little")],
      ...[...state.values()].map(({ bytes }, i) => [`archive/data/${i}`, bytes] as const),
      ["archive/version", text.encode("3\n")],
    ]),
  );
}

/** Tensors by name, in the order of the layers. */
function stateOf(model: Model, modules: readonly string[] | undefined): Map<string, Entry> {
  const layers = layersOf(model);
  const names = modules && namesOf("toTorch.modules", layers, modules);
  const state = new Map<string, Entry>();
  const modulesSoFar = new Map<string, ParameterisedLayer[]>();
  for (const [index, layer] of layers.entries()) {
    const { path, kind, directions, inside } = layer;
    const module = names?.[index] ?? nameOf(moduleNameOf(inside?.path ?? path), inside);
    const before = modulesSoFar.get(module) ?? [];
    if (before.some((other) => !alike(other, layer))) {
      throw new InputError({ where: path, expected: "a module of its own", got: `${module} again` });
    }
    modulesSoFar.set(module, [...before, layer]);
    for (const [direction, parameters] of directions.entries()) {
      const suffix = recurrent.has(kind) ? `_l${before.length}${direction ? "_reverse" : ""}` : "";
      const tensors = toTensors(kind, parameters, (parameter) =>
        readParameter(model.network.engine, parameter),
      );
      for (const [tensor, { shape, data }] of tensors) {
        state.set(`${module}.${tensor}${suffix}`, entryOf(data, shape));
      }
    }
  }
  return state;
}

/** Whether two layers can be layers of one module: recurrent ones that differ in what they read alone. */
function alike(one: ParameterisedLayer, other: ParameterisedLayer): boolean {
  const shapes = ({ kind, directions }: ParameterisedLayer) =>
    [...shapesOf(kind, directions[0]!)].filter(([tensor]) => tensor !== "weight_ih").join();
  const { length } = one.directions;
  return (
    recurrent.has(one.kind) &&
    one.kind === other.kind &&
    length === other.directions.length &&
    shapes(one) === shapes(other)
  );
}

/** The numbers of layers within each other, without their kinds, and the names of the nodes of a wiring. */
function moduleNameOf(path: string): string {
  return path.replace(/(^|\.)(\d+)\.[^.]+/g, "$1$2");
}

const recurrent = new Set<unknown>(["rnn", "lstm", "gru"]);

/** Options of cells that PyTorch has, where it has them at all. */
const allowed: Readonly<Record<string, readonly unknown[]>> = {
  activation: ["tanh", "relu"],
  gateActivation: ["sigmoid"],
  candidateActivation: ["tanh"],
  cellActivation: ["tanh"],
  clip: [0],
  coupled: [false],
  update: ["state"],
  zoneout: [0],
  zoneoutCell: [0],
};

/** Throws for a recurrent layer with equations that are not PyTorch's, wherever it is in the definition of another. */
function refuseOthers(where: string, value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  const { layer } = value as { layer?: unknown };
  const path = typeof layer === "string" ? `${where}.${layer}` : where;
  for (const [name, option] of Object.entries(value)) {
    refuseOthers(Array.isArray(value) ? `${path}.${name}` : path, option);
    const values = recurrent.has(layer) ? allowed[name] : undefined;
    if (values && !values.includes(option)) {
      throw new InputError({
        where: `${path}.${name}`,
        expected: values.map((each) => JSON.stringify(each)).join(" or "),
        got: JSON.stringify(option),
        hint: "PyTorch has no such layer",
      });
    }
  }
}
