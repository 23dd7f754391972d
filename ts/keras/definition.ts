/** Definitions of models as Keras 2, Keras 3 and TensorFlow.js write them, brought into one form: layers and their calls. */
import { FormatError } from "../errors.js";
import { atMost, type KerasLimits } from "./limits.js";
import { isRecord } from "./settings.js";

/** One output of one call of a layer. */
export interface Reference {
  readonly layer: string;
  /** The same for all outputs of the call, as `callKey` gives it. */
  readonly key: string;
  readonly output: number;
}

/** What tells one call of one layer from all others. */
export function callKey(layer: string, call: number): string {
  return `${call} ${layer}`;
}

/** One call of a layer: what it reads, and what its states begin with. */
export interface Call {
  readonly inputs: readonly Reference[];
  readonly initial: readonly Reference[];
  /** What is given as a number instead of a value. */
  readonly constants: readonly number[];
  /** For each input the mask that is handed over beside it; null for none, undefined where Keras finds it by itself. */
  readonly masks: readonly (Reference | null | undefined)[];
  /** Whether attention sees no later steps. */
  readonly causal: boolean;
}

export interface DescribedLayer {
  readonly className: string;
  readonly name: string;
  readonly config: unknown;
  /** How many layers of this class come before it in its model. */
  readonly count: number;
  readonly calls: readonly Call[];
  /** The number by which others know the first of them: 0, or 1 of a model in Keras 2, where its making counts as one. */
  readonly first: 0 | 1;
}

/** A model whose layers read each other's outputs by name. */
export interface DescribedModel {
  readonly name: string;
  readonly layers: readonly DescribedLayer[];
  readonly inputs: readonly Reference[];
  readonly outputs: readonly Reference[];
}

/** What a layer is: its class, its options and, as the case may be, its own name. */
export interface Described {
  readonly className: string;
  readonly config: unknown;
}

/** JSON of at most so many bytes. */
export function parseJson(where: string, text: string, limits: KerasLimits): unknown {
  atMost(where, text.length, limits.definitionBytes, "characters");
  atMost(where, depthOf(text), limits.depth, "brackets inside of brackets");
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new FormatError({ where, expected: "JSON", got: "something else", cause });
  }
}

/** How deep the brackets are in JSON. */
function depthOf(text: string): number {
  let [depth, most] = [0, 0];
  for (const [mark] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[{]|[\]}]/gs)) {
    if (mark === "[" || mark === "{") most = Math.max(most, ++depth);
    else if (mark === "]" || mark === "}") depth--;
  }
  return most;
}

/** A class and its options; FormatError for anything else, and for a layer that is no layer of Keras. */
export function describedOf(where: string, value: unknown): Described {
  if (!isRecord(value) || typeof value.class_name !== "string") {
    return refuse(where, "an object with class_name and config", typeof value);
  }
  const { class_name, config, registered_name, module } = value;
  const own = typeof registered_name === "string" && registered_name.includes(">");
  if (own || (typeof module === "string" && !/^(tf_)?keras\b|^builtins$/.test(module))) {
    refuse(where, "a layer of Keras", `${class_name} of ${own ? registered_name : module}`);
  }
  return { className: class_name, config };
}

/** Whether it is a model, whose layers `describeModel` gives. */
export function isModel({ className }: Described): boolean {
  return className === "Sequential" || className === "Functional" || className === "Model";
}

export function describeModel({ className, config }: Described, limits: KerasLimits): DescribedModel {
  const where = `${className} model`;
  // Until Keras 2.1 the layers of a sequential model stood alone.
  const record = Array.isArray(config) ? { layers: config } : config;
  if (!isRecord(record) || !Array.isArray(record.layers)) {
    return refuse(where, "layers", isRecord(record) ? typeof record.layers : typeof record);
  }
  atMost(where, record.layers.length, limits.layers, "layers");
  const name = typeof record.name === "string" ? record.name : className;
  const model = className === "Sequential" ? sequence(name, record.layers) : functional(where, name, record);
  const calls = model.layers.flatMap(({ calls }) => calls);
  atMost(where, calls.length, limits.layers, "calls of layers");
  const read = calls.reduce((sum, { inputs, initial }) => sum + inputs.length + initial.length, 0);
  atMost(where, read, 8 * limits.layers, "inputs of layers");
  return model;
}

