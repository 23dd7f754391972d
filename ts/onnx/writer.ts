/** An ONNX graph while it is written: nodes in order, and the tensors that they read. */
import { InputError } from "../errors.js";
import type { NamedTensor } from "../model/model.js";
import {
  type AttributeProto,
  model,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from "./schema.js";
import { tensorOf } from "./tensor.js";
import { encode } from "./wire.js";

/** The first version of ONNX's operators that has all that is written, but for those that came later. */
const OPSET = 17;
const later: Readonly<Record<string, number>> = { Gelu: 20 };
/** The version of the file format that has them all. */
const FORMAT = 9;

/** A value of the graph, [steps, batch, width], or [steps, batch] of indices. */
export interface Written {
  readonly value: string;
  readonly width: number;
}

/** Numbers, or lists of them, for attributes; those of `floats` are no whole numbers. */
export interface Options {
  readonly integers?: Readonly<Record<string, number | readonly number[]>>;
  readonly floats?: Readonly<Record<string, number | readonly number[]>>;
  readonly texts?: Readonly<Record<string, string | readonly string[]>>;
}

export class Writer {
  /** The model's other inputs by name, steps first. */
  readonly sources = new Map<string, Written>();
  readonly #nodes: NodeProto[] = [];
  readonly #tensors: TensorProto[] = [];
  readonly #parameters: ReadonlyMap<string, NamedTensor>;
  #count = 0;
  #opset = OPSET;

  constructor(parameters: readonly NamedTensor[]) {
    this.#parameters = new Map(parameters.map((parameter) => [parameter.path, parameter]));
  }

  /** Adds a node and gives the name of its first output. */
  add(operator: string, inputs: readonly string[], options: Options = {}): string {
    return this.addMany(operator, inputs, 1, options)[0]!;
  }

  /** Adds a node with several outputs. */
  addMany(operator: string, inputs: readonly string[], outputs: number, options: Options = {}): string[] {
    const name = `${operator}_${this.#count++}`;
    this.#opset = Math.max(this.#opset, later[operator] ?? OPSET);
    const made = Array.from({ length: outputs }, (_, i) => (outputs === 1 ? name : `${name}_${i}`));
    this.#nodes.push({
      name,
      opType: operator,
      input: inputs,
      output: made,
      attribute: attributesOf(options),
    });
    return made;
  }

  /** A tensor of the file: float32, or int64 if `whole`. */
  tensor(name: string, shape: readonly number[], values: ArrayLike<number>, whole = false): string {
    const unique = `${name}_${this.#count++}`;
    this.#tensors.push(tensorOf(unique, shape, values, whole));
    return unique;
  }

  whole(...values: readonly number[]): string {
    return this.tensor("numbers", [values.length], values, true);
  }

  number(value: number): string {
    return this.tensor("number", [], [value]);
  }

  /** A learned tensor by its path. */
  parameter(path: string): NamedTensor {
    const found = this.#parameters.get(path);
    if (found) return found;
    throw new InputError({
      where: `toOnnx ${path}`,
      expected: "layers that are each used once",
      got: "no such tensor",
    });
  }

  has(path: string): boolean {
    return this.#parameters.has(path);
  }

  /** A learned tensor as one of the file, [1, ...] if `rows`. */
  weight(path: string): string {
    const { shape, data } = this.parameter(path);
    return this.tensor(path, shape, data as Float32Array);
  }

  /** The bytes of the file. */
  finish(inputs: readonly ValueInfoProto[], output: ValueInfoProto): Uint8Array {
    return encode(model, {
      irVersion: FORMAT,
      producerName: "recurra",
      graph: {
        node: this.#nodes,
        name: "recurra",
        initializer: this.#tensors,
        input: inputs,
        output: [output],
      },
      opsetImport: [{ domain: "", version: this.#opset }],
    });
  }

  /** Names the last value as the output of the graph. */
  output(value: string): string {
    const name = "output";
    this.#nodes.push({ name, opType: "Identity", input: [value], output: [name], attribute: [] });
    return name;
  }
}

/** The description of an input or output; lengths that are open have names. */
export function described(name: string, shape: readonly (number | string)[], whole = false): ValueInfoProto {
  const dim = shape.map((length) => (typeof length === "string" ? { param: length } : { value: length }));
  return { name, type: { tensorType: { elemType: whole ? 7 : 1, shape: { dim } } } };
}

/** AttributeProto.AttributeType, of one and of a list. */
const kinds = { floats: [1, 6], integers: [2, 7], texts: [3, 8] } as const;
const fields = { floats: ["f", "floats"], integers: ["i", "ints"], texts: ["s", "strings"] } as const;

function attributesOf(options: Options): AttributeProto[] {
  return (["integers", "floats", "texts"] as const).flatMap((kind) =>
    Object.entries(options[kind] ?? {}).map(([name, value]): AttributeProto => {
      const isList = Array.isArray(value);
      const held = kind !== "texts" ? value : isList ? value.map(bytesOf) : bytesOf(value as string);
      return { name, [fields[kind][isList ? 1 : 0]]: held, type: kinds[kind][isList ? 1 : 0] };
    }),
  );
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
