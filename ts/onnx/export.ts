/** Models as ONNX files. */
import { InputError } from "../errors.js";
import type { Definition } from "../layers/layer.js";
import type { Operation } from "../layers/operations.js";
import type { Model } from "../model/model.js";
import { attentionLayers } from "./export-attention.js";
import {
  END,
  everywhere,
  type LayerWriter,
  lengthsOf,
  type Options,
  type Place,
  plainLayers,
  step,
} from "./export-layers.js";
import { isRecurrent, type WrittenRecurrence, writeRecurrent } from "./export-recurrent.js";
import { described, Writer, type Written } from "./writer.js";

/**
 * The model as an ONNX file (operators of version 17, of 20 where there is a gelu) that other programs run: it reads `input` [batch, steps, width], or
 * [batch, steps] of indices, and gives `output` [batch, steps, width], like `predict` for rows that all have as many steps. A model of
 * several inputs reads them by their names. InputError for a model with a function of the user's own, for one in int8, and for
 * a layer that ONNX has no form of.
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
  if (model.network.parameters.some(({ int8 }) => int8)) {
    throw new InputError({ where: "toOnnx", expected: "a model of float32", got: "one in int8" });
  }
  const writer = new Writer(model.parameters());
  const { input } = model.network;
  const named = Object.entries(input.named ?? { input });
  if (input.named && Object.hasOwn(input.named, "output")) {
    throw new InputError({ where: "toOnnx", expected: "inputs of other names", got: "output" });
  }
  const given = named.map(([name, { kind, width }], index) => {
    const isTokens = kind === "tokens";
    const axes = ["batch", index === 0 ? "steps" : `steps of ${name}`];
    const swap = { integers: { perm: isTokens ? [1, 0] : [1, 0, 2] } };
    const value = writer.add("Transpose", [name], swap);
    return {
      name,
      axes,
      width,
      value,
      described: described(name, isTokens ? axes : [...axes, width], isTokens),
    };
  });
  const [begin, ...sources] = given as [(typeof given)[0], ...typeof given];
  for (const source of sources) writer.sources.set(source.name, source);
  const end = definition.layers.reduce<Written>(
    (x, layer, index) => write({ writer, path: `${index}.${layer.layer}` }, x, layer),
    begin,
  );
  const output = writer.output(writer.add("Transpose", [end.value], { integers: { perm: [1, 0, 2] } }));
  // Each sequence with as many steps as no other, by which the output's are told.
  const others = Object.fromEntries(sources.map(({ name }, i) => [name, { steps: i + 3, ragged: false }]));
  const program = model.network.program({ batch: 1, steps: 2, ...(sources.length > 0 && { others }) });
  const { steps } = program.output;
  program.plan.release();
  const open = given.find((_, i) => steps === i + 2)?.axes[1] ?? steps;
  return writer.finish(
    given.map(({ described }) => described),
    described(output, ["batch", open, end.width]),
  );
}

const layers: Readonly<Record<string, LayerWriter>> = {
  ...plainLayers,
  ...attentionLayers,
  residual({ writer, path }, x, { of }) {
    const end = (of! as Definition[]).reduce<Written>(
      (value, layer, index) => write({ writer, path: `${path}.${index}.${layer.layer}` }, value, layer),
      x,
    );
    return { ...x, value: writer.add("Add", [x.value, end.value]) };
  },
  wiring: writeWiring,
};

function write(place: Place, x: Written, definition: Definition, more: readonly Written[] = []): Written {
  if (isRecurrence(definition)) return recurrence(place, x, definition).output;
  const { layer } = definition;
  if (Object.hasOwn(layers, layer)) return layers[layer]!(place, x, definition as Options, more);
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
  const values = new Map<string, Written>([...writer.sources, ["input", x]]);
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
      const [first, ...more] = given;
      values.set(name, write({ writer, path: made.path }, first!, made.definition, more));
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
    case "stack":
      return like(writer.add("Concat", names, { integers: { axis: 0 } }));
    case "last":
      return like(step(writer, first.value, -1));
    default:
      throw new InputError({ where: "toOnnx", expected: "an operation that ONNX has a form of", got: op });
  }
}
