/** From a described model of Keras to nodes: every layer, call by call. */
import { FormatError } from "../errors.js";
import {
  type Call,
  callKey,
  type Described,
  type DescribedLayer,
  describedOf,
  describeModel,
  isModel,
  type Reference,
} from "./definition.js";
import { conversions } from "./layers.js";
import { atMost, type KerasLimits } from "./limits.js";
import { Settings, type Warn } from "./settings.js";
import type { LayerPlace, WeightFile, Weights } from "./weights.js";
import type { Signal, Wires } from "./wires.js";

/** One call of a layer: what it gives for what it is given. `causal`: whether attention sees no later steps. */
export type Apply = (
  inputs: readonly Signal[],
  initial: readonly Signal[],
  causal?: boolean,
) => readonly Signal[];

/** A layer that is being converted. */
export interface Subject {
  readonly name: string;
  /** For messages: class and name. */
  readonly where: string;
  readonly settings: Settings;
  readonly weights: Weights;
  readonly wires: Wires;
  /** Whether Keras 3 defined it, some functions of which are others than in Keras 2. */
  readonly keras3: boolean;
  readonly warn: Warn;
  /** Throws FormatError. */
  refuse(expected: string, got: string): never;
  /** The layer that this one has inside, under a key of its options and under a name among its weights. */
  inner(key: string, among: string): Subject & Described;
  /** Converts an inner layer. */
  apply(inner: Subject & Described): Apply;
}

/** What stays the same throughout a file. */
export interface Conversion {
  readonly file: WeightFile;
  readonly wires: Wires;
  readonly keras3: boolean;
  readonly limits: KerasLimits;
  readonly warn: Warn;
  /** The layers that have been called, by their places: other calls are of the same. */
  readonly made: Map<string, Apply>;
  /** Nodes whose mask Keras has forgotten. */
  readonly forgotten: Set<string>;
  /** How many calls there have been. */
  calls: number;
}

/** Runs a model on signals for its inputs; gives its outputs. `path`: where it is itself a layer. */
export function convertModel(
  conversion: Conversion,
  described: Described,
  inputs: readonly Signal[],
  path: readonly LayerPlace[] = [],
): readonly Signal[] {
  const model = describeModel(described, conversion.limits);
  const results = new Map<string, readonly Signal[]>();
  for (const [index, reference] of model.inputs.entries()) {
    const signal = inputs[index];
    if (!signal || inputs.length !== model.inputs.length) {
      throw new FormatError({
        where: `model ${JSON.stringify(model.name)}`,
        expected: `${model.inputs.length} inputs`,
        got: String(inputs.length),
      });
    }
    results.set(reference.key, [signal]);
  }
  const find = (reference: Reference): Signal | undefined => {
    const outputs = results.get(reference.key);
    if (outputs && !outputs[reference.output]) {
      throw new FormatError({
        where: `output ${reference.output} of ${JSON.stringify(reference.layer)}`,
        expected: `one of ${outputs.length}`,
        got: "another",
      });
    }
    return outputs?.[reference.output];
  };
  /** Calls yet to be run; each pass runs those whose inputs are there. */
  let open = model.layers.flatMap((layer) => {
    if (layer.className === "InputLayer") return [];
    return layer.calls.map((call, index) => ({
      call,
      key: callKey(layer.name, layer.first + index),
      run: (inputs: readonly Signal[], initial: readonly Signal[]) =>
        applyOf(conversion, layer, path)(inputs, initial, call.causal),
      layer,
    }));
  });
  while (open.length > 0) {
    const waiting: typeof open = [];
    for (const entry of open) {
      const { call, key, run, layer } = entry;
      const given = call.inputs.map(find);
      const initial = call.initial.map(find);
      if (!complete(given) || !complete(initial)) {
        waiting.push(entry);
        continue;
      }
      atMost("model", ++conversion.calls, conversion.limits.layers, "calls of layers");
      results.set(key, maskCall(layer, call, given) ?? run(given, initial));
      requireMasks(layer, call, given, find);
      if (conversion.keras3) warnOfMasks(conversion, layer, call, given);
    }
    if (waiting.length === open.length) {
      throw new FormatError({
        where: `layer ${JSON.stringify(open[0]!.layer.name)}`,
        expected: "inputs that other layers give",
        got: "none such",
      });
    }
    open = waiting;
  }
  return model.outputs.map((reference) => {
    const signal = find(reference);
    if (signal) return signal;
    throw new FormatError({
      where: `model ${JSON.stringify(model.name)} output`,
      expected: "one of its layers",
      got: JSON.stringify(reference.layer),
    });
  });
}

