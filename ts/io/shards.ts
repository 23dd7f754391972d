/** Safetensors that are spread over several files, with an index that says which tensor is in which. */
import { FormatError } from "../errors.js";
import { defaultLimits, type Entry, type Limits, readSafetensors, type Safetensors } from "./safetensors.js";
import { decodeUtf8 } from "./utf8.js";

/** Most bytes of an index: as JSON it may take forty times as many in memory. */
const LONGEST = 524_288;

/**
 * Reads a set of files by its index (`model.safetensors.index.json`). The names of files in it are looked up in `files` and
 * nowhere else. FormatError for a file that is not among them, and unless each tensor is in the file that the index names
 * and in no other; tensors are views. Metadata are those of the index.
 */
export function readShards(
  index: Uint8Array,
  files: ReadonlyMap<string, Uint8Array>,
  limits: Partial<Limits> = {},
): Safetensors {
  const { weightMap, metadata } = readIndex(index, { ...defaultLimits, ...limits });
  const shards = new Map<string, ReadonlyMap<string, Entry>>();
  const tensors = new Map<string, Entry>();
  for (const [name, file] of weightMap) {
    let shard = shards.get(file);
    if (!shard) {
      const bytes = files.get(file);
      if (!bytes)
        refuse(
          `["${name}"]`,
          `one of the files given, ${[...files.keys()].join(", ") || "of which there are none"}`,
          quote(file),
        );
      shard = readSafetensors(bytes, limits).tensors;
      shards.set(file, shard);
    }
    const entry = shard.get(name);
    if (!entry) refuse(`["${name}"]`, `a tensor of ${quote(file)}`, "none of this name");
    tensors.set(name, entry);
  }
  for (const [file, shard] of shards) {
    for (const name of shard.keys()) {
      const named = weightMap.get(name);
      if (named !== file) refuse(`["${name}"]`, quote(file), named === undefined ? "nothing" : quote(named));
    }
  }
  return { metadata, tensors };
}

function readIndex(index: Uint8Array, limits: Limits) {
  const most = Math.min(LONGEST, limits.headerBytes);
  if (index.length > most) refuse("", `at most ${most} bytes`, `${index.length}`);
  let document: unknown;
  try {
    document = JSON.parse(decodeUtf8(index));
  } catch (cause) {
    throw new FormatError({ where: "safetensors index", expected: "JSON", got: "something else", cause });
  }
  const { weight_map, metadata } = recordOf("", document);
  const map = Object.entries(recordOf(".weight_map", weight_map));
  if (map.length > limits.tensors) refuse("", `at most ${limits.tensors} tensors`, `${map.length}`);
  const weightMap = new Map<string, string>();
  for (const [name, file] of map) {
    if (typeof file !== "string") refuse(`["${name}"]`, "the name of a file", typeof file);
    weightMap.set(name, file);
  }
  const about = metadata === undefined ? {} : recordOf(".metadata", metadata);
  return {
    weightMap,
    metadata: new Map(
      Object.entries(about).map(([key, value]) => [
        key,
        typeof value === "string" ? value : JSON.stringify(value),
      ]),
    ),
  };
}

function recordOf(place: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  return refuse(place, "an object", Array.isArray(value) ? "a list" : String(value));
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 80));
}

function refuse(place: string, expected: string, got: string): never {
  throw new FormatError({ where: `safetensors index${place}`, expected, got });
}
