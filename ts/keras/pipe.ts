/** What several kinds of layers need: rows of numbers in, layers of ours one behind the other. */
import type { Layer } from "../layers/layer.js";
import type { Subject } from "./convert.js";
import type { Parameters } from "./gates.js";
import type { Signal } from "./wires.js";

/** One layer behind the other; the first has the parameters. */
export function pipe(subject: Subject, x: Signal, layers: readonly Layer[], parameters?: Parameters): Signal {
  const node = layers.reduce((node, layer, index) => {
    const name = index === 0 ? subject.name : `${subject.name}_${layer.definition.layer}`;
    return subject.wires.layer(name, layer, node, index === 0 ? parameters : undefined);
  }, x.node);
  return { ...x, node };
}

/** Rows of numbers, with steps or without. */
export function requireNumbers(subject: Subject, input: Signal | undefined): Signal {
  if (input?.kind !== "numbers") return subject.refuse("rows of numbers", input?.kind ?? "nothing");
  return input;
}

/** One axis, alone or in a list. */
export function lastAxis(value: unknown): unknown {
  return value === undefined ? -1 : Array.isArray(value) && value.length === 1 ? value[0] : value;
}
