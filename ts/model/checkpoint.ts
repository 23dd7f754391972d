/**
 * A model as safetensors bytes, and back: parameters by path, the definition as JSON in the metadata, and a checksum of all. A
 * training in progress adds tensors and metadata of its own.
 */
import { FormatError, InputError } from "../errors.js";
import { readParameter, type TensorOf, writeParameter } from "../graph/parameter.js";
import { addressOf, place } from "../graph/span.js";
import { type Entry, float32, type Limits, readSafetensors } from "../io/safetensors.js";
import { requireSeal, writeSealed } from "../io/sealed.js";
import { withNumbers } from "../layers/again.js";
import type { Definition } from "../layers/layer.js";
import type { Network } from "./network.js";

/** What a model reads and its layers in order, as plain data. */
export interface Definitions {
  readonly input: Definition;
  readonly layers: readonly Definition[];
}

export interface Checkpoint {
  readonly tensors: ReadonlyMap<string, Entry>;
  /** What a training in progress has added. */
  readonly training: string | undefined;
  readonly metadata: ReadonlyMap<string, string>;
}

/** What a training in progress adds: tensors whose names begin with TRAINING, and JSON. */
export interface Addition {
  readonly tensors: readonly (readonly [name: string, entry: Entry])[];
  readonly json: string;
}

/** Begins the names of tensors that are no parameters. */
export const TRAINING = "training/";

export function writeCheckpoint(
  network: Network,
  definition: Definitions | undefined,
  training?: Addition,
): Uint8Array {
  const { engine } = network;
  const tensors = network.parameters.flatMap((parameter) => {
    const { path, shape, int8, value } = parameter;
    const kept = int8
      ? int8.tensors(engine, addressOf(place(value)), shape)
      : [["", entryOf(readParameter(engine, parameter), shape)] as const];
    return kept.map(([suffix, entry]) => [path + suffix, entry] as const);
  });
  const metadata = new Map([["format", "recurra"]]);
  if (definition) {
    const layers = withNumbers(definition.layers);
    metadata.set("definition", JSON.stringify({ input: definition.input, layers }));
  }
  if (training) metadata.set("training", training.json);
  return writeSealed([...tensors, ...(training?.tensors ?? [])], metadata);
}

/** Numbers as a tensor of a file. */
export function entryOf({ buffer, byteOffset, byteLength }: Float32Array, shape: readonly number[]): Entry {
  return { dtype: "F32", shape, bytes: new Uint8Array(buffer, byteOffset, byteLength) };
}

/** Reads and checks the file, but for the definition in its metadata, which `load` looks at. */
export function readCheckpoint(bytes: Uint8Array, limits?: Partial<Limits>): Checkpoint {
  if (!(bytes instanceof Uint8Array)) {
    throw new InputError({ where: "model file", expected: "a Uint8Array", got: typeof bytes });
  }
  const { metadata, tensors } = readSafetensors(bytes, limits);
  // Of files that other programs have written nothing is expected.
  if (metadata.has("checksum") || metadata.get("format") === "recurra") requireSeal(bytes, metadata);
  return {
    tensors,
    training: metadata.get("training"),
    metadata,
  };
}

/** Sets all parameters from the tensors of a file; FormatError, before anything is changed, unless they fit one to one. */
export function restore(network: Network, tensors: ReadonlyMap<string, Entry>): void {
  const { engine } = network;
  const known = new Set<string>();
  const readers = network.parameters.map((parameter) => {
    const { path, shape, int8, value } = parameter;
    const find: TensorOf = (suffix, shape) => {
      const name = path + suffix;
      known.add(name);
      return { name, entry: shaped(tensors, name, shape) };
    };
    if (int8) return int8.reader(engine, addressOf(place(value)), shape, find);
    const values = float32(find("", shape).entry, path);
    return () => writeParameter(engine, parameter, values);
  });
  for (const name of tensors.keys()) {
    if (!known.has(name) && !name.startsWith(TRAINING)) {
      throw new FormatError({
        where: "model file",
        expected: "only the model's tensors",
        got: JSON.stringify(name),
      });
    }
  }
  for (const read of readers) read();
}

/** The numbers of a tensor; FormatError unless it is there and has this shape. */
export function tensorOf(
  tensors: ReadonlyMap<string, Entry>,
  name: string,
  shape: readonly number[],
): Float32Array {
  return float32(shaped(tensors, name, shape), name);
}

function shaped(tensors: ReadonlyMap<string, Entry>, name: string, shape: readonly number[]): Entry {
  const entry = tensors.get(name);
  if (!entry || entry.shape.join() !== shape.join()) {
    throw new FormatError({
      where: `model file tensor ${name}`,
      expected: `shape [${shape}]`,
      got: entry ? `[${entry.shape}]` : "no such tensor",
    });
  }
  return entry;
}