function complete(signals: readonly (Signal | undefined)[]): signals is readonly Signal[] {
  return !signals.includes(undefined);
}

/** In Keras 3 a mask is made by layers of its own: NotEqual of the input and a number, and Any of that. */
function maskCall(
  { className }: DescribedLayer,
  { inputs }: Call,
  given: readonly Signal[],
): Signal[] | undefined {
  const [input] = given;
  if (!input) return undefined;
  const mask: Signal = { ...input, kind: "mask" };
  if (className === "NotEqual" && inputs.length === 1 && input.node === input.of) return [mask];
  if (className === "ZerosLike") return [{ ...input, kind: "nothing" }];
  const masks = given.every(({ kind, of }) => (kind === "mask" || kind === "nothing") && of === input.of);
  return masks && ofMasks.includes(className) && input.kind === "mask" ? [mask] : undefined;
}

/** What Keras 3 makes of masks that say the same. */
const ofMasks = ["Any", "Concatenate", "ConvertToTensor", "ExpandDims", "LogicalOr"];

/** Where it is written down, what Keras masks must be what is taken to be masked here. */
function requireMasks(
  { className, name }: DescribedLayer,
  { masks }: Call,
  given: readonly Signal[],
  find: (reference: Reference) => Signal | undefined,
): void {
  for (const [index, mask] of masks.entries()) {
    if (mask === undefined) continue;
    const input = given[index];
    const found = mask && find(mask);
    const same = mask ? found?.kind === "mask" && input?.masked && found.of === input.of : !input?.masked;
    if (same) continue;
    throw new FormatError({
      where: `${className} ${JSON.stringify(name)}`,
      expected: "the mask of an embedding or a masking layer before it",
      got: mask ? `one of ${JSON.stringify(mask.layer)}` : "none",
    });
  }
}

/** Where Keras 3 loses masks, which are kept here. */
function warnOfMasks(
  { forgotten, warn }: Conversion,
  { className, name }: DescribedLayer,
  { masks, initial }: Call,
  given: readonly Signal[],
): void {
  const masked = given.filter(({ masked, kind }) => masked && kind === "numbers");
  const where = `${className} ${JSON.stringify(name)}`;
  if (masked.some(({ node }) => forgotten.has(node))) {
    warn(
      `${where}: Keras 3 has forgotten the mask of what a MultiHeadAttention has read; here it still counts`,
    );
  }
  if (masked.length > 0 && initial.length > 0 && !masks[0]) {
    warn(`${where}: Keras 3 does not pass masks on beside initial states; here masked steps are left out`);
  }
  if (className === "MultiHeadAttention") for (const { node } of masked) forgotten.add(node);
}

function applyOf(conversion: Conversion, layer: DescribedLayer, path: readonly LayerPlace[]): Apply {
  const { name, className, count } = layer;
  const place = [...path, { name, className, count }];
  if (isModel(layer)) return (inputs) => convertModel(conversion, layer, inputs, place);
  const key = JSON.stringify(place.map(({ name }) => name));
  const known = conversion.made.get(key);
  if (known) return known;
  const made = converted(conversion, { ...layer, name, weights: conversion.file.of(place) });
  conversion.made.set(key, made);
  return made;
}

function converted(
  conversion: Conversion,
  { className, config, name, weights }: Described & { readonly name: string; readonly weights: Weights },
): Apply {
  const where = `${className} ${JSON.stringify(name)}`;
  if (!Object.hasOwn(conversions, className)) {
    throw new FormatError({
      where,
      expected: `one of ${Object.keys(conversions).join(", ")}`,
      got: className,
    });
  }
  const { wires, keras3, warn } = conversion;
  const subjectOf = (where: string, config: unknown, name: string, weights: Weights): Subject => {
    const settings = new Settings(where, config);
    return {
      ...{ name, where, settings, weights, wires, keras3, warn },
      refuse(expected, got) {
        throw new FormatError({ where, expected, got });
      },
      inner(key, among) {
        const inner = describedOf(`${where} ${key}`, settings.value(key));
        const own = new Settings(`${where} ${key}`, inner.config).value("name");
        const innerName = typeof own === "string" ? own : inner.className;
        const innerWhere = `${inner.className} ${JSON.stringify(innerName)} in ${where}`;
        return { ...inner, ...subjectOf(innerWhere, inner.config, innerName, weights.inside(among)) };
      },
      apply: (inner) => converted(conversion, inner),
    };
  };
  const subject = subjectOf(where, config, name, weights);
  const apply = conversions[className]!(subject, className);
  subject.settings.finish(warn);
  return apply;
}
