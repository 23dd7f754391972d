/** What a layer is: a function from value to value that knows how it was made, so that a model can be saved. */
import { InputError } from "../errors.js";
import type { Value } from "../graph/graph.js";
import type { Named } from "./input.js";

/** How a layer was made: its name and options, as saved in a model file. */
export interface Definition {
  readonly layer: string;
  readonly [option: string]: unknown;
}

/** Records its operations and gives their output. Parameters are found by the path of the layer, not by the function. */
export interface Layer {
  /** `others`: the model's other inputs by name, for the layers that read them. */
  (input: Value, others?: Named<Value>): Value;
  readonly definition: Definition;
}

/** A layer from its definition and what it records; options that are undefined are left out of the definition. */
export function layer(definition: Definition, record: (input: Value, others: Named<Value>) => Value): Layer {
  const { layer: name } = definition;
  const given = Object.fromEntries(Object.entries(definition).filter(([, option]) => option !== undefined));
  const made: Layer = Object.assign(
    (input: Value, others: Named<Value> = {}) => input.graph.scope(made, name, () => record(input, others)),
    { definition: given as Definition },
  );
  return made;
}

/** Throws for an option that a layer does not have: a misspelt one would otherwise be ignored without a word. */
export function requireOptions(where: string, options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new InputError({ where, expected: `only the options ${known.join(", ")}`, got: unknown });
  }
}

/** Throws unless `value` is a whole number from 1 to 2^20. */
export function requireWidth(where: string, value: unknown): asserts value is number {
  if (!(Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= 1048576)) {
    throw new InputError({ where, expected: "a whole number from 1 to 1048576", got: String(value) });
  }
}

/** Throws unless `value` is a share of numbers that can be dropped. */
export function requireRate(where: string, value: unknown): asserts value is number {
  if (!(typeof value === "number" && value >= 0 && value < 1)) {
    throw new InputError({
      where,
      expected: "a number from 0 up to, not including, 1",
      got: String(value),
    });
  }
}

/** Throws unless `input` holds numbers: most layers cannot work on symbols. */
export function requireFeatures(input: Value): void {
  if (input.kind === "tokens") {
    throw new InputError({
      where: input.graph.path,
      expected: "rows of numbers",
      got: "tokens",
      hint: "put embedding(units) before it",
    });
  }
}
