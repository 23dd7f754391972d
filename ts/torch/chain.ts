/** The order of modules that can only follow each other in one way. */
import { FormatError } from "../errors.js";
import { inOrder } from "./match.js";
import type { Kind, ModulePart } from "./modules.js";

/** A module's part as a link of a chain. */
export interface Link {
  readonly part: ModulePart;
  readonly kind: Kind;
  /** Numbers of a row that it reads, or symbols. */
  readonly inputs: number;
  /** Numbers of a row that it gives. */
  readonly outputs: number;
  /** Of a recurrent layer in one direction, before any projection. */
  readonly units: number;
}

/** How many links are tried on, at most. */
const TRIALS = 100_000;

/**
 * The parts one after another, as they are given if their order is `known`. A weight without a bias that may be a table or a
 * linear map is a table where it comes first, and nowhere else. FormatError unless they make one chain, and only one.
 */
export function chainOf(parts: readonly ModulePart[], known: boolean): Link[] {
  const order = known ? parts : inOrder(parts);
  const [chain, another] = order ? [linked(order)] : everyChain(parts);
  if (!chain) refuse(parts, "modules whose widths make a chain", "others");
  if (another) refuse(parts, "one order of the modules", "several");
  for (const [index, { part, kind }] of chain.entries()) {
    const before = chain[index - 1];
    if (!before) continue;
    if (kind === "linear" && before.kind === "linear") {
      refuse(parts, `only one linear map in a row`, `${before.part.name} and ${part.name}`);
    }
    const between = numberOf(part.module) - numberOf(before.part.module);
    if (between > 1)
      refuse(parts, `the module between ${before.part.name} and ${part.name}`, "one without weights");
  }
  return chain;
}

/** The parts as links in this order; undefined if their widths do not fit. */
function linked(parts: readonly ModulePart[]): Link[] | undefined {
  const links = parts.map((part, index) => linkOf(part, index === 0));
  return links.every(
    ({ inputs, kind }, i) => i === 0 || (kind !== "embedding" && inputs === links[i - 1]!.outputs),
  )
    ? links
    : undefined;
}

/** The chains there are; two, if there are more. */
function everyChain(parts: readonly ModulePart[]): Link[][] {
  const chains: Link[][] = [];
  let trials = 0;

  function extend(chain: readonly Link[]): void {
    if (chain.length === parts.length) chains.push([...chain]);
    const last = chain.at(-1);
    for (const part of parts) {
      if (chains.length > 1) return;
      if (++trials > TRIALS) refuse(parts, "modules whose order is soon found", "too many orders");
      if (chain.some((link) => link.part === part) || !follows(part, last?.part)) continue;
      const link = linkOf(part, last === undefined);
      if (last === undefined || link.inputs === last.outputs) extend([...chain, link]);
    }
  }

  extend([]);
  return chains;
}

/** The layers of a module come one after another, from its first. */
function follows({ module, layer }: ModulePart, before: ModulePart | undefined): boolean {
  return layer === 0 || (before?.module === module && before.layer === layer - 1);
}

function linkOf(part: ModulePart, first: boolean): Link {
  const { kinds, directions } = part;
  const shape = (tensor: string) => directions[0]!.get(tensor)?.shape ?? [];
  const kind = kinds.includes("embedding") && !first ? "linear" : kinds[0]!;
  const [rows = 0, columns = rows] = shape("weight");
  if (kind === "linear") return { part, kind, inputs: columns, outputs: rows, units: 0 };
  if (kind === "embedding" || kind === "layerNorm")
    return { part, kind, inputs: rows, outputs: columns, units: 0 };
  const [projected, units = shape("weight_hh")[1]!] = shape("weight_hr");
  return {
    part,
    kind,
    inputs: shape("weight_ih")[1]!,
    outputs: (projected ?? units) * directions.length,
    units,
  };
}

/** The number that a module's name ends in; NaN if it does not. */
function numberOf(module: string): number {
  return Number(/\d+$/.exec(module)?.[0] ?? Number.NaN);
}

function refuse(parts: readonly ModulePart[], expected: string, got: string): never {
  throw new FormatError({
    where: "state_dict",
    expected,
    got: `${got}, of ${parts
      .map(({ name }) => name)
      .join(", ")
      .slice(0, 400)}`,
    hint: "make the model with model(...), or say by the option modules what follows what",
  });
}
