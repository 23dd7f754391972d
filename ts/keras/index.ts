/** recurra/keras: models and weights that Keras and TensorFlow.js have saved, as models that predict, stream and train. */
import type { EngineOptions } from "../engine/engine.js";
import { FormatError, InputError } from "../errors.js";
import { features, type Input, inputs as inputsOf, tokens } from "../layers/input.js";
import { entryOf, restore } from "../model/checkpoint.js";
import type { Data } from "../model/data.js";
import { Model } from "../model/model.js";
import { createNetwork } from "../model/network.js";
import { convertModel } from "./convert.js";
import { type Described, describeModel, isModel, parseJson } from "./definition.js";
import { type Hdf5Object, readHdf5 } from "./hdf5/file.js";
import { legacyWeights } from "./legacy.js";
import { type KerasLimits, limitsFor } from "./limits.js";
import { openFile } from "./open.js";
import { isRecord, Settings } from "./settings.js";
import { layersModel } from "./tfjs.js";
import { type Unpadded, unpad } from "./unpad.js";
import { groupedWeights, type WeightFile } from "./weights.js";
import { type Signal, Wires } from "./wires.js";

export { type KerasLayers, type ToKerasOptions, toKeras, toKerasLayers } from "./export.js";
export type { KerasLimits, Unpadded };

export interface KerasOptions extends EngineOptions {
  /** Weights that lie in a file of their own, `.weights.h5` or legacy `.h5`; default those of the model file. */
  readonly weights?: Uint8Array;
  /** Which output of a model with several becomes that of the model here, counted from 0. */
  readonly output?: number;
  /** How much a file may ask for. */
  readonly limits?: Partial<KerasLimits>;
}

/** A model from elsewhere. */
export interface KerasModel {
  readonly model: Model;
  /** What is not taken over, or is otherwise than in Keras; empty if nothing is. */
  readonly warnings: readonly string[];
  /**
   * Of a model with a mask (`mask_zero`, Masking): takes the masked steps out of data, wherever they are, and says how long
   * each row is then, for `predict(data, { lengths })`, training and evaluation. Recurrent layers of Keras pass over such
   * steps, so that all that follows is the same; outputs step by step are those of the steps that are left. Of an input
   * without a mask nothing is taken out. `input`: whose data they are, where the model has several.
   */
  unpad(data: Data, input?: string): Unpadded;
  /** Puts other weights of the same model in, from `.weights.h5` or legacy `.h5`. FormatError, and no change, unless they fit. */
  assign(weights: Uint8Array): void;
}

/**
 * The model in a file of Keras: `.keras`, legacy `.h5`, or the JSON that `to_json` gives with `weights` in the options.
 * FormatError, before anything runs, for a layer or an option that there is nothing for here, by the layer's name.
 *
 *     const { model, warnings } = await fromKeras(await readFile("speech.keras"));
 */
export async function fromKeras(
  source: Uint8Array | string,
  options: KerasOptions = {},
): Promise<KerasModel> {
  const limits = limitsFor(lengthOf("fromKeras", source), options.limits);
  const given = options.weights && weightFile(options.weights, options.limits);
  const { described, version, root } = openFile(source, limits);
  if (!described) {
    throw new FormatError({
      where: "HDF5 / attribute model_config",
      expected: "the definition of a model",
      got: "none",
      hint: "weights alone: give the definition first and these as options.weights",
    });
  }
  const own = root?.find("model_weights") ?? root;
  return build(described, version, given ?? (own && (() => weightsIn(own))), limits, options);
}

/**
 * A layers model of TensorFlow.js: the text of `model.json`, and the bytes of the files that it names, by these names. They
 * are looked up among those given and nowhere else. FormatError as of `fromKeras`.
 */
export async function fromKerasLayers(
  json: string,
  files: ReadonlyMap<string, Uint8Array> | Readonly<Record<string, Uint8Array>>,
  options: KerasOptions = {},
): Promise<KerasModel> {
  const limits = limitsFor(lengthOf("fromKerasLayers", json), options.limits);
  const given = files instanceof Map ? files : new Map(Object.entries(files));
  const { topology, version, weights } = layersModel(parseJson("model.json", json, limits), given, limits);
  const file = options.weights ? weightFile(options.weights, options.limits) : () => weights;
  return build(topology, version, file, limits, options);
}

async function build(
  described: Described,
  version: unknown,
  open: (() => WeightFile) | undefined,
  limits: KerasLimits,
  options: KerasOptions,
): Promise<KerasModel> {
  const { weights: _, output, limits: given, ...engine } = options;
  if (!open) {
    throw new FormatError({ where: "weights", expected: "weights with the definition", got: "none" });
  }
  const keras3 = typeof version === "string" ? !/^[012]\./.test(version) : isOfKeras3(described);
  const converted = ofFile(() => convert(described, keras3, open(), limits, output));
  const { layers, input, tensors, masks } = converted;
  if (layers.length === 0) throw new FormatError({ where: "model", expected: "a layer", got: "none" });
  const network = await createNetwork(input, layers, engine).catch((cause) => ofFile(() => raise(cause)));
  restore(network, tensors);
  return {
    model: new Model(network),
    warnings: converted.warnings,
    unpad(data, name = Object.keys(input.named ?? {})[0] ?? "input") {
      const own = input.named ? input.named[name] : input;
      if (!own || !masks.has(name)) {
        throw new InputError({ where: "unpad", expected: [...masks.keys()].join(", "), got: name });
      }
      return unpad("unpad", data, own, masks.get(name));
    },
    assign(bytes) {
      const file = weightFile(bytes, given)();
      restore(network, ofFile(() => convert(described, keras3, file, limits, output)).tensors);
    },
  };
}

