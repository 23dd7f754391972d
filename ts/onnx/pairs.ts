/** Operators on two tensors, number by number. */
import { activation } from "../layers/activation.js";
import { dense } from "../layers/dense.js";
import type { Layer } from "../layers/layer.js";
import { learned } from "../layers/learned.js";
import type { Operation } from "../layers/operations.js";
import { Builder, type Call, refuse, required } from "./builder.js";
import { combine, kept } from "./constants.js";
import { beginning, positioned } from "./places.js";
import {
  type Factor,
  hasRows,
  isOneStep,
  type Known,
  known,
  type Part,
  partOf,
  partsOf,
  product,
  type Signal,
  type Tensor,
  widthOf,
} from "./signal.js";

const operations = {
  Add: "add",
  Sub: "subtract",
  Mul: "multiply",
  Div: "divide",
  Max: "maximum",
  Min: "minimum",
} as const;

type Pair = keyof typeof operations;

/** Most columns that one column is copied to. */
const COPIES = 1024;

/** Add, Sub, Mul, Div, Max, Min of two tensors or, where ONNX allows it, more; others of two known ones. */
export function pairs(call: Call): Tensor {
  call.node.attributes.integer("fmod");
  const [first, ...others] = call.inputs.map((_, index) => required(call, index));
  return others.reduce((a, b) => pair(call, a, b), first ?? required(call, 0));
}

/** The mean of tensors, number by number. */
export function mean(call: Call): Tensor {
  const as = (operator: Pair): Call => ({ ...call, node: { ...call.node, operator } });
  const share = known([], [1 / call.inputs.length], { real: true });
  return pair(as("Mul"), pairs(as("Add")), share);
}

function pair(call: Call, a: Tensor, b: Tensor): Tensor {
  if (a.kind === "known" && b.kind === "known") return combine(call, a, b);
  const { operator } = call.node;
  if (!Object.hasOwn(operations, operator)) return refuse(call, "numbers of the file", "computed values");
  for (const tensor of [a, b]) {
    if (tensor.kind === "signal" && tensor.tokens) refuse(call, "rows of numbers", "indices");
  }
  if (a.kind === "signal" && b.kind === "signal") return ofSignals(call, a, b);
  return a.kind === "signal"
    ? withKnown(call, a, b as Known, false)
    : withKnown(call, b as Signal, a as Known, true);
}

/** A computed value and numbers of the file, which come first if `reversed`. */
function withKnown(call: Call, signal: Signal, numbers: Known, reversed: boolean): Signal {
  const { node, builder } = call;
  const operator = node.operator as Pair;
  const hint = Builder.hint(node);
  const steps = operator === "Add" ? stepsOf(signal, numbers) : -1;
  if (steps >= 0) {
    const series = beginning(numbers, steps);
    if (series?.table) {
      builder.assume(call, "steps", numbers.shape[steps] as number);
      return positioned(call, signal, series);
    }
  }
  const wide = widened(call, padded(signal, numbers.shape.length), numbers.shape);
  const values = columnsOf(call, wide, numbers);
  const { node: from } = wide;
  const [value] = values as [number];
  const same = values.every((other) => other === value);
  // One number for a whole row is one of the formula, even where an exporter keeps it like a weight.
  const alone = numbers.values.length === 1 && (numbers.shape.length === 0 || widthOf(wide) > 1);
  const learns = numbers.learned && !alone;
  const factor = same && !learns ? factorOf(operator, value, reversed) : undefined;
  if (factor !== undefined) return builder.scaled(hint, wide, factor);
  const affine = same && !learns ? affineOf(operator, value, reversed) : undefined;
  if (affine) return { ...wide, node: builder.add(hint, affine, [from]) };
  if (operator === "Add" && learns) {
    const biased = withBias(call, wide, values);
    if (biased) return biased;
  }
  const width = widthOf(wide);
  const row = learns
    ? builder.add(`${hint}_weight`, learned(width), [from], { vector: values })
    : builder.add(`${hint}_constant`, { op: "constant", values }, [from]);
  const inputs = reversed ? [row, from] : [from, row];
  return { ...wide, node: builder.add(hint, { op: operations[operator] }, inputs) };
}

/** The axis of numbers of the file on which there are as many as the file has steps; -1 for none. */
function stepsOf({ axes }: Signal, { shape }: Known): number {
  const skip = axes.length - shape.length;
  return shape.findIndex(
    (length, i) => typeof length === "number" && length > 1 && axes[skip + i]?.[0] === "steps",
  );
}

/** The same operation with one number; undefined where there is no such layer. */
function affineOf(operator: Pair, value: number, reversed: boolean): Layer | undefined {
  const affine = (alpha: number, beta: number) => activation("affine", { alpha, beta });
  if (operator === "Add") return affine(1, value);
  if (operator === "Sub") return reversed ? affine(-1, value) : affine(1, -value);
  return undefined;
}

/** What a value is multiplied by. */
function factorOf(operator: Pair, value: number, reversed: boolean): number | undefined {
  if (operator === "Mul") return value;
  return operator === "Div" && !reversed && value !== 0 ? 1 / value : undefined;
}

