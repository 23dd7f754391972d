/** Files of PyTorch's weights, for `recurra/convert`. */
import type { ContainedLayer, Contents, Format, ReadOptions } from "../convert/format.js";
import { FormatError } from "../errors.js";
import type { Entry } from "../io/safetensors.js";
import { isZip } from "../io/zip.js";
import { toTorch } from "./export.js";
import { fromTorch } from "./infer.js";
import { modulesOf } from "./modules.js";
import { isIndex, isSafetensors, readTorch } from "./state.js";

/** A state_dict in a file of `torch.save`. */
export const pt: Format = {
  recognises(bytes) {
    const name = bytes.subarray(30, 30 + (bytes[26] ?? 0));
    return isZip(bytes) && String.fromCharCode(...name).endsWith("/data.pkl");
  },
  inspect: (bytes, options) => contents("PyTorch file", bytes, options),
  read: fromTorch,
  write: async (model) => ({ bytes: toTorch(model, { file: "pt" }) }),
};

/** The same as safetensors, or as an index of several. */
export const safetensors: Format = {
  recognises: (bytes) => isSafetensors(bytes) || isIndex(bytes),
  inspect: (bytes, options) => contents("safetensors", bytes, options),
  read: fromTorch,
  write: async (model) => ({ bytes: toTorch(model) }),
};

async function contents(format: string, bytes: Uint8Array, options: ReadOptions = {}): Promise<Contents> {
  const state = readTorch(bytes, options);
  return {
    format,
    about: new Map(),
    layers: modulesIn(state),
    tensors: [...state].map(([name, { dtype, shape }]) => ({ name, dtype, shape })),
  };
}

/** The modules, if this library has all of them. */
function modulesIn(state: ReadonlyMap<string, Entry>): ContainedLayer[] {
  try {
    return modulesOf(state).map(({ name, kinds, directions }) => ({
      name,
      kind: kinds.join(" or "),
      options: directions.length > 1 ? "both directions" : "",
    }));
  } catch (fault) {
    if (fault instanceof FormatError) return [];
    throw fault;
  }
}
