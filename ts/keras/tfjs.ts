/** Layers models of TensorFlow.js: a definition like that of Keras 2, and weights in files that it names. */
import { FormatError } from "../errors.js";
import { type Described, describeModel } from "./definition.js";
import { atMost, type KerasLimits } from "./limits.js";
import { definitionOf } from "./open.js";
import { isRecord } from "./settings.js";
import { type Listed, listedWeights, type WeightFile } from "./weights.js";

export interface LayersModel {
  readonly topology: Described;
  readonly version: unknown;
  readonly weights: WeightFile;
  /** The weights as the manifest lists them. */
  readonly entries: readonly { readonly name: string; readonly shape: readonly number[] }[];
}

/** From `model.json` as JSON, and the bytes of the files by the names that it has for them. */
export function layersModel(
  json: unknown,
  files: ReadonlyMap<string, Uint8Array>,
  limits: KerasLimits,
): LayersModel {
  const { modelTopology, weightsManifest, format } = isRecord(json) ? json : {};
  if (!isRecord(modelTopology) || (format !== undefined && format !== "layers-model")) {
    return refuse("model.json", "a layers model", typeof format === "string" ? format : "something else");
  }
  const topology = definitionOf("model.json", modelTopology.model_config ?? modelTopology);
  const known = new Set(describeModel(topology, limits).layers.map(({ name }) => name));
  const lists = new Map<string, Listed[]>();
  const entries: { name: string; shape: readonly number[] }[] = [];
  for (const [index, group] of list("model.json weightsManifest", weightsManifest).entries()) {
    readGroup(`weightsManifest[${index}]`, group, files, limits, (numbers) => {
      const { name } = numbers;
      // Names from Keras 3 begin with that of the model.
      const parts = name.split("/");
      const layer = parts.find((part) => known.has(part)) ?? parts[0]!;
      const list = lists.get(layer);
      if (list) list.push(numbers);
      else lists.set(layer, [numbers]);
      entries.push({ name, shape: numbers.shape });
    });
  }
  const weights = listedWeights(new Map([...lists].map(([name, numbers]) => [name, () => numbers])));
  return { topology, version: modelTopology.keras_version, weights, entries };
}

function readGroup(
  where: string,
  group: unknown,
  files: ReadonlyMap<string, Uint8Array>,
  limits: KerasLimits,
  each: (numbers: Listed) => void,
): void {
  const { paths, weights } = isRecord(group) ? group : {};
  const parts = list(`${where} paths`, paths).map((path) => {
    const bytes = typeof path === "string" ? files.get(path) : undefined;
    return bytes ?? refuse(where, `the file ${JSON.stringify(path)}`, "none of this name among those given");
  });
  const bytes = parts.length === 1 ? parts[0]! : joined(parts);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  for (const weight of list(`${where} weights`, weights)) {
    const { name, shape, dtype, quantization } = isRecord(weight) ? weight : {};
    const called = typeof name === "string" ? name : refuse(where, "a name for each weight", typeof name);
    const own = `weight ${JSON.stringify(called.slice(0, 80))}`;
    if (dtype !== "float32" || quantization !== undefined) {
      refuse(own, "float32", quantization ? "quantised numbers" : String(dtype));
    }
    const axes = list(`${own} shape`, shape);
    atMost(own, axes.length, limits.rank, "axes");
    const count = axes.reduce<number>((product, length) => product * (length as number), 1);
    if (
      !axes.every((length) => Number.isInteger(length) && (length as number) >= 0) ||
      !Number.isSafeInteger(count)
    ) {
      refuse(own, "a shape", JSON.stringify(shape));
    }
    if (at + 4 * count > bytes.length) refuse(own, `${4 * count} bytes`, String(bytes.length - at));
    const start = at;
    const data = Float32Array.from({ length: count }, (_, i) => view.getFloat32(start + 4 * i, true));
    at += 4 * count;
    each({ name: called, shape: axes as number[], data });
  }
  if (at !== bytes.length) refuse(where, `${at} bytes in its files`, String(bytes.length));
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function list(where: string, value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : refuse(where, "a list", typeof value);
}

function refuse(where: string, expected: string, got: string): never {
  throw new FormatError({ where, expected, got });
}
