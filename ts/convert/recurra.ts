/** This library's own files: safetensors with the definition of the model in their metadata. */
import { readSafetensors } from "../io/safetensors.js";
import type { Definition } from "../layers/layer.js";
import { definitionOf, load } from "../model/load.js";
import type { ContainedLayer, Format } from "./format.js";

/** Where a file of ours is marked: how many bytes behind the length of the header are looked through, and for what. */
const BEGINNING = 4096;
const MARK = '"format":"recurra"';

export const recurra: Format = {
  recognises(bytes) {
    return String.fromCharCode(...bytes.subarray(8, 8 + BEGINNING)).includes(MARK);
  },
  async inspect(bytes, { limits } = {}) {
    const { metadata, tensors } = readSafetensors(bytes, limits);
    return {
      format: "recurra model",
      about: new Map([...metadata].filter(([key]) => key !== "definition")),
      layers: metadata.has("definition") ? layersOf(metadata) : [],
      tensors: [...tensors].map(([name, { dtype, shape }]) => ({ name, dtype, shape })),
    };
  },
  read: load,
  async write(model) {
    return { bytes: model.save() };
  },
};

function layersOf(metadata: ReadonlyMap<string, string>): ContainedLayer[] {
  const { input, layers } = definitionOf(metadata);
  return [input, ...layers].map(({ definition }, index) => {
    const { layer, ...options } = definition as Definition;
    return { name: index === 0 ? "input" : `${index - 1}`, kind: layer, options: JSON.stringify(options) };
  });
}
