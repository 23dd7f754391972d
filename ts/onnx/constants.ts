/** Operators on numbers that are known: they are computed while importing, lengths that are open among them. */
import { type Call, knownAt, refuse } from "./builder.js";
import { axisOf, type Extent, type Known, known, product } from "./signal.js";

/** The elements that are kept: an axis whose length is open has one. */
export function kept(shape: readonly Extent[]): number[] {
  return shape.map((extent) => (typeof extent === "number" ? extent : 1));
}

/** A tensor of this shape whose element at each index is that of `from` at another. */
export function rearranged(
  call: Call,
  from: Known,
  shape: readonly Extent[],
  source: (index: readonly number[]) => readonly number[],
): Known {
  const lengths = kept(shape);
  const given = kept(from.shape);
  const count = product(lengths);
  if (!lengths.every((length) => Number.isSafeInteger(length) && length >= 0)) {
    return refuse(call, "lengths from 0", `[${shape}]`);
  }
  call.builder.spend(call, count);
  const index = lengths.map(() => 0);
  const at = () => source(index).reduce((sum, i, axis) => sum * given[axis]! + i, 0);
  const open = Array.prototype.some.call(from.values, (value) => typeof value === "string");
  const values: Extent[] | Float32Array | Float64Array = open
    ? new Array<Extent>(count)
    : from.real
      ? new Float32Array(count)
      : new Float64Array(count);
  for (let i = 0; i < count; i++) {
    values[i] = from.values[at()] as never;
    for (let axis = lengths.length - 1; axis >= 0; axis--) {
      if (++index[axis]! < lengths[axis]!) break;
      index[axis] = 0;
    }
  }
  return { ...from, shape, values };
}

/** The shape of both, by the rule of numpy. */
export function broadcastShape(call: Call, a: readonly Extent[], b: readonly Extent[]): Extent[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const [x, y] = [a[a.length - rank + i] ?? 1, b[b.length - rank + i] ?? 1];
    if (x !== y && x !== 1 && y !== 1) {
      return refuse(call, "shapes that go together", `[${a}] and [${b}]`);
    }
    return x === 1 ? y : x;
  });
}

/** The tensor at another shape that it can be broadcast to. */
export function expanded(call: Call, tensor: Known, shape: readonly Extent[]): Known {
  const skip = shape.length - tensor.shape.length;
  const lengths = kept(tensor.shape);
  return rearranged(call, tensor, shape, (index) =>
    lengths.map((length, axis) => (length === 1 ? 0 : index[skip + axis]!)),
  );
}

/** The one number that a tensor has everywhere; undefined if there are others. */
export function uniform(call: Call, { values }: Known): number | undefined {
  call.builder.spend(call, values.length);
  const [first] = values as ArrayLike<Extent> & Iterable<Extent>;
  const same =
    typeof first === "number" &&
    Array.prototype.every.call(values, (value) => Object.is(value, first) || value === first);
  return same ? first : undefined;
}

const formulas: Readonly<Record<string, (a: number, b: number) => number>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
  Max: Math.max,
  Min: Math.min,
  Mod: (a, b) => a - b * Math.floor(a / b),
  Equal: (a, b) => Number(a === b),
  Less: (a, b) => Number(a < b),
  LessOrEqual: (a, b) => Number(a <= b),
  Greater: (a, b) => Number(a > b),
  GreaterOrEqual: (a, b) => Number(a >= b),
  And: (a, b) => Number(a !== 0 && b !== 0),
  Or: (a, b) => Number(a !== 0 || b !== 0),
};

const conditions = ["Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual", "And", "Or"];

const ofOne: Readonly<Record<string, (value: number) => number>> = {
  Not: (value) => Number(value === 0),
  Sqrt: Math.sqrt,
};

/** An operator on a known tensor, number by number. */
export function mapped(call: Call): Known {
  const tensor = knownAt(call, 0);
  const formula = ofOne[call.node.operator]!;
  const values = wholeNumbers(call, tensor).map(formula);
  return tensor.real ? { ...tensor, values: Float32Array.from(values) } : { ...tensor, values };
}

