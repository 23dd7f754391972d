/** What is in a file of Keras, whichever kind it is: the definition of a model, and where its weights are. */
import { FormatError } from "../errors.js";
import { decodeUtf8 } from "../io/utf8.js";
import { isZip } from "../io/zip.js";
import { readArchive } from "./archive.js";
import { type Described, describedOf, isModel, parseJson } from "./definition.js";
import { type Hdf5Object, isHdf5, readHdf5 } from "./hdf5/file.js";
import type { KerasLimits } from "./limits.js";
import { isRecord } from "./settings.js";

export interface OpenedFile {
  /** In words. */
  readonly kind: string;
  /** The version of Keras that wrote it, if it says so. */
  readonly version: unknown;
  /** The model; undefined in a file of weights alone. */
  readonly described: Described | undefined;
  /** The root of the HDF5 file with the weights, if there is one. */
  readonly root: Hdf5Object | undefined;
}

/** FormatError for anything but a `.keras` archive, an HDF5 file or JSON. */
export function openFile(source: Uint8Array | string, limits: KerasLimits): OpenedFile {
  if (typeof source !== "string" && isZip(source)) {
    const archive = readArchive(source, limits);
    const json = archive["config.json"];
    if (!json) throw new FormatError({ where: ".keras archive", expected: "config.json", got: "none" });
    const read = (name: string, bytes: Uint8Array) => parseJson(name, textOf(name, bytes), limits);
    const about = archive["metadata.json"] && read("metadata.json", archive["metadata.json"]);
    const weights = archive["model.weights.h5"];
    return {
      kind: "Keras archive",
      version: isRecord(about) ? about.keras_version : undefined,
      described: definitionOf("config.json", read("config.json", json)),
      root: weights && readHdf5(weights, limits),
    };
  }
  if (typeof source !== "string" && isHdf5(source)) {
    const root = readHdf5(source, limits);
    const json = root.texts("model_config")?.[0];
    return {
      kind: json === undefined ? "weights of Keras in HDF5" : "Keras model in HDF5",
      version: root.texts("keras_version")?.[0],
      described:
        json === undefined
          ? undefined
          : definitionOf("model_config", parseJson("model_config", json, limits)),
      root,
    };
  }
  const text = typeof source === "string" ? source : textOf("fromKeras", source);
  const json = parseJson("definition", text, limits);
  return {
    kind: "definition of a Keras model",
    version: isRecord(json) ? json.keras_version : undefined,
    described: definitionOf("definition", json),
    root: undefined,
  };
}

/** FormatError for anything but a model. */
export function definitionOf(where: string, value: unknown): Described {
  const described = describedOf(where, value);
  if (isModel(described)) return described;
  throw new FormatError({
    where,
    expected: "a Sequential or Functional model",
    got: described.className.slice(0, 80),
    hint: "a model that is a class of its own can be saved only with its code",
  });
}

/** FormatError for what is no UTF-8. */
export function textOf(where: string, bytes: Uint8Array): string {
  try {
    return decodeUtf8(new Uint8Array(bytes));
  } catch (cause) {
    throw new FormatError({
      where,
      expected: "text in UTF-8, or a file of Keras",
      got: "other bytes",
      cause,
    });
  }
}
