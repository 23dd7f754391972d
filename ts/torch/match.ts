/** Which module of a state_dict belongs to which layer of a model. */
import { FormatError } from "../errors.js";
import { namesOf, type ParameterisedLayer } from "./layers.js";
import type { ModulePart } from "./modules.js";
import { shapesOf } from "./weights.js";

/**
 * A part for each layer. With `names` the module of each layer, in the order of the layers; a module that comes again gives
 * its next layer. Without, by kinds and shapes, and in a transformer by PyTorch's names; parts that several layers could have are
 * taken in order only if they are layers of one module, or modules whose names differ in a number alone. FormatError if
 * anything is left over or missing.
 */
export function match(
  layers: readonly ParameterisedLayer[],
  parts: readonly ModulePart[],
  names: readonly string[] | undefined,
): ModulePart[] {
  const matched = names ? byNames(layers, parts, names) : byShapes(layers, parts);
  const left = parts.find((part) => !matched.includes(part));
  if (left) refuse(left.name, "only modules for the model's layers", "a module more", hintOf(layers));
  return matched;
}

/** The parts of the modules of these names. */
export function partsOf(parts: readonly ModulePart[], names: readonly string[]): ModulePart[] {
  const counts = new Map<string, number>();
  return names.map((name) => {
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    const found = parts.find(({ module, layer }) => module === name && layer === count);
    return found ?? refuse(name, count ? `a layer ${count}` : "a module of this name", "none", listOf(parts));
  });
}

/** Whether the order of parts is beyond doubt: they are layers of one module, or their names differ in a number alone. */
export function inOrder(parts: readonly ModulePart[]): readonly ModulePart[] | undefined {
  const numbered = parts.map((part) => {
    const numbers = part.module.split(/(\d+)/);
    return {
      part,
      text: numbers.filter((_, i) => i % 2 === 0).join("#"),
      numbers: numbers.filter((_, i) => i % 2 === 1).map(Number),
    };
  });
  if (new Set(numbered.map(({ text }) => text)).size > 1) return undefined;
  const [{ numbers: first } = { numbers: [] }] = numbered;
  const differing = first
    .map((_, i) => i)
    .filter((i) => numbered.some(({ numbers }) => numbers[i] !== first[i]));
  if (differing.length > 1) return undefined;
  const place = differing[0] ?? 0;
  return numbered
    .sort((a, b) => (a.numbers[place] ?? 0) - (b.numbers[place] ?? 0) || a.part.layer - b.part.layer)
    .map(({ part }) => part);
}

function byNames(
  layers: readonly ParameterisedLayer[],
  parts: readonly ModulePart[],
  names: readonly string[],
) {
  const chosen = partsOf(parts, namesOf("modules", layers, names));
  for (const [index, layer] of layers.entries()) {
    if (!fits(layer, chosen[index]!)) refuse(chosen[index]!.name, needed(layer), described(chosen[index]!));
  }
  return chosen;
}

function byShapes(layers: readonly ParameterisedLayer[], parts: readonly ModulePart[]): ModulePart[] {
  const all = candidates(layers, parts);
  return layers.map((layer) => {
    const fitting = all.get(layer)!;
    if (fitting.length === 0) refuse(`for ${layer.path}`, needed(layer), "none", listOf(parts));
    const alike = layers.filter((other) => all.get(other)!.some((part) => fitting.includes(part)));
    const ordered = alike.length === fitting.length ? inOrder(fitting) : undefined;
    const part = fitting.length === 1 && alike.length === 1 ? fitting[0] : ordered?.[alike.indexOf(layer)];
    return (
      part ??
      refuse(`for ${layer.path}`, "one module", fitting.map(({ name }) => name).join(", "), hintOf(layers))
    );
  });
}

/** The parts that each layer could have. Those named like a layer of a transformer are for such a layer. */
function candidates(layers: readonly ParameterisedLayer[], parts: readonly ModulePart[]) {
  const all = new Map(layers.map((layer) => [layer, parts.filter((part) => fits(layer, part))]));
  const taken = new Set<ModulePart>();
  for (const layer of layers) {
    const { role } = layer.inside ?? {};
    const named = all.get(layer)!.filter(({ module }) => module.split(".").at(-1) === role);
    if (named.length > 0) all.set(layer, named);
    for (const part of named) taken.add(part);
  }
  for (const layer of layers) {
    if (layer.inside) continue;
    const left = all.get(layer)!.filter((part) => !taken.has(part));
    if (left.length > 0) all.set(layer, left);
  }
  return all;
}

function fits({ kind, directions }: ParameterisedLayer, part: ModulePart): boolean {
  if (!part.kinds.includes(kind) || part.directions.length !== directions.length) return false;
  return directions.every((parameters, direction) => {
    const shapes = shapesOf(kind, parameters);
    const tensors = part.directions[direction]!;
    return (
      tensors.size === shapes.size &&
      [...shapes].every(([name, shape]) => tensors.get(name)?.shape.join() === shape.join())
    );
  });
}

function needed({ kind, directions }: ParameterisedLayer): string {
  const shapes = [...shapesOf(kind, directions[0]!)].map(([name, shape]) => `${name} [${shape}]`);
  return `${kind} with ${shapes.join(", ")}${directions.length > 1 ? ", and in reverse" : ""}`;
}

function described({ kinds, directions }: ModulePart): string {
  const shapes = [...directions[0]!].map(([name, { shape }]) => `${name} [${shape}]`);
  return `${kinds.join(" or ")} with ${shapes.join(", ")}${directions.length > 1 ? ", and in reverse" : ""}`;
}

function listOf(parts: readonly ModulePart[]): string {
  return `there are ${
    parts
      .map(({ name }) => name)
      .join(", ")
      .slice(0, 400) || "no modules"
  }`;
}

function hintOf(layers: readonly ParameterisedLayer[]): string {
  return `say by the option modules which module each of ${layers.map(({ path }) => path).join(", ")} is`;
}

function refuse(name: string, expected: string, got: string, hint?: string): never {
  throw new FormatError({ where: `state_dict ${name}`, expected, got: got.slice(0, 400), hint });
}
