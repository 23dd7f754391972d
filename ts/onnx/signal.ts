/**
 * What the importer knows of a tensor before anything runs: either its numbers, or which value of the wiring holds it and what
 * each of its axes means.
 */
import { FormatError } from "../errors.js";

/** A length: a number, or `steps`, `batch` or a product of them such as `batch*steps`, which are open until a model runs. */
export type Extent = number | string;

/** Numbers that are in the file or follow from it. */
export interface Known {
  readonly kind: "known";
  readonly shape: readonly Extent[];
  /** The elements, row-major, of an axis whose length is open only one; whole numbers may be lengths that are open. */
  readonly values: ArrayLike<Extent>;
  readonly real: boolean;
  /** Whether it is a weight, which training may change, and not a number of the formula. */
  readonly learned: boolean;
}

/** Some of the numbers of a row: their index, times that of the parts behind it, is part of the column. Never of size 1. */
export interface Part {
  readonly size: number;
}

/** What an axis runs over: the steps of the model's own sequence, or of another (`steps2`), rows, or some numbers of a row. */
export type Factor = "steps" | `steps${number}` | "batch" | Part;

/** A value of the wiring, [steps][batch][columns], as a tensor: each axis runs over a product of factors, none for length 1. */
export interface Signal {
  readonly kind: "signal";
  /** The name of the node, or `input`. */
  readonly node: string;
  readonly tokens: boolean;
  readonly axes: readonly (readonly Factor[])[];
  /** What a column is made of, the first part outermost. */
  readonly parts: readonly Part[];
}

export type Tensor = Known | Signal;

/** Products of queries and keys on their way to being the weights of attention. */
export interface Scores {
  readonly kind: "scores";
  readonly query: Signal;
  readonly keys: Signal;
  /** Those of the queries, but for their numbers, and one of the steps that they look at. */
  readonly axes: readonly (readonly Factor[] | "sources")[];
  readonly heads: number;
  /** What the products are multiplied by. */
  readonly scale: number;
  /** Whether later steps are hidden. */
  readonly causal: boolean;
  /** How many steps to either side are seen, if not all. */
  readonly window: number | undefined;
  /** In training, the share of weights that is left out. */
  readonly dropout: number;
  /** Whether they have become weights, by a softmax. */
  readonly weights: boolean;
}

/** Numbers [..., steps, steps]: one for the own step and those before it, and another for those past it. */
export interface Triangle {
  readonly kind: "triangle";
  readonly shape: readonly Extent[];
  readonly real: boolean;
  readonly past: number;
  readonly future: number;
}

/** What there is for each step, at the axis of the steps: its place, from 0 on, or that row of a table [longest, width]. */
export interface Series {
  readonly kind: "series";
  readonly shape: readonly Extent[];
  readonly table: Known | undefined;
}

/** factor (plus + erf(x / sqrt 2)) of a value x. */
export interface Erf {
  readonly kind: "erf";
  readonly of: Signal;
  readonly plus: number;
  readonly factor: number;
}

/** All that a value of a graph can be while it is followed. */
export type Followed = Tensor | Scores | Triangle | Series | Erf;

/** The lengths of the inputs that the file fixes, of rows and of the steps of each sequence. */
export type Fixed = Readonly<Partial<Record<Exclude<Factor, Part>, number>>>;

export function known(
  shape: readonly Extent[],
  values: ArrayLike<Extent>,
  { real = false, learned = false }: Partial<Known> = {},
): Known {
  return { kind: "known", shape, values, real, learned };
}

/** Numbers in a row. */
export function widthOf({ parts }: Pick<Signal, "parts">): number {
  return product(parts.map(({ size }) => size));
}

/** Whether it is a value of one step. */
export function isOneStep({ axes }: Signal): boolean {
  return axes.flat().every((factor) => typeof factor === "object" || factor === "batch");
}

export function product(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a * b, 1);
}

export function partsOf(axis: readonly Factor[]): Part[] {
  return axis.filter((factor) => typeof factor === "object");
}

/** The axis of so many numbers. */
export function partOf(size: number): Part[] {
  return size === 1 ? [] : [{ size }];
}

/** A length as a `Shape` operator would give it. */
export function extentOf(axis: readonly Factor[]): Extent {
  const open = axis.filter((factor) => typeof factor === "string");
  const size = product(partsOf(axis).map(({ size }) => size));
  if (open.length === 0) return size;
  return size === 1 ? open.join("*") : [...open, size].join("*");
}