/** What a layer of ours refuses comes from the file here. */
function ofFile<T>(run: () => T): T {
  try {
    return run();
  } catch (cause) {
    if (!(cause instanceof InputError)) throw cause;
    const { where, expected, got } = cause;
    throw new FormatError({ where: `model ${where}`, expected, got, cause });
  }
}

function raise(cause: unknown): never {
  throw cause;
}

function convert(
  described: Described,
  keras3: boolean,
  file: WeightFile,
  limits: KerasLimits,
  chosen: number | undefined,
) {
  const warnings = new Set<string>();
  const warn = (warning: string) => warnings.add(warning);
  const shapes = inputShapes(described, limits);
  const wires = new Wires([...shapes.keys()]);
  const signals = [...shapes].map(([name, shape]): Signal => {
    const width = shape.at(-1) ?? 0;
    const steps = shape[1] ?? undefined;
    return {
      node: name,
      kind: "numbers",
      width,
      sequence: shape.length === 3,
      masked: false,
      of: name,
      steps,
    };
  });
  const outputs = convertModel(
    { file, wires, keras3, limits, warn, made: new Map(), forgotten: new Set(), calls: 0 },
    described,
    signals,
  );
  const output = outputs[chosen ?? 0];
  if (!output || (outputs.length > 1 && chosen === undefined)) {
    throw new FormatError({
      where: "model",
      expected: chosen === undefined ? "one output" : `an output below ${outputs.length}`,
      got: String(chosen ?? outputs.length),
      hint: "options.output chooses one of several",
    });
  }
  file.finish();
  // The model goes along with the steps of its output, or of what it reads first.
  const [first = ""] = output.of === undefined ? shapes.keys() : [output.of];
  const names = [first, ...[...shapes.keys()].filter((name) => name !== first)];
  const rows = names.filter((name) => shapes.get(name)!.length === 2 && !wires.reads(name).symbols);
  const { layers, parameters } = wires.finish(output.node, first, rows);
  const tensors = new Map([...parameters].map(([path, { data, shape }]) => [path, entryOf(data, shape)]));
  const read = names.map((name): [string, Input] => {
    const { symbols } = wires.reads(name);
    const width = symbols ?? shapes.get(name)!.at(-1);
    if (!width)
      throw new FormatError({ where: `input ${name}`, expected: "a number of columns", got: "none" });
    return [name, symbols === undefined ? features(width) : tokens(symbols)];
  });
  const input = read.length === 1 ? read[0]![1] : inputsOf(Object.fromEntries(read));
  const masks = new Map(names.map((name) => [name, wires.reads(name).mask]));
  return { layers, tensors, masks, input, warnings: [...warnings] };
}

/** By the names of the inputs, the axes of each, 2 or 3 of them; null where they are not fixed. */
function inputShapes(described: Described, limits: KerasLimits): Map<string, readonly (number | null)[]> {
  const { layers, inputs } = describeModel(described, limits);
  const shapes = new Map<string, readonly (number | null)[]>();
  for (const { layer } of inputs) {
    const found = layers.find(({ name }) => name === layer);
    const name =
      inputs.length === 1
        ? "input"
        : layer
            .replace(/^input$/, "input_")
            .replace(/[^\w-]/g, "_")
            .slice(0, 100);
    if (shapes.has(name) || name === "__proto__") {
      throw new FormatError({ where: "model", expected: "inputs with names of their own", got: name });
    }
    if (found && isModel(found))
      for (const shape of inputShapes(found, limits).values()) shapes.set(name, shape);
    else shapes.set(name, inputShape(layer, found?.config ?? {}));
  }
  return shapes;
}

function inputShape(name: string, config: unknown): readonly (number | null)[] {
  const settings = new Settings(`InputLayer ${JSON.stringify(name)}`, config);
  const shape = settings.any("batch_shape", "batch_input_shape") ?? [null, null];
  const good = (length: unknown) => length === null || (Number.isInteger(length) && (length as number) >= 1);
  if (!Array.isArray(shape) || (shape.length !== 2 && shape.length !== 3) || !shape.every(good)) {
    settings.refuse("batch_shape", "[batch, width], [batch, steps] or [batch, steps, width]", shape);
  }
  for (const key of ["sparse", "ragged"]) if (settings.flag(key, false)) settings.refuse(key, "false", true);
  return shape as (number | null)[];
}

/** Where no version is written down: Keras 3 says where its classes come from. */
function isOfKeras3({ config }: Described): boolean {
  const list = isRecord(config) ? config.layers : config;
  return Array.isArray(list) && list.some((layer) => isRecord(layer) && "module" in layer);
}

function weightFile(bytes: Uint8Array, limits: Partial<KerasLimits> | undefined): () => WeightFile {
  const root = readHdf5(bytes, limitsFor(lengthOf("weights", bytes), limits));
  return () => weightsIn(root.find("model_weights") ?? root);
}

/** In the layout of Keras 3, or where there are lists of names in that before. */
function weightsIn(group: Hdf5Object): WeightFile {
  return (group.texts("layer_names0") ?? group.texts("layer_names"))
    ? legacyWeights(group)
    : groupedWeights(group);
}

function lengthOf(where: string, source: unknown): number {
  if (typeof source === "string" || source instanceof Uint8Array) return source.length;
  throw new InputError({ where, expected: "bytes or text", got: typeof source });
}
