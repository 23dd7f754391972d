/**
 * A model as safetensors bytes, and back: parameters by path, the definition as JSON in the metadata, and a checksum of all. A
 * training in progress adds tensors and metadata of its own.
 */
import { FormatError, InputError } from "../errors.js";
import { readParameter, writeParameter } from "../graph/parameter.js";
import { type Entry, float32, type Limits, readSafetensors } from "../io/safetensors.js";
import { requireSeal, writeSealed } from "../io/sealed.js";
import type { Input } from "../layers/input.js";
import type { Definition, Layer } from "../layers/layer.js";
import { inputOf, layerOf } from "../layers/registry.js";
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
  /** The input and the layers that the metadata describe; FormatError if it describes none. */
  define(): { input: Input; layers: Layer[] };
}

/** What a training in progress adds: tensors whose names begin with TRAINING, and JSON. */
export interface Addition {
  readonly tensors: readonly (readonly [name: string, entry: Entry])[];
  readonly json: string;
}

/** Begins the names of tensors that are no parameters. */
export const TRAINING = "training/";

/** Most bytes of JSON that a definition may have, and most layers. */
const LONGEST = 4_000_000;
const DEEPEST = 1024;

export function writeCheckpoint(
  network: Network,
  definition: Definitions | undefined,
  training?: Addition,
): Uint8Array {
  const tensors = network.parameters.map((parameter) => {
    const { path, shape } = parameter;
    return [path, entryOf(readParameter(network.engine, parameter), shape)] as const;
  });
  const metadata = new Map([["format", "recurra"]]);
  if (definition) metadata.set("definition", JSON.stringify(definition));
  if (training) metadata.set("training", training.json);
  return writeSealed([...tensors, ...(training?.tensors ?? [])], metadata);
}

/** Numbers as a tensor of a file. */
export function entryOf({ buffer, byteOffset, byteLength }: Float32Array, shape: readonly number[]): Entry {
  return { dtype: "F32", shape, bytes: new Uint8Array(buffer, byteOffset, byteLength) };
}

/** Reads and checks the file; the definition is looked at only when it is asked for. */
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
    define() {
      const format = metadata.get("format");
      if (format !== "recurra") {
        throw new FormatError({
          where: "model file",
          expected: 'a file saved by this library (format "recurra")',
          got: format === undefined ? "safetensors of another program" : `format ${JSON.stringify(format)}`,
        });
      }
      const definition = metadata.get("definition");
      if (definition === undefined) {
        throw new FormatError({
          where: "model file",
          expected: "a definition",
          got: "parameters only",
          hint: "the model had a function among its layers: make it again by model(...) and call assign(bytes)",
        });
      }
      return parse(definition);
    },
  };
}

function parse(json: string): { input: Input; layers: Layer[] } {
  const refuse = (where: string, expected: string, got: string, cause?: unknown): never => {
    throw new FormatError({ where: `model file definition${where}`, expected, got, cause });
  };
  if (json.length > LONGEST) refuse("", `at most ${LONGEST} characters`, String(json.length));
  let document: unknown;
  try {
    document = JSON.parse(json);
  } catch (cause) {
    return refuse("", "JSON", "something else", cause);
  }
  const { input, layers } = (isRecord(document) ? document : {}) as { input?: unknown; layers?: unknown };
  if (!Array.isArray(layers) || layers.length > DEEPEST) {
    return refuse(
      ".layers",
      `a list of at most ${DEEPEST} layers`,
      Array.isArray(layers) ? String(layers.length) : typeof layers,
    );
  }
  function make<T>(where: string, value: unknown, of: (definition: Definition) => T | undefined): T {
    if (!isRecord(value) || typeof value.layer !== "string") return refuse(where, "a layer", typeof value);
    let made: T | undefined;
    try {
      made = of(value as Definition);
    } catch (cause) {
      if (!(cause instanceof InputError)) throw cause;
      return refuse(where, cause.expected, cause.got, cause);
    }
    return made ?? refuse(where, "a layer that this version knows", JSON.stringify(value.layer));
  }
  return {
    input: make(".input", input, inputOf),
    layers: layers.map((value, index) => make(`.layers[${index}]`, value, layerOf)),
  };
}

/** Sets all parameters from the tensors of a file; FormatError, before anything is changed, unless they fit one to one. */
export function restore(network: Network, tensors: ReadonlyMap<string, Entry>): void {
  const values = network.parameters.map(({ path, shape }) => tensorOf(tensors, path, shape));
  const known = new Set(network.parameters.map(({ path }) => path));
  for (const name of tensors.keys()) {
    if (!known.has(name) && !name.startsWith(TRAINING)) {
      throw new FormatError({
        where: "model file",
        expected: "only the model's tensors",
        got: JSON.stringify(name),
      });
    }
  }
  network.parameters.forEach((parameter, index) => {
    writeParameter(network.engine, parameter, values[index]!);
  });
}

/** The numbers of a tensor; FormatError unless it is there and has this shape. */
export function tensorOf(
  tensors: ReadonlyMap<string, Entry>,
  name: string,
  shape: readonly number[],
): Float32Array {
  const entry = tensors.get(name);
  if (!entry || entry.shape.join() !== shape.join()) {
    throw new FormatError({
      where: `model file tensor ${name}`,
      expected: `shape [${shape}]`,
      got: entry ? `[${entry.shape}]` : "no such tensor",
    });
  }
  return float32(entry, name);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
