/** recurra/convert: models from files of any format and to them, what is in a file, and whether a model gives what it should. */
import { InputError } from "../errors.js";
import type { Model } from "../model/model.js";
import type { Contents, Format, ReadOptions, Written } from "./format.js";
import { formatOf, recognise } from "./formats.js";

export type { ContainedLayer, ContainedTensor, Contents, ReadOptions, Written } from "./format.js";
export { formatNameFor, formatNames } from "./formats.js";
export { type Sample, type Verification, verify } from "./verify.js";

export interface ConvertOptions extends ReadOptions {
  /** The format of the file; default the one that recognises it. */
  readonly format?: string | undefined;
}

/** What is in a file, as it says itself; nothing of it is run. FormatError for a file of no format or not of this one. */
export async function contentsOf(bytes: Uint8Array, options: ConvertOptions = {}): Promise<Contents> {
  const { format, ...others } = options;
  return await (await chosen(bytes, format)).inspect(bytes, others);
}

/** The model in a file. FormatError for a file of no format, or that holds what no layer of ours does. */
export async function readModel(bytes: Uint8Array, options: ConvertOptions = {}): Promise<Model> {
  const { format, ...others } = options;
  const { read } = await chosen(bytes, format);
  if (read) return await read(bytes, others);
  throw new InputError({
    where: "readModel",
    expected: "a format that models come from",
    got: format ?? "another",
  });
}

/**
 * A model as a file of this format, with the files that it refers to, if there are any: what `readModel(bytes, { files })` reads.
 * InputError for a model that the format has no form for, with the layer.
 */
export async function writeModel(model: Model, format: string): Promise<Required<Written>> {
  const { write } = await formatOf(format);
  if (write) return { files: new Map(), ...(await write(model)) };
  throw new InputError({ where: "writeModel", expected: "a format that models go to", got: format });
}

async function chosen(bytes: Uint8Array, format: string | undefined): Promise<Format> {
  if (!(bytes instanceof Uint8Array)) {
    throw new InputError({ where: "file", expected: "a Uint8Array", got: typeof bytes });
  }
  return format === undefined ? await recognise(bytes) : await formatOf(format);
}