function sequence(name: string, list: readonly unknown[]): DescribedModel {
  const described = list.map((value, index) => describedOf(`layer ${index} of ${name}`, value));
  if (described[0]?.className !== "InputLayer") {
    // Keras 2 lets the first layer say what it reads.
    const first = described[0]?.config;
    const shape = isRecord(first) ? (first.batch_input_shape ?? first.batch_shape) : undefined;
    described.unshift({ className: "InputLayer", config: { name: `input of ${name}`, batch_shape: shape } });
  }
  const counted = counter();
  const layers: DescribedLayer[] = [];
  for (const { className, config } of described) {
    const before = layers.at(-1);
    const own = nameOf(config, className);
    const calls = before ? [callOf([referenceTo(before.name)])] : [callOf([])];
    layers.push({ className, config, name: own, count: counted(className), calls, first: 0 });
  }
  const last = layers.at(-1)!.name;
  return {
    name,
    layers: unique(name, layers),
    inputs: [referenceTo(layers[0]!.name)],
    outputs: [referenceTo(last)],
  };
}

function functional(where: string, name: string, record: Readonly<Record<string, unknown>>): DescribedModel {
  const counted = counter();
  let keras3 = false;
  const layers = (record.layers as readonly unknown[]).map((value, index): DescribedLayer => {
    const { className, config } = describedOf(`layer ${index} of ${name}`, value);
    const { name: own, inbound_nodes } = value as { name?: unknown; inbound_nodes?: unknown };
    const named = typeof own === "string" ? own : nameOf(config, className);
    const nodes = Array.isArray(inbound_nodes) ? inbound_nodes : [];
    keras3 ||= nodes.some(isRecord);
    const calls = nodes.map((node) => calledBy(`${className} ${JSON.stringify(named)}`, node));
    return {
      className,
      config,
      name: named,
      count: counted(className),
      calls: calls.length > 0 || className !== "InputLayer" ? calls : [callOf([])],
      first: 0,
    };
  });
  const models = layers.filter((layer) => isModel(layer));
  // Where Keras 3 writes outputs, how a functional model was made counts as a call of it.
  const made = models.filter(({ className }) => keras3 && className !== "Sequential").map(({ name }) => name);
  const outputs = references(`${where} output_layers`, record.output_layers, new Set(made));
  const read = [
    outputs,
    ...layers.flatMap(({ calls }) => calls.flatMap((call) => [call.inputs, call.initial])),
  ];
  const keys = new Set(read.flat().map(({ key }) => key));
  return {
    name,
    layers: unique(name, layers).map((layer) =>
      !keras3 && models.includes(layer) && !keys.has(callKey(layer.name, 0)) ? { ...layer, first: 1 } : layer,
    ),
    inputs: references(`${where} input_layers`, record.input_layers),
    outputs,
  };
}

/** Of Keras 3 {args, kwargs}, of Keras 2 a list of [layer, call, output, options]. */
function calledBy(where: string, node: unknown): Call {
  if (isRecord(node)) {
    const { args, kwargs } = node;
    const given = isRecord(kwargs) ? kwargs : {};
    const [input, ...more] = Array.isArray(args) ? args : [];
    const named = attended.flatMap((name) => tensorsIn(given[name]));
    requireKnown(where, given);
    return {
      inputs: [...tensorsIn(input), ...more.flatMap(tensorsIn), ...named],
      initial: tensorsIn(given.initial_state ?? given.initial_states),
      constants: more.filter((value): value is number => typeof value === "number"),
      masks: Array.isArray(given.mask)
        ? given.mask.map((mask) => tensorsIn(mask)[0] ?? null)
        : [given.mask ?? given.query_mask, given.value_mask, given.key_mask].map(
            (mask) => tensorsIn(mask)[0],
          ),
      causal: given.use_causal_mask === true,
    };
  }
  if (!Array.isArray(node)) return refuse(where, "calls of layers", typeof node);
  const entries = node.length > 0 && typeof node[0] === "string" ? [node] : node;
  const read = entries.map((entry: unknown) => {
    if (!Array.isArray(entry)) return refuse(where, "[layer, call, output, options]", typeof entry);
    const options = entry[3];
    if (isRecord(options)) requireKnown(where, options);
    return { reference: reference(where, entry), options: isRecord(options) ? options : {} };
  });
  const options = read[0]?.options ?? {};
  const stated = options.initial_state;
  const initial = Array.isArray(stated)
    ? references(where, typeof stated[0] === "string" ? [stated] : stated)
    : [];
  const named = attended.flatMap((name) => (options[name] ? [reference(where, options[name])] : []));
  const inputs = [...read.map(({ reference }) => reference), ...named];
  return { inputs, initial, constants: [], masks: [], causal: options.use_causal_mask === true };
}

