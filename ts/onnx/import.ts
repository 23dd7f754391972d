/** Models from ONNX files: every tensor is followed through the graph by what its axes mean, before anything is made. */
import type { Tensor as Numbers } from "../data/tensor.js";
import type { EngineOptions } from "../engine/engine.js";
import { FormatError, InputError, RecurraError } from "../errors.js";
import { writeParameter } from "../graph/parameter.js";
import { features, type Input, tokens } from "../layers/input.js";
import { wiring } from "../layers/wiring.js";
import { Model } from "../model/model.js";
import { createNetwork } from "../model/network.js";
import { Builder, type Call } from "./builder.js";
import { type OnnxFile, type OnnxInput, type OnnxLimits, type OnnxNode, readOnnx } from "./file.js";
import * as moves from "./moves.js";
import { mean, pairs } from "./pairs.js";
import * as products from "./products.js";
import { recurrent } from "./recurrent.js";
import { reduce, reductions } from "./reduce.js";
import {
  type Extent,
  extentOf,
  type Factor,
  type Fixed,
  known,
  partOf,
  type Signal,
  type Tensor,
} from "./signal.js";

export interface FromOnnxOptions extends EngineOptions {
  /** The name of the output that the model gives; default the first. */
  readonly output?: string;
  /** Numbers for inputs of the graph that the model is not to read, by name: they become weights. */
  readonly constants?: Readonly<Record<string, Numbers<Float32Array | Float64Array>>>;
  /** How much the file may ask for. */
  readonly limits?: Partial<OnnxLimits>;
}

/** A model, and how it stands to its file. */
export interface FromOnnx {
  readonly model: Model;
  /** The input that the model reads and what its axes are in the file, for example ["steps", "batch", 5]. */
  readonly input: { readonly name: string; readonly axes: readonly Extent[] };
  /** The same of the output; the numbers of a row are in this order too. */
  readonly output: { readonly name: string; readonly axes: readonly Extent[] };
  /** The input of the file that is the `lengths` of this model's data, if there is one. */
  readonly lengths: string | undefined;
  /** Where other programs may give other numbers. */
  readonly warnings: readonly string[];
}

type Operator = (call: Call, file: OnnxFile) => Tensor | readonly (Tensor | undefined)[];

const operators: Readonly<Record<string, Operator>> = {
  ...Object.fromEntries(["Add", "Sub", "Mul", "Div", "Max", "Min", "Equal"].map((name) => [name, pairs])),
  ...Object.fromEntries(products.activationOperators.map((name) => [name, products.activationOf])),
  ...Object.fromEntries(reductions.map((name) => [name, reduce])),
  ...Object.fromEntries(["RNN", "LSTM", "GRU"].map((name) => [name, recurrent])),
  Cast: moves.cast,
  Clip: products.clip,
  Concat: moves.concat,
  Constant: moves.constant,
  ConstantOfShape: moves.constantOfShape,
  Dropout: products.dropoutOf,
  Expand: moves.expand,
  Flatten: moves.flatten,
  Gather: moves.gather,
  Gemm: products.gemm,
  Identity: moves.identity,
  LayerNormalization: products.layerNormalization,
  LogSoftmax: (call, { opset }) => products.softmaxOf(call, opset),
  MatMul: products.matMul,
  Mean: mean,
  Reshape: moves.reshapeOf,
  Shape: moves.shapeOf,
  Slice: moves.slice,
  Softmax: (call, { opset }) => products.softmaxOf(call, opset),
  Split: moves.split,
  Squeeze: moves.squeeze,
  Transpose: moves.transpose,
  Unsqueeze: moves.unsqueeze,
  Where: moves.choose,
};

/**
 * Makes a model that predicts, streams and trains from an ONNX file (operators of versions 7 to 25) with one input. Which axis is
 * steps and which rows of the batch follows from its recurrent operators; without any, the batch is first. FormatError for bytes
 * that are no such file, and for what cannot be expressed here, with the name of its node, before anything is made.
 */
export async function fromOnnx(bytes: Uint8Array, options: FromOnnxOptions = {}): Promise<FromOnnx> {
  if (!(bytes instanceof Uint8Array)) {
    throw new InputError({ where: "fromOnnx", expected: "a Uint8Array", got: typeof bytes });
  }
  const { output: wanted, constants = {}, limits, ...engineOptions } = options;
  const file = readOnnx(bytes, limits);
  const name = wanted ?? file.outputs[0] ?? "";
  if (!file.outputs.includes(name)) {
    throw new InputError({
      where: "fromOnnx.output",
      expected: `one of ${file.outputs.join(", ")}`,
      got: JSON.stringify(name),
    });
  }
  const nodes = neededNodes(file, name);
  const input = inputOf(file, nodes, constants);
  const traced = trace(file, nodes, name, input, constants);
  const { builder, begin, end } = traced;
  const reads = begin.tokens ? tokens(builder.symbols ?? 1) : features(widthOfInput(begin));
  const model = await make(reads, builder, end.node, engineOptions);
  return {
    model,
    input: { name: input.data.name, axes: begin.axes.map(extentOf) },
    output: { name, axes: end.axes.map(extentOf) },
    lengths: builder.lengths,
    warnings: builder.warnings,
  };
}

