/** Models from files: the only code that knows every layer, so that who loads none does not carry them all. */
import type { EngineOptions } from "../engine/engine.js";
import { FormatError, InputError } from "../errors.js";
import type { Limits } from "../io/safetensors.js";
import { withoutNumbers } from "../layers/again.js";
import type { Input } from "../layers/input.js";
import type { Definition, Layer } from "../layers/layer.js";
import { inputOf, layerOf } from "../layers/registry.js";
import { readCheckpoint, restore } from "./checkpoint.js";
import { Model } from "./model.js";
import { createNetwork } from "./network.js";

/** Most bytes of JSON that a definition may have, and most layers. */
const LONGEST = 4_000_000;
const DEEPEST = 1024;

/** Makes the model that `save` wrote, on an engine of its own. FormatError if the bytes are anything else. */
export async function load(
  bytes: Uint8Array,
  options: EngineOptions & { readonly limits?: Partial<Limits> } = {},
): Promise<Model> {
  const { tensors, metadata } = readCheckpoint(bytes, options.limits);
  const { input, layers } = definitionOf(metadata);
  const quantised = [...tensors.values()].some(({ dtype }) => dtype === "I8");
  const network = await createNetwork(input, layers, options, quantised);
  restore(network, tensors);
  return new Model(network);
}

/** The input and the layers that the metadata describe; FormatError if they describe none. */
export function definitionOf(metadata: ReadonlyMap<string, string>): { input: Input; layers: Layer[] } {
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
  function tried<T>(where: string, work: () => T): T {
    try {
      return work();
    } catch (cause) {
      if (!(cause instanceof InputError)) throw cause;
      return refuse(where, cause.expected, cause.got, cause);
    }
  }
  function make<T>(where: string, value: unknown, of: (definition: Definition) => T | undefined): T {
    if (!isRecord(value) || typeof value.layer !== "string") return refuse(where, "a layer", typeof value);
    const made = tried(where, () => of(value as Definition));
    return made ?? refuse(where, "a layer that this version knows", JSON.stringify(value.layer));
  }
  const whole = tried(".layers", () => withoutNumbers(layers)) as unknown[];
  return {
    input: make(".input", input, inputOf),
    layers: whole.map((value, index) => make(`.layers[${index}]`, value, layerOf)),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