/** What attention can be given by name, in its order. */
const attended = ["query", "value", "key"];

const known = [
  ...["training", "mask", "query_mask", "value_mask", "key_mask", "initial_state", "initial_states"],
  ...[...attended, "use_causal_mask", "return_attention_scores"],
];

/** Throws for an option of a call that there is nothing for. Scores that are returned are missed where they are read. */
function requireKnown(where: string, given: Readonly<Record<string, unknown>>): void {
  for (const [key, value] of Object.entries(given)) {
    const absent = value === null || value === false;
    if (!known.includes(key) && !absent) refuse(`${where} call`, "only options that are known here", key);
    if (key === "training" && value === true) refuse(`${where} call`, "training false", "true");
  }
}

/** The tensors in what a call of Keras 3 is given: one, or a list. */
function tensorsIn(value: unknown): Reference[] {
  if (Array.isArray(value)) return value.flatMap((part) => (isRecord(part) ? tensorsIn(part) : []));
  if (!isRecord(value) || value.class_name !== "__keras_tensor__" || !isRecord(value.config)) return [];
  return [reference("a call", value.config.keras_history)];
}

/** One [layer, call, output], or a list of them; `made`: the layers whose calls are counted from 1. */
function references(where: string, value: unknown, made: ReadonlySet<string> = new Set()): Reference[] {
  if (!Array.isArray(value)) return refuse(where, "a list", typeof value);
  const list = typeof value[0] === "string" ? [value] : value;
  return list.map((entry: unknown) => {
    const given = reference(where, entry);
    if (!made.has(given.layer)) return given;
    const [, call, output] = entry as [string, number, number];
    return reference(where, [given.layer, call - 1, output]);
  });
}

function reference(where: string, value: unknown): Reference {
  const [layer, call, output] = Array.isArray(value) ? (value as unknown[]) : [];
  const numbered = [call, output].every((number) => Number.isInteger(number) && (number as number) >= 0);
  if (typeof layer !== "string" || !numbered) refuse(where, "[layer, call, output]", typeof value);
  return { ...referenceTo(layer as string, call as number), output: output as number };
}

function referenceTo(layer: string, call = 0): Reference {
  return { layer, key: callKey(layer, call), output: 0 };
}

function callOf(inputs: readonly Reference[]): Call {
  return { inputs, initial: [], constants: [], masks: [], causal: false };
}

/** How many of a class there have been. */
function counter(): (className: string) => number {
  const seen = new Map<string, number>();
  return (className) => {
    const count = seen.get(className) ?? 0;
    seen.set(className, count + 1);
    return count;
  };
}

function unique(where: string, layers: readonly DescribedLayer[]): readonly DescribedLayer[] {
  const names = new Set(layers.map(({ name }) => name));
  if (names.size < layers.length) refuse(where, "a name of its own for every layer", "one twice");
  return layers;
}

function nameOf(config: unknown, className: string): string {
  return isRecord(config) && typeof config.name === "string" ? config.name : className;
}

function refuse(where: string, expected: string, got: string): never {
  throw new FormatError({ where, expected, got: got.slice(0, 80) });
}
