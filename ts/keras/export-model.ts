/** A model of ours as layers of Keras and their calls: what each node of its graph becomes. */
import type { Input } from "../layers/input.js";
import type { Definition } from "../layers/layer.js";
import type { Operation } from "../layers/operations.js";
import type { GraphNode, ModelGraph } from "./export-graph.js";
import { operations, type Subject, writeLayer } from "./export-layers.js";
import { isRecurrence, type Uses, writeRecurrence } from "./export-recurrent.js";
import type { Parameters } from "./gates.js";
import type { Call, Reference, WrittenLayer, WrittenModel } from "./written.js";

export interface ExportOptions {
  /** Whether Keras 3 shall read it, or else TensorFlow.js. */
  readonly keras3: boolean;
  /** How many steps the first input has, if that is fixed. */
  readonly steps: number | undefined;
  /** The parameters of the layer at a path, by what follows it. */
  parameters(path: string): Parameters;
  /** Throws InputError. `path`: of the layer. */
  refuse(path: string, expected: string, got: string, hint?: string): never;
}

/** A value in Keras. */
interface Signal extends Reference {
  readonly width: number;
  /** Undefined of one row for each sequence. */
  readonly steps: Steps | undefined;
}

/** How many steps there are, by how many the input has that they come from. */
interface Steps {
  /** Undefined if they come from none. */
  readonly of: GraphNode | undefined;
  count(ofInput: number): number;
}

/** Layers and operations that give every step the mask that it had; what follows them can rely on it. */
const passOn = new Set([
  ...["embedding", "sparseEmbedding", "dense", "activation", "activations", "softmax", "logSoftmax"],
  ...["dropout", "layerNorm", "rnn", "lstm", "gru", "bidirectional", "last", "add"],
]);

/** Most steps that are looked for to make a `flatten` fit. */
const MOST = 1_048_576;

