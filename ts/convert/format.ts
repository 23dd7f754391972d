/** What a format of files is to the converter: how its files are known, what is in them, and models from them and to them. */
import type { EngineOptions } from "../engine/engine.js";
import type { Limits } from "../io/safetensors.js";
import type { Model } from "../model/model.js";

/** What is in a file, as the file says it; nothing of it is run. */
export interface Contents {
  /** The format in words, with its version where the file has one, for example `ONNX, opset 17`. */
  readonly format: string;
  /** What else the file says about itself: producer, metadata. */
  readonly about: ReadonlyMap<string, string>;
  /** Layers or operators in the order of the file; none if it holds numbers only. */
  readonly layers: readonly ContainedLayer[];
  readonly tensors: readonly ContainedTensor[];
}

export interface ContainedLayer {
  readonly name: string;
  /** As the format calls it, for example `LSTM`. */
  readonly kind: string;
  /** Its options in words; may be empty. */
  readonly options: string;
}

export interface ContainedTensor {
  readonly name: string;
  /** As the format calls it, for example `F32`. */
  readonly dtype: string;
  readonly shape: readonly number[];
}

export interface ReadOptions extends EngineOptions {
  /**
   * Files that belong to the one that is read, by the names by which it may refer to them. What is not among them cannot be
   * read: no path or URL is followed.
   */
  readonly files?: ReadonlyMap<string, Uint8Array>;
  readonly limits?: Partial<Limits>;
}

export interface Format {
  /** Whether the bytes look like this format, by how they begin or are laid out; never throws. */
  recognises(bytes: Uint8Array): boolean;
  /** FormatError for a file that is not of this format. */
  inspect(bytes: Uint8Array, options?: ReadOptions): Promise<Contents>;
  /** FormatError for a file that is not of this format, or holds what no layer of ours does, which it names. */
  read?(bytes: Uint8Array, options?: ReadOptions): Promise<Model>;
  /** InputError for a model that has no such form, with the layer. */
  write?(model: Model): Promise<Written>;
}

/** A model as a file. */
export interface Written {
  readonly bytes: Uint8Array;
  /** The files that it refers to, by the names that it has for them, which change with what is in them; default none. */
  readonly files?: ReadonlyMap<string, Uint8Array>;
}
