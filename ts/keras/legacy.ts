/** Weights in the HDF5 files that Keras wrote until its third version, and still writes when asked for `.h5`. */
import { FormatError } from "../errors.js";
import type { Hdf5Object } from "./hdf5/file.js";
import { type Listed, listedWeights, type WeightFile } from "./weights.js";

/** By layer, each with its weights in the order of `weight_names`; `group` holds the layers. */
export function legacyWeights(group: Hdf5Object): WeightFile {
  const lists = new Map<string, () => readonly Listed[]>();
  for (const name of textsOf(group, "layer_names")) lists.set(name, () => listOf(group, name));
  return listedWeights(lists);
}

function listOf(group: Hdf5Object, name: string): readonly Listed[] {
  const layer = group.find(name);
  if (!layer) throw new FormatError({ where: `HDF5 ${group.path}`, expected: name, got: "no such layer" });
  return textsOf(layer, "weight_names").map((path) => {
    const found = layer.find(path);
    const shape = found?.shape;
    if (!found || !shape) {
      throw new FormatError({ where: `HDF5 ${layer.path}`, expected: `the weight ${path}`, got: "none" });
    }
    return {
      name: path,
      shape,
      get data() {
        return found.numbers(); // read only once its shape is known to be wanted
      },
    };
  });
}

/** A list that Keras cuts into several attributes, numbered from 0, where it is too long for one. */
function textsOf(object: Hdf5Object, name: string): string[] {
  const whole = object.texts(name);
  if (whole) return whole;
  const texts: string[] = [];
  for (let number = 0; ; number++) {
    const part = object.texts(`${name}${number}`);
    if (!part) return texts;
    texts.push(...part);
  }
}
