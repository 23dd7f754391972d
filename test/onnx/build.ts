/** ONNX files for tests, put together field by field. */
import { type AttributeProto, model, type NodeProto, type TensorProto } from "../../ts/onnx/schema.js";
import { tensorOf } from "../../ts/onnx/tensor.js";
import { encode } from "../../ts/onnx/wire.js";
import { described } from "../../ts/onnx/writer.js";

type Value = number | string | readonly number[] | readonly string[] | TensorProto;

/** An attribute whose type follows from its value: numbers with a fraction, or in `floats`, are floating-point. */
export function attribute(name: string, value: Value): AttributeProto {
  const bytes = (text: string) => new TextEncoder().encode(text);
  if (typeof value === "string") return { name, s: bytes(value), type: 3 };
  if (typeof value === "number") {
    return floating.has(name) ? { name, f: value, type: 1 } : { name, i: value, type: 2 };
  }
  if ("dims" in value) return { name, t: value, type: 4 };
  if (typeof value[0] === "string")
    return { name, strings: (value as readonly string[]).map(bytes), type: 8 };
  const numbers = value as readonly number[];
  return floating.has(name) ? { name, floats: numbers, type: 6 } : { name, ints: numbers, type: 7 };
}

const floating = new Set([
  "activation_alpha",
  "activation_beta",
  "clip",
  "alpha",
  "beta",
  "epsilon",
  "ratio",
  "min",
  "max",
]);

export function node(
  opType: string,
  input: readonly string[],
  output: readonly string[],
  attributes: Readonly<Record<string, Value>> = {},
  domain?: string,
): NodeProto {
  return {
    opType,
    input,
    output,
    name: output.find((name) => name !== "") ?? "",
    attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
    ...(domain !== undefined && { domain }),
  };
}

export interface Described {
  readonly nodes: readonly NodeProto[];
  /** By name; lengths that are open have names. */
  readonly inputs: Readonly<Record<string, readonly (number | string)[]>>;
  /** Names of inputs that hold whole numbers. */
  readonly whole?: readonly string[];
  readonly outputs: readonly string[];
  readonly tensors?: Readonly<
    Record<string, readonly [shape: readonly number[], values: ArrayLike<number>, whole?: boolean]>
  >;
  readonly opset?: number;
}

export function fileOf({
  nodes,
  inputs,
  whole = [],
  outputs,
  tensors = {},
  opset = 17,
}: Described): Uint8Array {
  return encode(model, {
    irVersion: 8,
    graph: {
      node: nodes,
      name: "test",
      initializer: Object.entries(tensors).map(([name, [shape, values, isWhole]]) =>
        tensorOf(name, shape, values, isWhole),
      ),
      input: Object.entries(inputs).map(([name, shape]) => {
        const info = described(name, shape, whole.includes(name));
        // sequence_lens are of 32 bits, unlike all other whole numbers here.
        return name === "lens"
          ? { name, type: { tensorType: { ...info.type!.tensorType!, elemType: 6 } } }
          : info;
      }),
      output: outputs.map((name) => ({ name, type: { tensorType: { elemType: 1 } } })),
    },
    opsetImport: [{ domain: "", version: opset }],
  });
}
