/** The mean of values, number by number. */
import type { Value } from "../graph/graph.js";
import { activate, activationCode } from "./activation.js";
import { add } from "./add.js";

/** (a + b + ...) / how many, all [steps][batch][width]. InputError unless their shapes are the same. */
export function average(...values: readonly Value[]): Value {
  return activate(add(...values), activationCode("average", { name: "affine", alpha: 1 / values.length }));
}
