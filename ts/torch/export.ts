/** The weights of a model as a state_dict that PyTorch loads. */
import { InputError } from "../errors.js";
import { readParameter } from "../graph/parameter.js";
import { type Entry, writeSafetensors } from "../io/safetensors.js";
import { writeZip } from "../io/zip.js";
import type { Definition } from "../layers/layer.js";
import { entryOf } from "../model/checkpoint.js";
import type { Model } from "../model/model.js";
import { layersOf } from "./layers.js";
import { toTensors } from "./weights.js";
import { pickleState } from "./write-pickle.js";

export interface ToTorchOptions {
  /** `safetensors`, for `safetensors.torch.load_file`, or `pt`, for `torch.load`, with `weights_only` too; default safetensors. */
  readonly file?: "safetensors" | "pt";
  /**
   * The names of PyTorch's modules, one for each layer with parameters, in the order of the layers; recurrent layers with one
   * name become layers of one module. Default: the layers' numbers, `0` or `2.1`, as in `nn.Sequential`.
   */
  readonly modules?: readonly string[];
}

/**
 * A state_dict of all parameters, float32, by the names and in the shapes of PyTorch's modules: `nn.Embedding`, `nn.Linear`,
 * `nn.LayerNorm`, `nn.RNN`, `nn.LSTM`, `nn.GRU`, in both directions or with projections. A layer with one bias has zeros for
 * the second. InputError for a layer that none of these computes; of those within functions of the caller's only the
 * parameters are known.
 */
export function toTorch(model: Model, options: ToTorchOptions = {}): Uint8Array {
  const { file = "safetensors", modules } = options;
  if (file !== "safetensors" && file !== "pt") {
    throw new InputError({ where: "toTorch.file", expected: '"safetensors" or "pt"', got: String(file) });
  }
  for (const [index, definition] of (model.definition?.layers ?? []).entries())
    refuseOthers(`${index}`, definition);
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
function stateOf({ network }: Model, modules: readonly string[] | undefined): Map<string, Entry> {
  const layers = layersOf(network);
  if (modules && modules.length !== layers.length) {
    throw new InputError({
      where: "toTorch.modules",
      expected: `a name for each of ${layers.map(({ path }) => path).join(", ")}`,
      got: `${modules.length} names`,
    });
  }
  const state = new Map<string, Entry>();
  const counts = new Map<string, number>();
  for (const [index, { path, kind, directions }] of layers.entries()) {
    const module =
      modules?.[index] ??
      path
        .split(".")
        .filter((part) => /^\d+$/.test(part))
        .join(".");
    const count = counts.get(module) ?? 0;
    counts.set(module, count + 1);
    const recurrent = kind === "rnn" || kind === "lstm" || kind === "gru";
    for (const [direction, parameters] of directions.entries()) {
      const suffix = recurrent ? `_l${count}${direction ? "_reverse" : ""}` : "";
      const tensors = toTensors(kind, parameters, (parameter) => readParameter(network.engine, parameter));
      for (const [tensor, { shape, data }] of tensors) {
        const name = `${module}.${tensor}${suffix}`;
        if (state.has(name)) {
          throw new InputError({ where: path, expected: "a module of its own", got: `${module} again` });
        }
        state.set(name, entryOf(data, shape));
      }
    }
  }
  return state;
}

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

/** Throws for a recurrent layer with equations that are not PyTorch's, wherever it is. */
function refuseOthers(where: string, definition: Definition): void {
  const { layer, of } = definition;
  const inner = Array.isArray(of) ? of : of === undefined ? [] : [of];
  for (const [index, each] of inner.entries()) refuseOthers(`${where}.${layer}.${index}`, each as Definition);
  for (const [option, values] of Object.entries(allowed)) {
    const value = definition[option];
    if (value !== undefined && !values.includes(value)) {
      throw new InputError({
        where: `${where}.${layer}.${option}`,
        expected: values.map((each) => JSON.stringify(each)).join(" or "),
        got: JSON.stringify(value),
        hint: "PyTorch has no such layer",
      });
    }
  }
}
