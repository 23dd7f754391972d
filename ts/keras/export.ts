/** Models as files that Keras and TensorFlow.js load. */
import { InputError } from "../errors.js";
import { crc32 } from "../io/checksum.js";
import { requireOptions } from "../layers/layer.js";
import type { Model } from "../model/model.js";
import { writeArchive } from "./archive.js";
import { graphOf } from "./export-graph.js";
import { writtenModel } from "./export-model.js";
import type { Parameters } from "./gates.js";
import { writeHdf5 } from "./hdf5/write.js";
import { type Numbers, snakeCase } from "./weights.js";
import {
  inOrder,
  keras3Definition,
  layersTopology,
  type WrittenLayer,
  type WrittenModel,
} from "./written.js";

export interface ToKerasOptions {
  /** How many steps the first input has, where it shall be only so many; default any, or what a `flatten` needs. */
  readonly steps?: number;
}

/** A layers model of TensorFlow.js, as `fromKerasLayers` takes it. */
export interface KerasLayers {
  /** The text of `model.json`. */
  readonly json: string;
  /** The bytes of the file that it refers to, by its name, which changes with them. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/**
 * The model as a `.keras` file, which Keras 3 loads as it is: `keras.models.load_model(path)`. It reads [batch, steps, width], or
 * [batch, steps] of indices, and gives what `predict` does; what is one step for each sequence here is [batch, width] there.
 * Where all layers pass masks on, an embedding whose `padding` is 0 has `mask_zero`, so that rows filled up with it give what
 * `predict` gives with their lengths. The same model gives the same bytes. InputError, naming the layer, for what Keras has
 * not; what acts in training alone and has no form there is left out.
 */
export function toKeras(model: Model, options: ToKerasOptions = {}): Uint8Array {
  const written = writtenOf("toKeras", model, true, options);
  const text = (value: object) => new TextEncoder().encode(JSON.stringify(value));
  return writeArchive({
    "metadata.json": text({ keras_version: "3.0.0" }),
    "config.json": text(keras3Definition(written)),
    "model.weights.h5": writeHdf5(groupsOf(inOrder(written))),
  });
}

/**
 * The same as a layers model, for `tf.loadLayersModel`. TensorFlow.js has fewer layers and options, among them no GRU with
 * `resetAfter`.
 */
export function toKerasLayers(model: Model, options: ToKerasOptions = {}): KerasLayers {
  const written = writtenOf("toKerasLayers", model, false, options);
  const list = inOrder(written).flatMap(({ name, weights }) =>
    weights.flatMap(({ scope, weights }) =>
      weights.map(([weight, numbers]) => ({ name: `${name}/${scope}${weight}`, ...numbers })),
    ),
  );
  const bytes = new Uint8Array(list.reduce((sum, { data }) => sum + data.byteLength, 0));
  let at = 0;
  for (const { data } of list) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  const file = `weights-${crc32(bytes).toString(16).padStart(8, "0")}.bin`;
  const weights = list.map(({ name, shape }) => ({ name, shape, dtype: "float32" }));
  const json = JSON.stringify({
    format: "layers-model",
    generatedBy: "recurra",
    convertedBy: null,
    modelTopology: {
      keras_version: "2.0.0",
      backend: "tensor_flow.js",
      model_config: layersTopology(written),
    },
    weightsManifest: [{ paths: [file], weights }],
  });
  return { json, files: new Map([[file, bytes]]) };
}

type Group = Map<string, Group | Numbers>;

/** As Keras 3 keeps them: layers by their classes and numbers, weights by theirs. */
function groupsOf(layers: readonly WrittenLayer[]): Group {
  const all: Group = new Map();
  const counts = new Map<string, number>();
  for (const { className, weights } of layers) {
    const kept = snakeCase(className);
    const count = counts.get(kept) ?? 0;
    counts.set(kept, count + 1);
    const own: Group = new Map();
    for (const { among, weights: list } of weights) {
      let group = own;
      for (const name of among.split("/").filter((name) => name !== "")) {
        const inner: Group = new Map();
        group.set(name, inner);
        group = inner;
      }
      group.set("vars", new Map(list.map(([, numbers], index) => [String(index), numbers])));
    }
    all.set(count > 0 ? `${kept}_${count}` : kept, own);
  }
  return new Map([["layers", all]]);
}

function writtenOf(where: string, model: Model, keras3: boolean, options: ToKerasOptions): WrittenModel {
  const refuse = (path: string, expected: string, got: string, hint?: string): never => {
    throw new InputError({ where: path === "" ? where : `${where} ${path}`, expected, got, hint });
  };
  const { definition, network } = model;
  if (!definition) return refuse("", "layers that can be saved", "a function of your own");
  if (network.parameters.some(({ int8 }) => int8)) refuse("", "a model of float32", "one in int8");
  requireOptions(where, options, ["steps"]);
  const { steps } = options;
  if (steps !== undefined && !(Number.isInteger(steps) && steps >= 1)) {
    refuse("", "a whole number of steps from 1", String(steps));
  }
  const graph = graphOf(network.input, definition.layers);
  const parameters = parametersOf(model);
  return writtenModel(graph, {
    keras3,
    steps,
    parameters: (path) =>
      parameters.get(path) ??
      refuse(
        path,
        "parameters of its own",
        "those of an earlier layer",
        "a wiring says which layers are one",
      ),
    refuse,
  });
}

/** By the path of the layer, then by their names in it. */
function parametersOf(model: Model): ReadonlyMap<string, Parameters> {
  const all = new Map<string, Map<string, Numbers>>();
  for (const { path, shape, data } of model.parameters()) {
    const end = path.lastIndexOf(".");
    const layer = path.slice(0, end);
    if (!all.has(layer)) all.set(layer, new Map());
    all.get(layer)!.set(path.slice(end + 1), { shape, data });
  }
  return all;
}