/** An axis, counted from the end if negative; FormatError if there is none. */
export function axisOf(where: string, axis: number, rank: number): number {
  if (!(Number.isInteger(axis) && axis >= -rank && axis < rank)) {
    throw new FormatError({ where, expected: `an axis from ${-rank} to ${rank - 1}`, got: String(axis) });
  }
  return axis < 0 ? axis + rank : axis;
}

/** Whether its last axis has all columns in their order, and no other has any. */
export function hasRows({ axes, parts }: Signal): boolean {
  const last = axes.at(-1) ?? [];
  return (
    axes.flat().filter((factor) => typeof factor === "object").length === parts.length &&
    last.length === parts.length &&
    last.every((factor, i) => factor === parts[i])
  );
}

/** The same with parts that follow each other, on one axis and in the row, as one. */
function joined(signal: Signal): Signal {
  let { parts } = signal;
  const axes = signal.axes.map((axis) => {
    const left: Factor[] = [];
    for (const factor of axis) {
      const last = left.at(-1);
      const adjacent =
        typeof factor === "object" &&
        typeof last === "object" &&
        parts.indexOf(factor) === parts.indexOf(last) + 1;
      if (!adjacent) {
        left.push(factor);
        continue;
      }
      const both = { size: last.size * factor.size };
      parts = parts.flatMap((part) => (part === last ? [both] : part === factor ? [] : [part]));
      left[left.length - 1] = both;
    }
    return left;
  });
  return { ...signal, axes, parts };
}

/** The same numbers with other axes: each factor goes into the axis that the lengths of `target` say. */
export function reshape(
  where: string,
  given: Signal,
  target: readonly Extent[],
  fixed: Fixed,
  assume: (factor: Exclude<Factor, Part>, length: number) => void,
): Signal {
  const signal = joined(given);
  const wanted = target.map((extent, axis) => (extent === 0 ? extentOf(signal.axes[axis] ?? []) : extent));
  let { parts } = signal;
  const left: Factor[] = signal.axes.flat();
  const refuse = (): never => {
    throw new FormatError({
      where,
      expected: "a shape that keeps steps, rows of the batch and numbers apart",
      got: `[${signal.axes.map(extentOf)}] as [${target}]`,
    });
  };

  /** Takes factors from one end of what is left until they are as long as `extent`. */
  function take(extent: Extent, fromEnd: boolean): Factor[] {
    const taken: Factor[] = [];
    const open = typeof extent === "string" ? extent.split("*") : [];
    let size = typeof extent === "number" ? extent : 1;
    const names = open.filter((part) => !(Number(part) >= 1));
    for (const part of open) if (Number(part) >= 1) size *= Number(part);
    while (size > 1 || names.length > 0) {
      const factor = fromEnd ? left.pop() : left.shift();
      if (factor === undefined) return refuse();
      if (typeof factor === "string") {
        const named = names.indexOf(factor);
        const length = fixed[factor];
        if (named >= 0) names.splice(named, 1);
        else if (length === undefined && names.length === 0) {
          assume(factor, size);
          size = 1;
        } else if (length !== undefined && size % length === 0) size /= length;
        else return refuse();
        taken.push(factor);
      } else if (size % factor.size === 0) {
        size /= factor.size;
        taken.push(factor);
      } else if (size > 1 && factor.size % size === 0) {
        const [outer, inner] = fromEnd
          ? [{ size: factor.size / size }, { size }]
          : [{ size }, { size: factor.size / size }];
        parts = parts.flatMap((part) => (part === factor ? [outer, inner] : [part]));
        taken.push(fromEnd ? inner : outer);
        if (fromEnd) left.push(outer);
        else left.unshift(inner);
        size = 1;
      } else {
        return refuse();
      }
    }
    return fromEnd ? taken.reverse() : taken;
  }

  const open = wanted.indexOf(-1);
  const before = wanted.slice(0, open < 0 ? wanted.length : open).map((extent) => take(extent, false));
  const after =
    open < 0
      ? []
      : wanted
          .slice(open + 1)
          .reverse()
          .map((extent) => take(extent, true))
          .reverse();
  if (open >= 0) return { ...signal, parts, axes: [...before, left, ...after] };
  // Lengths that the file fixes at 1 are left over.
  if (left.some((factor) => typeof factor === "object" || fixed[factor] !== 1)) refuse();
  return left.length === 0 ? { ...signal, parts, axes: before } : refuse();
}
