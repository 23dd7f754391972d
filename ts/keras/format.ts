/** Files of Keras and of TensorFlow.js for the converter: how they are known, and what is in them, without running it. */
import type { ContainedLayer, ContainedTensor, Contents, Format, ReadOptions } from "../convert/format.js";
import { isZip } from "../io/zip.js";
import type { Model } from "../model/model.js";
import { type Described, describeModel, parseJson } from "./definition.js";
import { toKeras, toKerasLayers } from "./export.js";
import { type Hdf5Object, isHdf5 } from "./hdf5/file.js";
import { fromKeras, fromKerasLayers } from "./index.js";
import { atMost, type KerasLimits, limitsFor } from "./limits.js";
import { openFile, textOf } from "./open.js";
import { isRecord } from "./settings.js";
import { layersModel } from "./tfjs.js";

/** How much of the end of an archive is looked through for the name of its weights, and of JSON for what it begins with. */
const LOOKED_AT = 4096;

const ascii = (bytes: Uint8Array) => String.fromCharCode(...bytes);

/** `.keras`. */
export const keras: Format = {
  recognises: (bytes) => isZip(bytes) && ascii(bytes.subarray(-LOOKED_AT)).includes("model.weights.h5"),
  inspect,
  read,
  write: async (model) => ({ bytes: toKeras(model) }),
};

/** Legacy `.h5`, and `.weights.h5`, which no model can be read from. */
export const h5: Format = { recognises: isHdf5, inspect, read };

/** `model.json` of TensorFlow.js. */
export const tfjs: Format = {
  recognises(bytes) {
    return bytes[0] === 0x7b && ascii(bytes.subarray(0, LOOKED_AT)).includes('"modelTopology"');
  },
  async inspect(bytes, { files = new Map() } = {}) {
    const limits = limitsFor(bytes.length);
    const json = parseJson("model.json", textOf("model.json", bytes), limits);
    const { topology, version, entries } = layersModel(json, files, limits);
    return {
      format: "layers model of TensorFlow.js",
      about: aboutOf(version),
      layers: layersOf(topology, limits),
      tensors: entries.map(({ name, shape }) => ({ name, dtype: "float of 4 bytes", shape })),
    };
  },
  async read(bytes, { files = new Map(), limits: _, ...engine } = {}) {
    return (await fromKerasLayers(textOf("model.json", bytes), files, engine)).model;
  },
  async write(model) {
    const { json, files } = toKerasLayers(model);
    return { bytes: new TextEncoder().encode(json), files };
  },
};

async function inspect(bytes: Uint8Array): Promise<Contents> {
  const limits = limitsFor(bytes.length);
  const { kind, version, described, root } = openFile(bytes, limits);
  return {
    format: kind,
    about: aboutOf(version),
    layers: described ? layersOf(described, limits) : [],
    tensors: root ? datasetsIn(root, limits) : [],
  };
}

async function read(bytes: Uint8Array, options: ReadOptions = {}): Promise<Model> {
  const { files: _, limits: __, ...engine } = options;
  return (await fromKeras(bytes, engine)).model;
}

function aboutOf(version: unknown): ReadonlyMap<string, string> {
  return new Map(typeof version === "string" ? [["keras_version", version]] : []);
}

/** The layers of a model, without what only says how they begin. */
function layersOf(described: Described, limits: KerasLimits): ContainedLayer[] {
  return describeModel(described, limits).layers.map(({ name, className, config }) => {
    const options = Object.entries(isRecord(config) ? config : {}).filter(
      ([key, value]) => value !== null && !/name|initializer|dtype|seed/.test(key),
    );
    return { name, kind: className, options: JSON.stringify(Object.fromEntries(options)) };
  });
}

/** All datasets of a file, by their paths. */
function datasetsIn(object: Hdf5Object, limits: KerasLimits, depth = 0): ContainedTensor[] {
  atMost(`HDF5 ${object.path.slice(0, 80)}`, depth, limits.depth, "groups inside of groups");
  const { elements, shape, path } = object;
  if (elements && shape) return [{ name: path, dtype: elements, shape }];
  return object.names.flatMap((name) => datasetsIn(object.find(name)!, limits, depth + 1));
}