/** Operators that `combine` and `mapped` know, but for those of arithmetic. */
export const onKnown = { two: ["Mod", ...conditions], one: Object.keys(ofOne) } as const;

/** An operator on two known tensors, number by number. */
export function combine(call: Call, a: Known, b: Known): Known {
  const { operator } = call.node;
  const shape = broadcastShape(call, a.shape, b.shape);
  const [x, y] = [expanded(call, a, shape), expanded(call, b, shape)];
  const formula = formulas[operator]!;
  const of = (p: Extent, q: Extent): Extent => {
    if (typeof p === "number" && typeof q === "number") {
      const value = formula(p, q);
      return a.real ? Math.fround(value) : Math.trunc(value);
    }
    if (operator === "Mul" && (p === 1 || q === 1)) return p === 1 ? q : p;
    if (operator === "Mul" && `${p}${q}`.length < 64) return `${p}*${q}`;
    if (operator === "Equal") return Number(p === q);
    if ((operator === "Add" || operator === "Sub") && q === 0) return p;
    if (operator === "Div" && q === 1) return p;
    return refuse(call, "lengths that the file fixes", `${p} and ${q}`);
  };
  const values = Array.from(x.values, (value, i) => of(value, y.values[i]!));
  const real = a.real && !conditions.includes(operator);
  return known(shape, real ? Float32Array.from(values as number[]) : values, {
    real,
    learned: a.learned || b.learned,
  });
}

/** The numbers themselves, where none may be a length that is open. */
export function wholeNumbers(call: Call, tensor: Known): number[] {
  return Array.from(tensor.values, (value) => {
    if (typeof value !== "number") return refuse(call, "a number", `the length ${value}`);
    return value;
  });
}

/** The same numbers in another shape, of which -1 stands for what is left and 0 for the same length as before. */
export function reshaped(call: Call, tensor: Known, target: readonly Extent[]): Known {
  const shape = target.map((extent, axis) => (extent === 0 ? (tensor.shape[axis] ?? 1) : extent));
  const open = (extents: readonly Extent[]) => extents.filter((extent) => typeof extent === "string");
  const rest = product(kept(shape).filter((extent) => extent !== -1));
  const count = tensor.values.length;
  const filled = shape.map((extent) => (extent === -1 ? count / rest : extent));
  if (product(kept(filled)) !== count || open(filled).join() !== open(tensor.shape).join()) {
    return refuse(call, `${count} numbers`, `the shape [${target}] for [${tensor.shape}]`);
  }
  return { ...tensor, shape: filled };
}

/** Tensors one after another along an axis. */
export function concatenated(call: Call, tensors: readonly Known[], axis: number): Known {
  const [first] = tensors as [Known, ...Known[]];
  const at = axisOf(call.node.where, axis, first.shape.length);
  const lengths = tensors.map(({ shape }) => kept(shape)[at]!);
  const total = lengths.reduce((a, b) => a + b, 0);
  const shape = first.shape.map((extent, i) => (i === at ? total : extent));
  const outer = product(kept(shape).slice(0, at));
  const inner = product(kept(shape).slice(at + 1));
  for (const { shape } of tensors) {
    if (
      shape.length !== first.shape.length ||
      shape.some((extent, i) => i !== at && extent !== first.shape[i])
    ) {
      return refuse(call, `shapes like [${first.shape}]`, `[${shape}]`);
    }
  }
  call.builder.spend(call, outer * total * inner);
  const values: Extent[] = [];
  for (let row = 0; row < outer; row++) {
    for (const [i, tensor] of tensors.entries()) {
      const size = lengths[i]! * inner;
      for (let k = 0; k < size; k++) values.push(tensor.values[row * size + k]!);
    }
  }
  return known(shape, first.real ? Float32Array.from(values as number[]) : values, {
    real: first.real,
    learned: tensors.some(({ learned }) => learned),
  });
}
