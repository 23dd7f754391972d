/** What a model reads of the inputs of a graph, and what their axes can mean. */
import type { Tensor as Numbers } from "../data/tensor.js";
import { FormatError } from "../errors.js";
import type { OnnxFile, OnnxInput, OnnxNode } from "./file.js";
import { type Factor, type Fixed, type Part, partOf, type Signal } from "./signal.js";

/** Numbers for inputs by name. */
export type Constants = Readonly<Record<string, Numbers<Float32Array | Float64Array>>>;

/** Most numbers of a row. */
export const WIDTH = 1_048_576;

/** The one input of numbers or indices, the one of lengths if there is one, and those that are initial states. */
export interface Inputs {
  readonly data: OnnxInput;
  readonly lengths: string | undefined;
  readonly states: readonly InitialState[];
}

/** An input that recurrent operators begin with, as a value of one step: directions x units numbers a row. */
export interface InitialState {
  readonly name: string;
  readonly axes: readonly (readonly Factor[])[];
  readonly parts: readonly Part[];
}

export function inputsOf(file: OnnxFile, nodes: readonly OnnxNode[], constants: Constants): Inputs {
  const read = new Set(nodes.flatMap(({ inputs }) => inputs));
  const recurrent = nodes.filter(({ operator }) => ["RNN", "LSTM", "GRU"].includes(operator));
  const lengths = new Set(recurrent.map(({ inputs }) => inputs[4]));
  const begins = new Map(
    recurrent.flatMap((node) => node.inputs.slice(5, 7).map((name) => [name, node] as const)),
  );
  const given = file.inputs.filter(({ name }) => read.has(name) && !Object.hasOwn(constants, name));
  const isState = ({ name, real }: OnnxInput) => real && begins.has(name);
  const data = given.filter((input) => !lengths.has(input.name) && !isState(input));
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
  const states = given.filter(isState).map((input) => stateOf(input, begins.get(input.name)!));
  return { data: data[0]!, lengths: named?.name, states };
}

function stateOf({ name, shape }: OnnxInput, { attributes }: OnnxNode): InitialState {
  const batchFirst = attributes.integer("layout", 0) === 1;
  const [directions, units] = [shape?.[batchFirst ? 1 : 0], shape?.[2]];
  if (
    shape?.length !== 3 ||
    typeof directions !== "number" ||
    !(directions <= 2) ||
    typeof units !== "number"
  ) {
    throw new FormatError({
      where: `ONNX input ${JSON.stringify(name)}`,
      expected: "initial states of a fixed number of directions and units",
      got: shape ? `[${shape.map((length) => length ?? "?")}]` : "no shape",
    });
  }
  if (name === "input" || units > WIDTH) {
    throw new FormatError({
      where: `ONNX input ${JSON.stringify(name)}`,
      expected: "another name or size",
      got: `${units}`,
    });
  }
  const [outer, inner] = [partOf(directions), partOf(units)];
  return {
    name,
    axes: batchFirst ? [["batch"], outer, inner] : [outer, ["batch"], inner],
    parts: [...outer, ...inner],
  };
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