async function make(input: Input, builder: Builder, output: string, options: EngineOptions): Promise<Model> {
  const layer = builder.nodes.length > 0 ? [wiring({ nodes: builder.nodes, output })] : [];
  const network = await createNetwork(input, layer, options);
  for (const parameter of network.parameters) {
    const path = parameter.path.replace(/^0\.wiring\./, "");
    const values = builder.weights.get(path);
    const count = parameter.layout.rows * parameter.layout.columns;
    if (values?.length !== count) {
      throw new FormatError({
        where: `ONNX ${path}`,
        expected: `${count} numbers`,
        got: String(values?.length),
      });
    }
    writeParameter(network.engine, parameter, Float32Array.from(values));
  }
  return new Model(network);
}

/** The nodes that an output needs, in the file's order. */
function neededNodes(file: OnnxFile, output: string): OnnxNode[] {
  const needed = new Set([output]);
  const kept: OnnxNode[] = [];
  for (const node of file.nodes.toReversed()) {
    if (!node.outputs.some((name) => name !== "" && needed.has(name))) continue;
    for (const name of node.inputs) needed.add(name);
    kept.push(node);
  }
  return kept.reverse();
}

/** The one input of numbers or indices, and the one of lengths if there is one. */
interface Inputs {
  readonly data: OnnxInput;
  readonly lengths: string | undefined;
}

function inputOf(
  file: OnnxFile,
  nodes: readonly OnnxNode[],
  constants: FromOnnxOptions["constants"] = {},
): Inputs {
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

interface Traced {
  readonly builder: Builder;
  readonly begin: Signal;
  readonly end: Signal;
}

/** Tries each meaning that the axes of the input can have; the error is that of the one that came furthest. */
function trace(
  file: OnnxFile,
  nodes: readonly OnnxNode[],
  output: string,
  input: Inputs,
  constants: NonNullable<FromOnnxOptions["constants"]>,
): Traced {
  let furthest = -1;
  let error: unknown;
  for (const { begin, fixed } of meanings(input.data)) {
    let at = 0;
    const builder = new Builder(fixed, readersOf(nodes));
    try {
      const values = new Map<string, Tensor>([[input.data.name, begin]]);
      for (const [name, { shape, data }] of Object.entries(constants)) {
        values.set(name, known(shape, data, { real: true, learned: true }));
      }
      if (input.lengths !== undefined) {
        builder.lengths = input.lengths;
        values.set(input.lengths, {
          kind: "signal",
          node: input.lengths,
          tokens: true,
          axes: [["batch"]],
          parts: [],
        });
      }
      for (const node of nodes) {
        importNode(file, node, builder, values);
        at++;
      }
      const made = tensorOf(file, values, output);
      const end = made?.kind === "known" ? builder.computed(made) : made;
      if (end?.kind !== "signal" || end.tokens) {
        throw new FormatError({
          where: `ONNX output ${JSON.stringify(output)}`,
          expected: "computed numbers",
          got: "others",
        });
      }
      return { builder, begin, end };
    } catch (cause) {
      if (!(cause instanceof RecurraError)) throw cause;
      const reached = at + builder.sequences;
      if (reached > furthest) [furthest, error] = [reached, cause];
    }
  }
  throw error;
}

function readersOf(nodes: readonly OnnxNode[]): Map<string, number> {
  const readers = new Map<string, number>();
  for (const { inputs } of nodes) for (const name of inputs) readers.set(name, (readers.get(name) ?? 0) + 1);
  return readers;
}

/** A value by its name: one that has been made, or a tensor of the file. */
function tensorOf(file: OnnxFile, values: Map<string, Tensor>, name: string): Tensor | undefined {
  if (name === "") return undefined;
  const made = values.get(name);
  if (made) return made;
  const numbers = file.tensors.get(name)?.();
  if (!numbers) {
    throw new FormatError({
      where: `ONNX value ${JSON.stringify(name)}`,
      expected: "one that an earlier node makes",
      got: "none",
    });
  }
  const { shape, values: data, real } = numbers;
  const tensor = known(shape, data, { real, learned: real });
  values.set(name, tensor);
  return tensor;
}

function importNode(file: OnnxFile, node: OnnxNode, builder: Builder, values: Map<string, Tensor>): void {
  const { where, operator, attributes } = node;
  const make = Object.hasOwn(operators, operator) ? operators[operator] : undefined;
  if (!make) {
    throw new FormatError({
      where,
      expected: `one of the operators ${Object.keys(operators).join(", ")}`,
      got: JSON.stringify(operator),
    });
  }
  const inputs = node.inputs.map((name) => tensorOf(file, values, name));
  let made: ReturnType<Operator>;
  try {
    made = make({ node, inputs, builder }, file);
  } catch (cause) {
    if (!(cause instanceof InputError)) throw cause;
    const { expected, got, hint } = cause;
    throw new FormatError({ where: `${where} ${cause.where}`, expected, got, hint, cause });
  }
  attributes.requireAllRead();
  const results = "kind" in made ? [made] : made;
  for (const [index, name] of node.outputs.entries()) {
    const result = results[index];
    if (name !== "" && result) values.set(name, result);
  }
}

/** What the axes of an input can mean, likelier first. */
function meanings({ name, real, shape }: OnnxInput): { begin: Signal; fixed: Fixed }[] {
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
    if (typeof width !== "number") return undefined;
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

function widthOfInput({ parts }: Signal): number {
  return parts[0]?.size ?? 1;
}
