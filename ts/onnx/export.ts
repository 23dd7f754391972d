/** Models as ONNX files. */
import { InputError } from "../errors.js";
import type { Definition } from "../layers/layer.js";
import type { Operation } from "../layers/operations.js";
import type { Model } from "../model/model.js";
import type { ActivationName, ActivationOptions } from "../ops/activation.js";
import { isRecurrent, type WrittenRecurrence, writeRecurrent } from "./export-recurrent.js";
import { described, Writer, type Written } from "./writer.js";

/** Past every length. */
const END = 2_147_483_647;

/** A layer that has been made from a definition, and where its parameters are. */
interface Place {
  readonly writer: Writer;
  readonly path: string;
}

/**
 * The model as an ONNX file (operators of version 17, of 20 where there is a gelu) that other programs run: it reads `input` [batch, steps, width], or
 * [batch, steps] of indices, and gives `output` [batch, steps, width], like `predict` for rows that all have as many steps.
 * InputError for a model with a function of the user's own, for one in int8, and for a layer that ONNX has no form of.
 */
export function toOnnx(model: Model): Uint8Array {
  const { definition } = model;
  if (!definition) {
    throw new InputError({
      where: "toOnnx",
      expected: "layers that can be saved",
      got: "a function of your own",
    });
  }
  if (model.network.input.named) {
    throw new InputError({ where: "toOnnx", expected: "a model with one input", got: "one with several" });
  }
  if (model.network.parameters.some(({ int8 }) => int8)) {
    throw new InputError({ where: "toOnnx", expected: "a model of float32", got: "one in int8" });
  }
  const writer = new Writer(model.parameters());
  const isTokens = model.network.input.kind === "tokens";
  const { width } = model.network.input;
  const input = described("input", isTokens ? ["batch", "steps"] : ["batch", "steps", width], isTokens);
  const swap = { integers: { perm: isTokens ? [1, 0] : [1, 0, 2] } };
  const begin: Written = { value: writer.add("Transpose", ["input"], swap), width };
  const end = definition.layers.reduce<Written>(
    (x, layer, index) => write({ writer, path: `${index}.${layer.layer}` }, x, layer),
    begin,
  );
  const output = writer.output(writer.add("Transpose", [end.value], { integers: { perm: [1, 0, 2] } }));
  const steps = model.network.program({ batch: 1, steps: 2 });
  const open = steps.output.steps === 2 ? "steps" : steps.output.steps;
  steps.plan.release();
  return writer.finish(input, described(output, ["batch", open, end.width]));
}

type Options = Definition & Readonly<Record<string, never>>;

const layers: Readonly<Record<string, (place: Place, x: Written, options: Options) => Written>> = {
  activation: ({ writer }, x, { name, alpha, beta }) => ({
    ...x,
    value: activated(writer, x.value, name!, { alpha: alpha!, beta: beta! }),
  }),
  dense({ writer, path }, x, { units }) {
    const product = writer.add("MatMul", [x.value, writer.weight(`${path}.weight`)]);
    const bias = writer.has(`${path}.bias`);
    return {
      value: bias ? writer.add("Add", [product, writer.weight(`${path}.bias`)]) : product,
      width: units!,
    };
  },
  dropout: (_, x) => x,
  embedding: ({ writer, path }, x, { units }) => ({
    value: writer.add("Gather", [writer.weight(`${path}.weight`), x.value]),
    width: units!,
  }),
  last: ({ writer }, x) => ({ ...x, value: step(writer, x.value, -1) }),
  layerNorm({ writer, path }, x, { epsilon = 1e-5 }) {
    const affine = writer.has(`${path}.gain`);
    const ones = () => writer.tensor("ones", [x.width], new Float32Array(x.width).fill(1));
    const [gain, ...shift] = affine
      ? [writer.weight(`${path}.gain`), writer.weight(`${path}.shift`)]
      : [ones()];
    return {
      ...x,
      value: writer.add("LayerNormalization", [x.value, gain!, ...shift], { floats: { epsilon } }),
    };
  },
  learned: ({ writer, path }, x, { width }) =>
    everywhere(writer, writer.weight(`${path}.vector`), width!, x.value),
  logSoftmax: ({ writer }, x) => ({
    ...x,
    value: writer.add("LogSoftmax", [x.value], { integers: { axis: -1 } }),
  }),
  residual({ writer, path }, x, { of }) {
    const end = (of! as Definition[]).reduce<Written>(
      (value, layer, index) => write({ writer, path: `${path}.${index}.${layer.layer}` }, value, layer),
      x,
    );
    return { ...x, value: writer.add("Add", [x.value, end.value]) };
  },
  softmax: ({ writer }, x) => ({ ...x, value: writer.add("Softmax", [x.value], { integers: { axis: -1 } }) }),
  wiring: writeWiring,
};

