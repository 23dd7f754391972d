/** A state_dict: the named tensors of a file, whether PyTorch or safetensors wrote it. */
import { FormatError, InputError } from "../errors.js";
import { type Entry, readSafetensors } from "../io/safetensors.js";
import { readShards } from "../io/shards.js";
import { isZip } from "../io/zip.js";
import { readCheckpoint } from "./checkpoint.js";
import { defaultTorchLimits, type TorchLimits } from "./limits.js";

export interface StateOptions {
  /** Only tensors whose names begin so, which is left out of them, for example `model_state_dict.` or `module.`; default all. */
  readonly prefix?: string;
  /** The files of a sharded set, by the names that its index has for them; nothing else is looked up. */
  readonly files?: ReadonlyMap<string, Uint8Array>;
  readonly limits?: Partial<TorchLimits>;
}

/**
 * The tensors of a `.pt` or `.pth` file of `torch.save`, or of a safetensors file, in its order, or of the safetensors
 * in `files` by their index. Dictionaries within each
 * other give names with dots. A pickle is read as data, by a closed list of what it may name; nothing is executed.
 * FormatError for anything else.
 */
export function readTorch(bytes: Uint8Array, options: StateOptions = {}): ReadonlyMap<string, Entry> {
  const { prefix = "", limits, files = new Map() } = options;
  if (!(bytes instanceof Uint8Array)) {
    throw new InputError({ where: "PyTorch file", expected: "a Uint8Array", got: typeof bytes });
  }
  const all = allTensors(bytes, files, { ...defaultTorchLimits, ...limits });
  if (prefix === "") return all;
  const chosen = [...all].filter(([name]) => name.startsWith(prefix));
  return new Map(chosen.map(([name, entry]) => [name.slice(prefix.length), entry]));
}

/** Whether bytes begin as safetensors do: with the length of a header, below 2^48, and its first letter. */
export function isSafetensors(bytes: Uint8Array): boolean {
  return bytes[6] === 0 && bytes[7] === 0 && bytes[8] === 0x7b;
}

/** How much of an index is looked through for what marks it. */
const BEGINNING = 4096;

/** The same of an index of several, which is JSON. */
export function isIndex(bytes: Uint8Array): boolean {
  return bytes[0] === 0x7b && String.fromCharCode(...bytes.subarray(0, BEGINNING)).includes('"weight_map"');
}

function allTensors(bytes: Uint8Array, files: ReadonlyMap<string, Uint8Array>, limits: TorchLimits) {
  if (isZip(bytes)) return readCheckpoint(bytes, limits);
  if (isSafetensors(bytes)) return readSafetensors(bytes, limits).tensors;
  if (isIndex(bytes)) return readShards(bytes, files, limits).tensors;
  if (bytes[0] === 0x80) {
    throw new FormatError({
      where: "PyTorch file",
      expected: "a zip archive or safetensors",
      got: "a pickle of its own",
      hint: "it was saved by PyTorch before 1.6: save it again",
    });
  }
  return readSafetensors(bytes, limits).tensors;
}
