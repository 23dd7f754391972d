/** The messages of onnx.proto (https://github.com/onnx/onnx, onnx/onnx.proto) that a model of inference takes. */
import type { Fields } from "./wire.js";

const opset: Fields = { 1: ["domain", "string", "one"], 2: ["version", "int64", "one"] };

const entry: Fields = { 1: ["key", "string", "one"], 2: ["value", "string", "one"] };

const tensor: Fields = {
  1: ["dims", "int64", "many"],
  2: ["dataType", "int64", "one"],
  4: ["floatData", "float", "many"],
  5: ["int32Data", "int64", "many"],
  7: ["int64Data", "int64", "many"],
  8: ["name", "string", "one"],
  9: ["rawData", "bytes", "one"],
  10: ["doubleData", "double", "many"],
  13: ["externalData", entry, "many"],
  14: ["dataLocation", "int64", "one"],
};

const attribute: Fields = {
  1: ["name", "string", "one"],
  2: ["f", "float", "one"],
  3: ["i", "int64", "one"],
  4: ["s", "bytes", "one"],
  5: ["t", tensor, "one"],
  7: ["floats", "float", "many"],
  8: ["ints", "int64", "many"],
  9: ["strings", "bytes", "many"],
  20: ["type", "int64", "one"],
};

const node: Fields = {
  1: ["input", "string", "many"],
  2: ["output", "string", "many"],
  3: ["name", "string", "one"],
  4: ["opType", "string", "one"],
  5: ["attribute", attribute, "many"],
  7: ["domain", "string", "one"],
};

const dimension: Fields = { 1: ["value", "int64", "one"], 2: ["param", "string", "one"] };
const shape: Fields = { 1: ["dim", dimension, "many"] };
const tensorType: Fields = { 1: ["elemType", "int64", "one"], 2: ["shape", shape, "one"] };
const type: Fields = { 1: ["tensorType", tensorType, "one"] };
const valueInfo: Fields = { 1: ["name", "string", "one"], 2: ["type", type, "one"] };

const graph: Fields = {
  1: ["node", node, "many"],
  2: ["name", "string", "one"],
  5: ["initializer", tensor, "many"],
  11: ["input", valueInfo, "many"],
  12: ["output", valueInfo, "many"],
};

/** A whole file. */
export const model: Fields = {
  1: ["irVersion", "int64", "one"],
  2: ["producerName", "string", "one"],
  7: ["graph", graph, "one"],
  8: ["opsetImport", opset, "many"],
};

/** A tensor alone, as the official test cases keep their inputs and outputs. */
export const tensorFields = tensor;

export interface TensorProto {
  readonly dims: readonly number[];
  readonly dataType?: number;
  /** Numbers, and bytes where they are packed. */
  readonly floatData?: readonly (number | Uint8Array)[];
  readonly int32Data?: readonly number[];
  readonly int64Data?: readonly number[];
  readonly doubleData?: readonly (number | Uint8Array)[];
  readonly name?: string;
  readonly rawData?: Uint8Array;
  readonly externalData?: readonly { readonly key?: string; readonly value?: string }[];
  readonly dataLocation?: number;
}

export interface AttributeProto {
  readonly name?: string;
  readonly f?: number;
  readonly i?: number;
  readonly s?: Uint8Array;
  readonly t?: TensorProto;
  readonly floats?: readonly (number | Uint8Array)[];
  readonly ints?: readonly number[];
  readonly strings?: readonly Uint8Array[];
  readonly type?: number;
}

export interface NodeProto {
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly name?: string;
  readonly opType?: string;
  readonly attribute: readonly AttributeProto[];
  readonly domain?: string;
}

export interface ValueInfoProto {
  readonly name?: string;
  readonly type?: {
    readonly tensorType?: {
      readonly elemType?: number;
      readonly shape?: { readonly dim: readonly { readonly value?: number; readonly param?: string }[] };
    };
  };
}

export interface ModelProto {
  readonly irVersion?: number;
  readonly producerName?: string;
  readonly graph?: {
    readonly node: readonly NodeProto[];
    readonly name?: string;
    readonly initializer: readonly TensorProto[];
    readonly input: readonly ValueInfoProto[];
    readonly output: readonly ValueInfoProto[];
  };
  readonly opsetImport: readonly { readonly domain?: string; readonly version?: number }[];
}
