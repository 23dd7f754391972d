/** Every tensor of a graph followed from node to node by what its axes mean, and the nodes of a wiring made on the way. */
import { FormatError, InputError, RecurraError } from "../errors.js";
import { onScores } from "./attention.js";
import { attentionOf } from "./attention-operator.js";
import { Builder, type Call } from "./builder.js";
import { mapped, onKnown } from "./constants.js";
import type { OnnxFile, OnnxNode } from "./file.js";
import { erfOf, onErf } from "./gelu.js";
import { type Constants, type Inputs, inputsOf, meanings, WIDTH } from "./inputs.js";
import { onTriangle, trilu } from "./masks.js";
import { mean, pairs } from "./pairs.js";
import * as parts from "./parts.js";
import { onSeries, range } from "./places.js";
import * as products from "./products.js";
import { recurrent } from "./recurrent.js";
import { reduce, reductions } from "./reduce.js";
import * as shapes from "./shapes.js";
import { type Followed, known, type Signal, widthOf } from "./signal.js";

type Operator = (call: Call, file: OnnxFile) => Followed | readonly (Followed | undefined)[];

const operators: Readonly<Record<string, Operator>> = {
  ...Object.fromEntries(
    ["Add", "Sub", "Mul", "Div", "Max", "Min", ...onKnown.two].map((name) => [name, pairs]),
  ),
  ...Object.fromEntries(onKnown.one.map((name) => [name, mapped])),
  ...Object.fromEntries(products.activationOperators.map((name) => [name, products.activationOf])),
  ...Object.fromEntries(reductions.map((name) => [name, reduce])),
  ...Object.fromEntries(["RNN", "LSTM", "GRU"].map((name) => [name, recurrent])),
  Attention: attentionOf,
  Cast: shapes.cast,
  Clip: products.clip,
  Concat: parts.concat,
  Constant: shapes.constant,
  ConstantOfShape: shapes.constantOfShape,
  Dropout: products.dropoutOf,
  Einsum: products.einsum,
  Erf: erfOf,
  Expand: shapes.expand,
  Flatten: shapes.flatten,
  Gather: parts.gather,
  Gemm: products.gemm,
  Identity: shapes.identity,
  LayerNormalization: products.layerNormalization,
  LogSoftmax: (call, { opset }) => products.softmaxOf(call, opset),
  MatMul: products.matMul,
  Mean: mean,
  Range: range,
  Reshape: shapes.reshapeOf,
  Shape: shapes.shapeOf,
  Slice: parts.slice,
  Softmax: (call, { opset }) => products.softmaxOf(call, opset),
  Split: parts.split,
  Squeeze: shapes.squeeze,
  Transpose: shapes.transpose,
  Trilu: trilu,
  Unsqueeze: shapes.unsqueeze,
  Where: shapes.choose,
};

/** What a file becomes: the nodes and weights of a wiring, and the values that go in and come out. */
export interface Traced {
  readonly inputs: Inputs;
  readonly builder: Builder;
  readonly begin: Signal;
  /** Further sequences. */
  readonly sources: readonly Signal[];
  readonly end: Signal;
}

/** Tries each meaning that the axes of the input can have; the error is that of the one that came furthest. */
export function trace(file: OnnxFile, output: string, constants: Constants): Traced {
  const nodes = neededNodes(file, output);
  const input = inputsOf(file, nodes, constants);
  let furthest = -1;
  let error: unknown;
  for (const { begin, fixed, sources } of meanings(input)) {
    let at = 0;
    const builder = new Builder(fixed, readersOf(nodes), file.bytes);
    try {
      const values = new Map<string, Followed>([[input.data.name, begin]]);
      for (const [name, { shape, data }] of Object.entries(constants)) {
        values.set(name, known(shape, data, { real: true, learned: true }));
      }
      for (const source of sources) values.set(source.node, source);
      for (const { name, axes, parts } of input.states) {
        const node = builder.add(name, { op: "last" }, [name]);
        values.set(name, { kind: "signal", node, tokens: false, axes, parts });
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
      return { inputs: input, builder, begin, sources, end };
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
function tensorOf(file: OnnxFile, values: Map<string, Followed>, name: string): Followed | undefined {
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

/** An operator by its name, on inputs like these. */
function operatorFor({ where, operator }: OnnxNode, inputs: Call["inputs"]): Operator {
  const has = (kind: Followed["kind"]) => inputs.some((input) => input?.kind === kind);
  const special = has("scores") ? onScores : has("erf") ? onErf : undefined;
  const table: Readonly<Record<string, Operator>> = special ?? operators;
  const found = Object.hasOwn(table, operator) ? table[operator] : undefined;
  if (!found) {
    const on = has("scores") ? " on scores of attention" : has("erf") ? " on an error function" : "";
    throw new FormatError({
      where,
      expected: `one of the operators ${Object.keys(table).join(", ")}${on}`,
      got: JSON.stringify(operator),
    });
  }
  if (special) return found;
  const usual = (file: OnnxFile) => (call: Call) => found(call, file) as Followed;
  if (has("series")) return (call, file) => onSeries(call, usual(file));
  return has("triangle") ? (call, file) => onTriangle(call, usual(file)) : found;
}

function importNode(file: OnnxFile, node: OnnxNode, builder: Builder, values: Map<string, Followed>): void {
  const { where, attributes } = node;
  const inputs = node.inputs.map((name) => tensorOf(file, values, name));
  const make = operatorFor(node, inputs);
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
    if (name === "" || !result) continue;
    requireSize(where, result);
    values.set(name, result);
  }
}

/** Most axes of a tensor. */
const RANK = 16;

function requireSize(where: string, tensor: Followed): void {
  if (tensor.kind === "erf") return;
  const rank = ("axes" in tensor ? tensor.axes : tensor.shape).length;
  if (rank > RANK) throw new FormatError({ where, expected: `at most ${RANK} axes`, got: String(rank) });
  const width = tensor.kind === "signal" ? widthOf(tensor) : 1;
  if (width > WIDTH)
    throw new FormatError({ where, expected: `rows of at most ${WIDTH} numbers`, got: String(width) });
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