/** The dense layer that a product was made to, with these numbers as its bias; undefined where it is something else. */
function withBias({ node, builder }: Call, signal: Signal, bias: readonly number[]): Signal | undefined {
  const made = builder.nodes.find(({ name }) => name === signal.node);
  if (!made || !("definition" in made.of) || !hasRows(signal)) return undefined;
  const { layer, units, bias: has } = made.of.definition;
  const read = node.inputs.every((input) => builder.isReadOnce(input) || input === "");
  if (layer !== "dense" || has !== false || units !== bias.length || !read) return undefined;
  builder.replace(signal.node, dense(bias.length), { bias });
  return signal;
}

function ofSignals(call: Call, a: Signal, b: Signal): Signal {
  const { node, builder } = call;
  const rank = Math.max(a.axes.length, b.axes.length);
  let [x, y] = [padded(a, rank), padded(b, rank)];
  x = likeIn(call, x, y);
  y = likeIn(call, y, x);
  const numbered = (signal: Signal) =>
    signal.axes
      .map((axis) =>
        axis.map((factor) => (typeof factor === "string" ? factor : place(signal.parts, factor))).join("*"),
      )
      .join();
  if (numbered(x) !== numbered(y)) {
    return refuse(call, "values whose axes mean the same", `[${numbered(x)}] and [${numbered(y)}]`);
  }
  const op = operations[node.operator as Pair];
  return { ...x, node: builder.add(Builder.hint(node), { op } as Operation, [x.node, y.node]) };
}

/** A part by its place among the columns, and its size. */
function place(parts: readonly Part[], part: Part): string {
  return `${parts.indexOf(part)}:${part.size}`;
}

/** A signal with the steps, and the only column as often, as another has. */
function likeIn(call: Call, signal: Signal, other: Signal): Signal {
  let made = signal;
  for (const [axis, factors] of other.axes.entries()) {
    if (made.axes[axis]!.length > 0 || factors.length === 0) continue;
    if (factors.length === 1 && typeof factors[0] === "string" && factors[0] !== "batch" && isOneStep(made)) {
      const node = call.builder.add("repeat", { op: "repeat" }, [made.node, other.node]);
      made = { ...made, node, axes: made.axes.with(axis, factors) };
    } else if (factors.every((factor) => typeof factor === "object")) {
      const lengths = made.axes.map((_, i) =>
        i === axis ? product(partsOf(factors).map(({ size }) => size)) : 1,
      );
      made = widened(call, made, lengths);
      if (factors.length > 1) made = { ...made, ...split(made, axis, partsOf(factors)) };
    }
  }
  return made;
}

/** The one part of an axis as several. */
function split(signal: Signal, axis: number, factors: readonly Part[]): Pick<Signal, "axes" | "parts"> {
  const parts = factors.map(({ size }) => ({ size }));
  return { axes: signal.axes.with(axis, parts), parts };
}

/** A signal of one column whose column is copied where `lengths` ask for more. */
function widened(call: Call, signal: Signal, lengths: readonly (number | string)[]): Signal {
  const skip = signal.axes.length - lengths.length;
  const axis = lengths.findIndex(
    (length, i) => typeof length === "number" && length > 1 && signal.axes[skip + i]!.length === 0,
  );
  if (axis < 0) return signal;
  const count = lengths[axis] as number;
  if (signal.parts.length > 0 || count > COPIES) {
    return refuse(call, "values whose axes mean the same", `an axis of ${count} beside one of 1`);
  }
  const parts = partOf(count);
  const node = call.builder.add("copies", { op: "concat" }, new Array<string>(count).fill(signal.node));
  return { ...signal, node, parts, axes: signal.axes.with(skip + axis, parts) };
}

/** The number for each column; FormatError where they differ along steps or rows. */
function columnsOf(call: Call, { axes, parts }: Signal, numbers: Known): number[] {
  const skip = axes.length - numbers.shape.length;
  const lengths = kept(numbers.shape);
  for (const [i, length] of lengths.entries()) {
    const axis = axes[skip + i] as readonly Factor[];
    const size = product(partsOf(axis).map(({ size }) => size));
    if (length !== 1 && (length !== size || partsOf(axis).length !== axis.length)) {
      refuse(
        call,
        "numbers that are the same at every step and in every row",
        `the shape [${numbers.shape}]`,
      );
    }
  }
  const width = product(parts.map(({ size }) => size));
  call.builder.spend(call, width);
  return Array.from({ length: width }, (_, column) => {
    const index = new Map<Part, number>();
    let rest = column;
    for (const part of parts.toReversed()) {
      index.set(part, rest % part.size);
      rest = Math.floor(rest / part.size);
    }
    const at = lengths.reduce((sum, length, i) => {
      const within = partsOf(axes[skip + i]!).reduce((at, part) => at * part.size + index.get(part)!, 0);
      return sum * length + (length === 1 ? 0 : within);
    }, 0);
    const value = numbers.values[at]!;
    return typeof value === "number" ? value : refuse(call, "a number", `the length ${value}`);
  });
}

/** A signal with axes of length 1 before its own, up to a rank. */
function padded(signal: Signal, rank: number): Signal {
  const missing = Math.max(0, rank - signal.axes.length);
  return { ...signal, axes: [...new Array<Factor[]>(missing).fill([]), ...signal.axes] };
}