function write(place: Place, x: Written, definition: Definition): Written {
  if (isRecurrence(definition)) return recurrence(place, x, definition).output;
  const { layer } = definition;
  if (Object.hasOwn(layers, layer)) return layers[layer]!(place, x, definition as Options);
  throw new InputError({
    where: `toOnnx ${place.path}`,
    expected: "a layer that ONNX has a form of",
    got: layer,
  });
}

function isRecurrence(definition: Definition): boolean {
  return definition.layer === "bidirectional" || isRecurrent(definition);
}

function recurrence(
  { writer, path }: Place,
  x: Written,
  definition: Definition,
  initial?: readonly Written[],
): WrittenRecurrence {
  if (definition.layer !== "bidirectional") return writeRecurrent(writer, x, definition, [path], "", initial);
  const { of, merge } = definition as unknown as { of: Definition; merge: string };
  if (!isRecurrent(of) || of.reverse) {
    throw new InputError({
      where: `toOnnx ${path}`,
      expected: "rnn, lstm or gru, forward before backward",
      got: of.layer,
    });
  }
  const paths = [`${path}.0.${of.layer}`, `${path}.1.${of.layer}`];
  return writeRecurrent(writer, x, of, paths, merge, initial);
}

interface SavedNode {
  readonly name: string;
  readonly of: Definition | Operation;
  readonly inputs: readonly string[];
  readonly initial?: readonly string[];
}

function writeWiring({ writer, path }: Place, x: Written, { nodes, output }: Options): Written {
  const values = new Map<string, Written>([["input", x]]);
  const states = new Map<string, readonly Written[]>();
  const layersOf = new Map<string, { readonly definition: Definition; readonly path: string }>();
  for (const { name, of, inputs, initial } of nodes as readonly SavedNode[]) {
    const given = inputs.map((source) => values.get(source)!);
    const operation = "op" in of ? (of as Operation) : undefined;
    if (operation?.op === "state") {
      values.set(name, states.get(inputs[0]!)![operation.index]!);
      continue;
    }
    if (operation && operation.op !== "again") {
      values.set(name, operated(writer, operation, given));
      continue;
    }
    const made = operation
      ? layersOf.get(operation.node)!
      : { definition: of as Definition, path: `${path}.${name}` };
    layersOf.set(name, made);
    if (isRecurrence(made.definition)) {
      const begin = initial?.map((source) => values.get(source)!);
      const run = recurrence({ writer, path: made.path }, given[0]!, made.definition, begin);
      states.set(name, run.states);
      values.set(name, run.output);
    } else {
      values.set(name, write({ writer, path: made.path }, given[0]!, made.definition));
    }
  }
  return values.get(output!)!;
}

/** Operations that ONNX has as they are, of any number of values. */
const plain: Readonly<Record<string, string>> = {
  maximum: "Max",
  minimum: "Min",
  subtract: "Sub",
  divide: "Div",
};
const folded: Readonly<Record<string, string>> = { add: "Add", multiply: "Mul" };
const overSteps: Readonly<Record<string, string>> = { mean: "ReduceMean", greatest: "ReduceMax" };

