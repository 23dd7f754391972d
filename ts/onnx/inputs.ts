/** What a model reads of the inputs of a graph, and what their axes can mean. */
import type { Tensor as Numbers } from "../data/tensor.js";
import { FormatError } from "../errors.js";
import type { OnnxFile, OnnxInput, OnnxNode } from "./file.js";
import { type Factor, type Fixed, partOf, type Signal } from "./signal.js";

/** Numbers for inputs by name. */
export type Constants = Readonly<Record<string, Numbers<Float32Array | Float64Array>>>;

/** Most numbers of a row. */
export const WIDTH = 1_048_576;

/** The one input of numbers or indices, and the one of lengths if there is one. */
export interface Inputs {
  readonly data: OnnxInput;
  readonly lengths: string | undefined;
}

export function inputsOf(file: OnnxFile, nodes: readonly OnnxNode[], constants: Constants): Inputs {
  const read = new Set(nodes.flatMap(({ inputs }) => inputs));
  const lengths = new Set(
    nodes.flatMap(({ operator, inputs }) => (["RNN", "LSTM", "GRU"].includes(operator) ? [inputs[4]] : [])),
  );
  const given = file.inputs.filter(({ name }) => read.has(name) && !Object.hasOwn(constants, name));
  const data = given.filter(({ name }) => !lengths.has(name));
  if (data.length !== 1) {
    throw new FormatError({
      where: "ONNX inputs",
      expected: "one that a model reads",
      got: data.map(({ name }) => JSON.stringify(name)).join(", ") || "none",
      hint: "give numbers for the others as `constants`",
    });
  }
  const [named, ...more] = given.filter(({ name }) => lengths.has(name));
  if (more.length > 0) {
    throw new FormatError({ where: "ONNX inputs", expected: "one of lengths", got: String(more.length + 1) });
  }
  return { data: data[0]!, lengths: named?.name };
}

/** What the axes of an input can mean, likelier first. */
export function meanings({ name, real, shape }: OnnxInput): { begin: Signal; fixed: Fixed }[] {
  const orders: Record<number, readonly (readonly Factor[])[]> = real
    ? {
        1: [[]],
        2: [["batch"], ["steps"]],
        3: [
          ["batch", "steps"],
          ["steps", "batch"],
        ],
      }
    : {
        1: [["steps"]],
        2: [
          ["batch", "steps"],
          ["steps", "batch"],
        ],
      };
  const found = (orders[shape?.length ?? -1] ?? []).map((order) => {
    const width = real ? shape!.at(-1) : 1;
    if (typeof width !== "number" || width > WIDTH) return undefined;
    const lengthOf = (factor: Factor) => {
      const length = shape![order.indexOf(factor)];
      return order.includes(factor) && typeof length === "number" ? length : undefined;
    };
    const parts = partOf(width);
    const axes: (readonly Factor[])[] = order.map((factor) => [factor]);
    const begin: Signal = {
      kind: "signal",
      node: "input",
      tokens: !real,
      axes: real ? [...axes, parts] : axes,
      parts,
    };
    return { begin, fixed: { steps: lengthOf("steps"), batch: lengthOf("batch") } };
  });
  const good = found.filter((meaning) => meaning !== undefined);
  if (good.length > 0) return good;
  throw new FormatError({
    where: `ONNX input ${JSON.stringify(name)}`,
    expected: real ? "1 to 3 axes, the last of a fixed length" : "1 or 2 axes of indices",
    got: shape ? `[${shape.map((length) => length ?? "?")}]` : "no shape",
  });
}
