/** What the ops on several values, or on parts of one, ask of those they are given. */
import { InputError } from "../errors.js";
import type { Value } from "../graph/graph.js";

/** Throws unless all are numbers, of one model's run, and there is at least one. */
export function requireNumbers(op: string, values: readonly Value[]): void {
  if (values.length === 0) {
    throw new InputError({ where: op, expected: "at least one value", got: "none" });
  }
  for (const value of values) {
    requireValue(op, value);
    if (value.kind === "tokens") {
      throw new InputError({
        where: nameOf(op, value),
        expected: "rows of numbers",
        got: "tokens",
        hint: "put embedding(units) before it",
      });
    }
    if (value.graph !== values[0]!.graph) {
      throw new InputError({
        where: nameOf(op, value),
        expected: "values of the same run",
        got: "a value of another",
        hint: "make every value anew inside the function that is given to the model",
      });
    }
  }
}

export function requireValue(op: string, value: Value): void {
  if (typeof value !== "object" || value === null || !("graph" in value)) {
    throw new InputError({ where: op, expected: "a value", got: String(value) });
  }
}

/** Throws unless all have as many of each as the first. */
export function requireAlike(
  op: string,
  values: readonly Value[],
  measures: readonly ("steps" | "batch" | "width")[],
): void {
  requireNumbers(op, values);
  const [first] = values;
  for (const value of values) {
    if (measures.some((measure) => value[measure] !== first![measure])) {
      throw new InputError({
        where: nameOf(op, value),
        expected: `values of the same ${measures.join(", ")}: ${shapeOf(first!)}`,
        got: shapeOf(value),
      });
    }
  }
}

/** The op and the layer in which it is recorded, for example `1.lstm add`. */
export function nameOf(op: string, { graph }: Value): string {
  return graph.path ? `${graph.path} ${op}` : op;
}

/** Floats of a value, padding included. */
export function countOf({ steps, batch, stride }: Value): number {
  return steps * batch * stride;
}

/** What an output takes over from the values it is made of. */
export function inherited(values: readonly Value[]): Pick<Value, "lengths" | "differentiable"> {
  return {
    lengths: values.find(({ lengths }) => lengths)?.lengths,
    differentiable: values.some(({ differentiable }) => differentiable),
  };
}

function shapeOf({ steps, batch, width }: Value): string {
  return `[${steps} steps][${batch} rows][${width} numbers]`;
}