function operated(writer: Writer, operation: Operation, given: readonly Written[]): Written {
  const names = given.map(({ value }) => value);
  const [first] = given as [Written];
  const { op } = operation;
  const like = (value: string): Written => ({ value, width: first.width });
  if (plain[op]) return like(writer.add(plain[op], names));
  if (folded[op]) return like(names.reduce((a, b) => writer.add(folded[op]!, [a, b])));
  if (overSteps[op]) return like(writer.add(overSteps[op], names, { integers: { axes: [0], keepdims: 1 } }));
  switch (operation.op) {
    case "average": {
      const sum = names.reduce((a, b) => writer.add("Add", [a, b]));
      return like(writer.add("Mul", [sum, writer.number(1 / names.length)]));
    }
    case "concat":
      return {
        value: writer.add("Concat", names, { integers: { axis: -1 } }),
        width: given.reduce((sum, { width }) => sum + width, 0),
      };
    case "sum":
      return like(writer.add("ReduceSum", [first.value, writer.whole(0)], { integers: { keepdims: 1 } }));
    case "slice": {
      const { from, to } = operation;
      const bounds = [writer.whole(from), writer.whole(to), writer.whole(2)];
      return { value: writer.add("Slice", [first.value, ...bounds]), width: to - from };
    }
    case "reverse": {
      const bounds = [writer.whole(-1), writer.whole(-END), writer.whole(0), writer.whole(-1)];
      return like(writer.add("Slice", [first.value, ...bounds]));
    }
    case "repeat": {
      const steps = given[1] ? lengthsOf(writer, given[1].value, 0, 1) : writer.whole(operation.steps!);
      const rest = lengthsOf(writer, first.value, 1, 3);
      const shape = writer.add("Concat", [steps, rest], { integers: { axis: 0 } });
      return like(writer.add("Expand", [first.value, shape]));
    }
    case "constant": {
      const { values } = operation;
      return everywhere(
        writer,
        writer.tensor("constant", [values.length], values),
        values.length,
        first.value,
      );
    }
    case "at":
      return like(step(writer, first.value, operation.step));
    default: // last
      return like(step(writer, first.value, -1));
  }
}

/** One step as a sequence of one. */
function step(writer: Writer, value: string, index: number): string {
  const end = index === -1 ? END : index + 1;
  return writer.add("Slice", [value, writer.whole(index), writer.whole(end), writer.whole(0)]);
}

/** The lengths of some axes. */
function lengthsOf(writer: Writer, value: string, from: number, to: number): string {
  return writer.add("Shape", [value], { integers: { start: from, end: to } });
}

/** A row at every step and row of a value. */
function everywhere(writer: Writer, row: string, width: number, like: string): Written {
  const shape = writer.add("Concat", [lengthsOf(writer, like, 0, 2), writer.whole(width)], {
    integers: { axis: 0 },
  });
  return { value: writer.add("Expand", [row, shape]), width };
}

const simple: Partial<Record<ActivationName, string>> = {
  identity: "Identity",
  tanh: "Tanh",
  sigmoid: "Sigmoid",
  relu: "Relu",
  softsign: "Softsign",
  softplus: "Softplus",
  leakyRelu: "LeakyRelu",
  thresholdedRelu: "ThresholdedRelu",
  elu: "Elu",
  hardSigmoid: "HardSigmoid",
};

function activated(
  writer: Writer,
  x: string,
  name: ActivationName,
  { alpha, beta }: ActivationOptions,
): string {
  const operator = simple[name];
  if (operator) {
    const floats = { ...(alpha !== undefined && { alpha }), ...(beta !== undefined && { beta }) };
    return writer.add(operator, [x], { floats });
  }
  const times = (value: string, factor: number) => writer.add("Mul", [value, writer.number(factor)]);
  const plus = (value: string, term: number) => writer.add("Add", [value, writer.number(term)]);
  switch (name) {
    case "affine":
      return plus(times(x, alpha ?? 1), beta ?? 0);
    case "scaledTanh":
      return times(writer.add("Tanh", [times(x, beta ?? 1)]), alpha ?? 1);
    case "clip":
      return writer.add("Clip", [x, writer.number(-alpha!), writer.number(alpha!)]);
    case "silu":
      return writer.add("Mul", [x, writer.add("Sigmoid", [x])]);
    default: {
      const approximate = name === "geluTanh" ? "tanh" : "none";
      return writer.add("Gelu", [x], { texts: { approximate } });
    }
  }
}
