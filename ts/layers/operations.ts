/** What the nodes of a wiring can do by name: operations on earlier values, each with its options and how many values it takes. */
import { InputError } from "../errors.js";
import type { Value } from "../graph/graph.js";
import { activate, activationCode } from "../ops/activation.js";
import { add } from "../ops/add.js";
import { at } from "../ops/at.js";
import { average } from "../ops/average.js";
import { concat } from "../ops/concat.js";
import { constant } from "../ops/constant.js";
import { divide } from "../ops/divide.js";
import { maximum, minimum } from "../ops/extreme.js";
import { last } from "../ops/last.js";
import { multiply } from "../ops/multiply.js";
import { greatestOfSteps, meanOfSteps, repeat, reverse, sumOfSteps } from "../ops/over-steps.js";
import { slice } from "../ops/slice.js";
import { stack } from "../ops/stack.js";
import { requireOptions, requireWidth } from "./layer.js";

/**
 * An operation by name. Of values of the same shape, number by number: add, subtract, multiply, divide, average, maximum,
 * minimum. Side by side: concat. Columns [from, to) at every step: slice. One step, counted from 0 or from the end if
 * negative: at. The last step of each row: last. Over the steps that count, which become one: mean, sum, greatest. From the
 * last step to the first: reverse. One step at every step of a second value, or at so many: repeat. Numbers at every step of
 * a value: constant. Values of one step as the steps of a sequence: stack. A state of an earlier recurrent node after the last step, hidden before cell, forward before backward:
 * state. The layer of an earlier node again, with the same parameters: again.
 */
export type Operation =
  | { readonly op: "add" | "subtract" | "multiply" | "divide" | "average" | "maximum" | "minimum" | "concat" }
  | { readonly op: "last" | "mean" | "sum" | "greatest" | "reverse" | "stack" }
  | { readonly op: "slice"; readonly from: number; readonly to: number }
  | { readonly op: "at"; readonly step: number }
  | { readonly op: "repeat"; readonly steps?: number }
  | { readonly op: "constant"; readonly values: readonly number[] }
  | { readonly op: "state"; readonly index: number }
  | { readonly op: "again"; readonly node: string };

/** Most numbers of a constant. */
const LONGEST = 65536;

/** Fewest and most values. */
export type Takes = readonly [least: number, most: number];

interface Description {
  readonly takes: Takes;
  readonly options?: readonly string[];
  /** Throws InputError unless the options are good by themselves. */
  check?(where: string, options: Unchecked): void;
  record(values: readonly Value[], options: Unchecked): Value;
}

/** Options that are yet to be checked. */
type Unchecked = Operation & Readonly<Record<string, never>>;

const MANY = [2, 1024] as const;
const TWO = [2, 2] as const;
const ONE = [1, 1] as const;

// Without a call, so that bundlers drop the table, and all that it names, where no wiring is used.
const operations: Readonly<Record<Exclude<Operation["op"], "state" | "again">, Description>> = {
  add: { takes: MANY, record: (values) => add(...values) },
  subtract: {
    takes: TWO,
    record: ([a, b]) => add(a!, activate(b!, activationCode("subtract", { name: "affine", alpha: -1 }))),
  },
  multiply: { takes: MANY, record: (values) => multiply(...values) },
  divide: { takes: TWO, record: ([a, b]) => divide(a!, b!) },
  average: { takes: MANY, record: (values) => average(...values) },
  maximum: { takes: MANY, record: (values) => maximum(...values) },
  minimum: { takes: MANY, record: (values) => minimum(...values) },
  concat: { takes: MANY, record: (values) => concat(...values) },
  stack: { takes: MANY, record: (values) => stack(values) },
  last: { takes: ONE, record: ([x]) => last(x!) },
  mean: { takes: ONE, record: ([x]) => meanOfSteps(x!) },
  sum: { takes: ONE, record: ([x]) => sumOfSteps(x!) },
  greatest: { takes: ONE, record: ([x]) => greatestOfSteps(x!) },
  reverse: { takes: ONE, record: ([x]) => reverse(x!) },
  slice: { takes: ONE, options: ["from", "to"], record: ([x], { from, to }) => slice(x!, from!, to!) },
  at: { takes: ONE, options: ["step"], record: ([x], { step }) => at(x!, step!) },
  repeat: {
    takes: [1, 2],
    options: ["steps"],
    check(where, { steps }) {
      if (steps !== undefined) requireWidth(`${where}.steps`, steps);
    },
    record([x, like], { steps }) {
      if ((like === undefined) === (steps === undefined)) {
        throw new InputError({
          where: `${x!.graph.path} repeat`,
          expected: "a second value, or a number of steps",
          got: like ? "both" : "neither",
        });
      }
      return repeat(x!, like ?? { steps: steps!, lengths: undefined });
    },
  },
  constant: {
    takes: ONE,
    options: ["values"],
    check(where, { values }) {
      const list: unknown = values;
      if (!Array.isArray(list) || list.length < 1 || list.length > LONGEST || !list.every(isFloat32)) {
        throw new InputError({
          where: `${where}.values`,
          expected: `1 to ${LONGEST} finite float32 numbers`,
          got: Array.isArray(list) ? `${list.length} values` : typeof list,
        });
      }
    },
    record: ([like], { values }) => constant(values!, like!),
  },
};

/** Throws InputError unless the operation is in the list, has good options and is given as many values as it takes. */
export function requireOperation(where: string, operation: Operation, inputs: number): void {
  const { op } = operation;
  if (!Object.hasOwn(operations, op)) {
    throw new InputError({
      where,
      expected: `a layer, or one of ${[...Object.keys(operations), "state", "again"].join(", ")}`,
      got: String(op),
    });
  }
  const { takes, options = [], check } = descriptionOf(operation);
  requireOptions(where, operation, ["op", ...options]);
  requireTaken(where, op, takes, inputs);
  check?.(where, operation as Unchecked);
}

/** Throws InputError unless what has this name takes so many values. */
export function requireTaken(where: string, name: string, takes: Takes, inputs: number): void {
  const [least, most] = takes;
  if (inputs >= least && inputs <= most) return;
  throw new InputError({
    where: `${where}.inputs`,
    expected: least === most ? `${least} for ${name}` : `${least} to ${most} for ${name}`,
    got: String(inputs),
  });
}

/** Records an operation that has been checked. InputError where the values do not fit it or each other. */
export function operate(operation: Operation, values: readonly Value[]): Value {
  return descriptionOf(operation).record(values, operation as Unchecked);
}

function descriptionOf({ op }: Operation): Description {
  return operations[op as keyof typeof operations];
}

function isFloat32(value: unknown): boolean {
  return typeof value === "number" && Number.isFinite(Math.fround(value));
}