export function writtenModel(
  { inputs, nodes, output }: ModelGraph,
  { keras3, steps, parameters, refuse }: ExportOptions,
): WrittenModel {
  const signals = new Map<GraphNode, Signal>();
  /** Of a recurrent layer its last step, its states and its outputs from the last step to the first. */
  const ends = new Map<
    GraphNode,
    { last: Signal; states: readonly Signal[]; reversed: Signal | undefined }
  >();
  const layers = new Map<string, WrittenLayer>();
  const names = new Set<string>();
  const uses = usesOf(nodes, output);
  const masking = nodes.every(({ of }) => {
    if ("input" in of) return true;
    return passOn.has("layer" in of ? of.layer.layer : of.operation.op);
  });
  /** How many steps an input has, if that is fixed. */
  const fixed = new Map(steps === undefined ? [] : [[inputs[0]!, steps]]);

  for (const node of inputs) signals.set(node, input(node));
  for (const node of nodes) {
    const { of } = node;
    if ("layer" in of) signals.set(node, layer(node, of.layer));
    else if ("operation" in of) signals.set(node, operation(node, of.operation));
  }
  return { inputs: inputs.map((node) => signals.get(node)!), output: signals.get(output)! };

  function input(node: GraphNode): Signal {
    const { kind, width } = (node.of as { readonly input: Input }).input;
    const tokens = kind === "tokens";
    const dtype = tokens ? "int32" : "float32";
    const steps = { of: node, count: (ofInput: number) => ofInput };
    const shape = () => (tokens ? [null, lengthOf(steps)] : [null, lengthOf(steps), width]);
    const config = {
      // Read when all is known: what follows may need a number of steps.
      get [keras3 ? "batch_shape" : "batch_input_shape"]() {
        return shape();
      },
      dtype,
    };
    const call = called(node, { className: "InputLayer", config, weights: [] }, [], []);
    return { ...signal(call, 0, width, steps), dtype, shape };
  }

  function layer(node: GraphNode, definition: Definition): Signal {
    const { path } = node;
    const [x] = node.inputs.map((source) => signals.get(source)!) as [Signal];
    const subject: Subject = {
      definition,
      path,
      keras3,
      masked: masking && definition.padding === 0,
      parameters,
      refuse: (expected, got) => refuse(path, expected, got),
    };
    if (isRecurrence(definition)) return recurrence(node, subject, x);
    const { width, ...made } = writeLayer(subject, { width: x.width, sequence: x.steps !== undefined });
    const call = called(node, made, [x], []);
    if (definition.layer === "flatten") return signal(call, 0, flattened(node, x, definition), undefined);
    if (definition.layer !== "conv1d") return signal(call, 0, width, x.steps);
    return signal(call, 0, width, convolved(x.steps ?? refuse(path, "a sequence", "one row"), definition));
  }

  function recurrence(node: GraphNode, subject: Subject, x: Signal): Signal {
    const { path } = node;
    if (!x.steps) refuse(path, "a sequence", "one row");
    const { width, states, ends: end, givesStates, ...made } = writeRecurrence(subject, uses.get(path)!);
    const begin = node.initial.map((source) => signals.get(source)!);
    if (begin.some(({ steps }) => steps)) refuse(path, "initial states of one row", "a sequence");
    const call = called(node, made, [x], begin);
    const first = signal(call, 0, width, end ? undefined : x.steps);
    const finals = givesStates ? states.map((units, index) => signal(call, 1 + index, units, undefined)) : [];
    const reversed = uses.get(path)!.reversed ? first : undefined;
    ends.set(node, { last: end ? first : finals[0]!, states: finals, reversed });
    return first;
  }

  function operation(node: GraphNode, { op, ...options }: Operation): Signal {
    const { path } = node;
    const [source] = node.inputs as [GraphNode];
    const end = ends.get(source);
    if (op === "last") return end?.last ?? refuse(path, "a recurrent layer before it", "another");
    if (op === "state") return end!.states[(options as { index: number }).index]!;
    if (op === "reverse" && end?.reversed) return end.reversed;
    const className = operations[op];
    if (!className || (op === "subtract" && !keras3)) return refuse(path, "an operation that Keras has", op);
    const given = node.inputs.map((each) => signals.get(each)!);
    const [first] = given as [Signal];
    const times = op === "repeat" ? repeats(node, first, options as { steps?: number }) : 0;
    const overSteps = op === "mean" || op === "greatest";
    if (overSteps && !first.steps) refuse(path, "a sequence", "one row");
    if (given.some((each) => !each.steps !== !first.steps))
      refuse(path, "all sequences or all rows", "some of each");
    const config = {
      dtype: "float32",
      ...(op === "concat" && { axis: -1 }),
      ...(op === "repeat" && { n: times }),
    };
    const call = called(node, { className, config, weights: [] }, given, []);
    if (op === "repeat") return signal(call, 0, first.width, { of: undefined, count: () => times });
    const width = op === "concat" ? given.reduce((sum, { width }) => sum + width, 0) : first.width;
    return signal(call, 0, width, overSteps ? undefined : first.steps);
  }

  function repeats({ path }: GraphNode, x: Signal, { steps }: { readonly steps?: number }): number {
    if (x.steps) refuse(path, "one row", "a sequence");
    return steps ?? refuse(path, "a number of steps", "those of another value");
  }

  function lengthOf({ of, count }: Steps): number | null {
    const ofInput = of ? fixed.get(of) : 0;
    return ofInput === undefined ? null : count(ofInput);
  }

  /** How wide a row is of all steps side by side; from now on the input has as many as that needs. */
  function flattened({ path }: GraphNode, x: Signal, definition: Definition): number {
    const count = definition.steps as number;
    const { steps } = x;
    if (!steps) return x.width;
    if (steps.of && !fixed.has(steps.of)) fixed.set(steps.of, inverse(path, steps, count));
    if (lengthOf(steps) !== count) refuse(path, `${count} steps`, `${lengthOf(steps)}`);
    return count * x.width;
  }

  /** How many steps the input must have. */
  function inverse(path: string, steps: Steps, count: number): number {
    let [least, most] = [1, MOST];
    while (least < most) {
      const middle = Math.floor((least + most) / 2);
      if (steps.count(middle) >= count) most = middle;
      else least = middle + 1;
    }
    if (steps.count(least + 1) !== count) return least;
    return refuse(
      path,
      "steps that say how many the input has",
      "several numbers that would do",
      "say it by options.steps",
    );
  }

  function called(
    { name, path }: GraphNode,
    made: Omit<WrittenLayer, "name" | "calls">,
    inputs: readonly Signal[],
    initial: readonly Signal[],
  ): Call {
    const known = layers.get(path);
    const layer = known ?? { ...made, name: free(name), calls: [] };
    layers.set(path, layer);
    const call = { layer, inputs, initial };
    layer.calls.push(call);
    return call;
  }

  function signal(call: Call, output: number, width: number, steps: Steps | undefined): Signal {
    const shape = () => (steps ? [null, lengthOf(steps), width] : [null, width]);
    return { call, output, width, steps, dtype: "float32", shape };
  }

  /** A name that TensorFlow takes too and no other layer has. */
  function free(wanted: string): string {
    const base = /^[A-Za-z0-9]/.test(wanted) ? wanted : `layer${wanted}`;
    let name = base;
    for (let number = 2; names.has(name); number++) name = `${base}_${number}`;
    names.add(name);
    return name;
  }
}

/** Steps behind a convolution. */
function convolved(steps: Steps, { size, stride = 1, dilation = 1, padding = "causal" }: Definition): Steps {
  const reach = padding === "valid" ? ((size as number) - 1) * (dilation as number) : 0;
  return {
    of: steps.of,
    count: (ofInput) => Math.ceil((steps.count(ofInput) - reach) / (stride as number)),
  };
}

/** What others read of the recurrent layer at each path, wherever it is used. */
function usesOf(nodes: readonly GraphNode[], output: GraphNode): ReadonlyMap<string, Uses> {
  const uses = new Map<string, Uses>();
  const add = ({ path }: GraphNode, use: Partial<Uses>) => {
    const before = uses.get(path) ?? { sequences: false, last: false, states: false, reversed: false };
    uses.set(path, { ...before, ...use });
  };
  for (const { of, inputs, initial } of nodes) {
    const op = "operation" in of ? of.operation.op : undefined;
    for (const source of inputs) {
      const backward = "layer" in source.of && source.of.layer.reverse === true;
      if (op === "last") add(source, { last: true });
      else if (op === "state") add(source, { states: true });
      else if (op === "reverse" && backward) add(source, { reversed: true });
      else add(source, { sequences: true });
    }
    for (const source of initial) add(source, { sequences: true });
  }
  add(output, { sequences: true });
  return uses;
}
