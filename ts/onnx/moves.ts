/** Operators that only move numbers: shapes, axes, parts of tensors and tensors side by side. */
import { embedding } from "../layers/embedding.js";
import { Builder, type Call, integersOf, knownAt, refuse, required } from "./builder.js";
import { broadcastShape, concatenated, expanded, kept, rearranged, reshaped } from "./constants.js";
import { isTable } from "./products.js";
import {
  axisOf,
  type Extent,
  extentOf,
  type Factor,
  isOneStep,
  type Known,
  known,
  partOf,
  partsOf,
  product,
  reshape,
  type Signal,
  type Tensor,
  widthOf,
} from "./signal.js";

export function identity(call: Call): Tensor {
  return required(call, 0);
}

/** TensorProto.DataType of floating-point numbers. */
const real = [1, 10, 11, 16];

export function cast(call: Call): Tensor {
  const tensor = required(call, 0);
  const to = real.includes(call.node.attributes.integer("to", 1));
  call.node.attributes.integer("saturate");
  if (tensor.kind === "known") {
    if (to === tensor.real) return tensor;
    return to
      ? { ...tensor, real: true, values: Float32Array.from(numbers(call, tensor)) }
      : { ...tensor, real: false, values: numbers(call, tensor).map(Math.trunc) };
  }
  if (to === tensor.tokens)
    refuse(call, "numbers that stay what they are", "indices as numbers or numbers as indices");
  return tensor;
}

function numbers(call: Call, tensor: Known): number[] {
  return Array.from(tensor.values, (value) =>
    typeof value === "number" ? value : refuse(call, "a number", `the length ${value}`),
  );
}

export function constant(call: Call): Known {
  const { attributes } = call.node;
  const tensor = attributes.tensor("value");
  if (tensor) return known(tensor.shape, tensor.values, { real: tensor.real });
  const float = attributes.float("value_float");
  const floats = attributes.floats("value_floats");
  const integer = attributes.integer("value_int");
  const integers = attributes.integers("value_ints");
  if (float !== undefined) return known([], Float32Array.of(float), { real: true });
  if (floats) return known([floats.length], Float32Array.from(floats), { real: true });
  if (integer !== undefined) return known([], [integer]);
  return integers ? known([integers.length], integers) : refuse(call, "numbers", "something else");
}

export function constantOfShape(call: Call): Known {
  const shape = Array.from(knownAt(call, 0).values);
  const value = call.node.attributes.tensor("value");
  const one = known([], value?.values ?? Float32Array.of(0), { real: value?.real ?? true });
  return expanded(call.node.where, { ...one, shape: shape.map(() => 1) }, shape);
}

export function shapeOf(call: Call): Known {
  const tensor = required(call, 0);
  const { attributes } = call.node;
  const all = tensor.kind === "known" ? tensor.shape : tensor.axes.map(extentOf);
  const [from, to] = [attributes.integer("start", 0), attributes.integer("end", all.length)];
  const shape = all.slice(from, to);
  return known([shape.length], shape);
}

export function transpose(call: Call): Tensor {
  const tensor = required(call, 0);
  const rank = tensor.kind === "known" ? tensor.shape.length : tensor.axes.length;
  const order = call.node.attributes.integers("perm") ?? Array.from({ length: rank }, (_, i) => rank - 1 - i);
  if (
    order.length !== rank ||
    new Set(order).size !== rank ||
    !order.every((axis) => axis >= 0 && axis < rank)
  ) {
    refuse(call, `an order of ${rank} axes`, `[${order}]`);
  }
  if (tensor.kind === "signal") return { ...tensor, axes: order.map((axis) => tensor.axes[axis]!) };
  const shape = order.map((axis) => tensor.shape[axis]!);
  return rearranged(call.node.where, tensor, shape, (index) => {
    const source: number[] = [];
    for (const [i, axis] of order.entries()) source[axis] = index[i]!;
    return source;
  });
}

export function reshapeOf(call: Call): Tensor {
  const tensor = required(call, 0);
  const target = Array.from(knownAt(call, 1).values);
  if (call.node.attributes.integer("allowzero", 0) !== 0 && target.includes(0))
    refuse(call, "lengths above 0", "0");
  if (tensor.kind === "known") return reshaped(call.node.where, tensor, target);
  const { builder, node } = call;
  return reshape(node.where, tensor, target, builder.fixed, (factor, length) => {
    builder.fixed = { ...builder.fixed, [factor]: length };
    builder.warnings.push(
      `${node.where}: the file takes ${factor} to be ${length}, and this model any number`,
    );
  });
}

export function flatten(call: Call): Tensor {
  const tensor = required(call, 0);
  if (tensor.kind === "known") return refuse(call, "a computed value", "numbers of the file");
  const axis = call.node.attributes.integer("axis", 1);
  const at = axis === tensor.axes.length ? axis : axisOf(call.node.where, axis, tensor.axes.length);
  return { ...tensor, axes: [tensor.axes.slice(0, at).flat(), tensor.axes.slice(at).flat()] };
}

export function squeeze(call: Call): Tensor {
  const tensor = required(call, 0);
  const { where } = call.node;
  const extents = tensor.kind === "known" ? tensor.shape : tensor.axes.map(extentOf);
  const given = integersOf(call, "axes", 1)?.map((axis) => axisOf(where, axis, extents.length));
  const axes = given ?? extents.flatMap((extent, axis) => (extent === 1 ? [axis] : []));
  const { fixed } = call.builder;
  for (const axis of axes) {
    const extent = extents[axis]!;
    const length = extent === "steps" || extent === "batch" ? fixed[extent] : extent;
    if (length !== 1) refuse(call, "axes of length 1", `axis ${axis} of [${extents}]`);
  }
  const left = <T>(list: readonly T[]) => list.filter((_, axis) => !axes.includes(axis));
  if (tensor.kind === "known") return { ...tensor, shape: left(tensor.shape) };
  return { ...tensor, axes: left(tensor.axes) };
}

export function unsqueeze(call: Call): Tensor {
  const tensor = required(call, 0);
  const added = integersOf(call, "axes", 1) ?? refuse(call, "axes", "none");
  const rank = (tensor.kind === "known" ? tensor.shape : tensor.axes).length + added.length;
  const axes = added.map((axis) => axisOf(call.node.where, axis, rank));
  const spread = <T>(list: readonly T[], one: T): T[] => {
    const rest = [...list];
    return Array.from({ length: rank }, (_, axis) => (axes.includes(axis) ? one : rest.shift()!));
  };
  if (new Set(axes).size !== axes.length) refuse(call, "each axis once", `[${added}]`);
  if (tensor.kind === "known") return { ...tensor, shape: spread(tensor.shape, 1 as Extent) };
  return { ...tensor, axes: spread<readonly Factor[]>(tensor.axes, []) };
}

export function expand(call: Call): Tensor {
  const tensor = required(call, 0);
  const target = Array.from(knownAt(call, 1).values);
  const own = tensor.kind === "known" ? tensor.shape : tensor.axes.map(extentOf);
  const shape = broadcastShape(call.node.where, own, target);
  if (tensor.kind === "known") return expanded(call.node.where, tensor, shape);
  const missing = shape.length - own.length;
  const axes = [...new Array<Factor[]>(missing).fill([]), ...tensor.axes];
  const grown = shape.flatMap((extent, axis) => (extent === extentOf(axes[axis]!) ? [] : [axis]));
  if (grown.length === 0) return { ...tensor, axes };
  if (grown.length > 1 || shape[grown[0]!] !== "steps" || !isOneStep(tensor)) {
    return refuse(call, "a shape like that of the value, or one step for all", `[${target}] for [${own}]`);
  }
  const node = call.builder.add(Builder.hint(call.node), { op: "repeat" }, [tensor.node, "input"]);
  return { ...tensor, node, axes: axes.with(grown[0]!, ["steps"]) };
}

/** One of two numbers, where all are known. */
export function choose(call: Call): Known {
  const { where } = call.node;
  const [condition, a, b] = [knownAt(call, 0), knownAt(call, 1), knownAt(call, 2)];
  const shape = broadcastShape(where, broadcastShape(where, condition.shape, a.shape), b.shape);
  const [c, x, y] = [condition, a, b].map((tensor) => expanded(where, tensor, shape).values);
  return { ...a, shape, values: Array.from(c!, (value, i) => (value === 0 ? y![i]! : x![i]!)) };
}

/** Whole columns `start`, `start + 1`, ... of an axis, which becomes one of `count`. */
function columnsOf(call: Call, signal: Signal, axis: number, start: number, count: number): Signal {
  const { builder, node } = call;
  const { parts, axes } = signal;
  const own = partsOf(axes[axis]!);
  const size = product(own.map(({ size }) => size));
  if (count === size) return signal;
  const first = parts.indexOf(own[0]!);
  if (own.length === 0 || own.some((part, i) => parts[first + i] !== part)) {
    return refuse(call, "an axis of numbers that lie together", `axis ${axis}`);
  }
  const outer = product(parts.slice(0, first).map(({ size }) => size));
  const inner = product(parts.slice(first + own.length).map(({ size }) => size));
  if (outer > 64) refuse(call, "at most 64 groups of numbers", String(outer));
  const hint = Builder.hint(node);
  const slices = Array.from({ length: outer }, (_, group) => {
    const from = (group * size + start) * inner;
    return builder.add(hint, { op: "slice", from, to: from + count * inner }, [signal.node]);
  });
  const made = slices.length === 1 ? slices[0]! : builder.add(hint, { op: "concat" }, slices);
  const now = partOf(count);
  return {
    ...signal,
    node: made,
    axes: axes.with(axis, now),
    parts: [...parts.slice(0, first), ...now, ...parts.slice(first + own.length)],
  };
}

/** Elements [start, start + count) of an axis. */
export function range(call: Call, signal: Signal, axis: number, start: number, count: number): Signal {
  const factors = signal.axes[axis]!;
  if (factors.every((factor) => typeof factor === "object")) {
    const size = product(partsOf(factors).map(({ size }) => size));
    if (start < 0 || count < 1 || start + count > size)
      refuse(call, `elements from 0 to ${size - 1}`, `${start}`);
    return size === 1 ? signal : columnsOf(call, signal, axis, start, count);
  }
  const steps = call.builder.fixed.steps;
  if (factors.join() !== "steps" || count !== 1)
    refuse(call, "one step, or some numbers of a row", `axis ${axis}`);
  const step = steps !== undefined && start === steps - 1 ? -1 : start;
  const node = call.builder.add(Builder.hint(call.node), { op: "at", step }, [signal.node]);
  return { ...signal, node, axes: signal.axes.with(axis, []) };
}

export function gather(call: Call): Tensor {
  const { node, builder } = call;
  const data = required(call, 0);
  const indices = required(call, 1);
  const rank = data.kind === "known" ? data.shape.length : data.axes.length;
  const axis = axisOf(node.where, node.attributes.integer("axis", 0), rank);
  if (indices.kind === "signal") {
    if (data.kind !== "known" || !indices.tokens || axis !== 0 || !isTable(data)) {
      return refuse(call, "rows of a table of the file by indices", "something else");
    }
    const [, units] = kept(data.shape) as [number, number];
    const parts = partOf(units);
    const [symbols] = kept(data.shape) as [number];
    if (builder.symbols !== undefined && builder.symbols !== symbols) {
      refuse(call, `a table of ${builder.symbols} rows, as the one before`, String(symbols));
    }
    builder.symbols = symbols;
    const weight = data.values as ArrayLike<number>;
    const made = builder.add(Builder.hint(node), embedding(units), [indices.node], { weight });
    return { ...indices, node: made, tokens: false, parts, axes: [...indices.axes, parts] };
  }
  const chosen = numbers(call, indices);
  if (data.kind === "known") {
    const length = kept(data.shape)[axis]!;
    const at = chosen.map((index) => (index < 0 ? index + length : index));
    if (at.some((index) => !(index >= 0 && index < length)))
      refuse(call, `indices below ${length}`, `[${chosen}]`);
    const own = kept(indices.shape);
    const shape = [...data.shape.slice(0, axis), ...indices.shape, ...data.shape.slice(axis + 1)];
    return rearranged(node.where, data, shape, (index) => {
      const within = own.reduce((sum, length, i) => sum * length + index[axis + i]!, 0);
      return [...index.slice(0, axis), at[within]!, ...index.slice(axis + own.length)];
    });
  }
  if (chosen.length !== 1) return refuse(call, "one index", String(chosen.length));
  const extent = extentOf(data.axes[axis]!);
  const index = chosen[0]! < 0 && typeof extent === "number" ? chosen[0]! + extent : chosen[0]!;
  const made = range(call, data, axis, index, 1);
  return indices.shape.length === 0 ? { ...made, axes: made.axes.toSpliced(axis, 1) } : made;
}

export function slice(call: Call): Tensor {
  const tensor = required(call, 0);
  const { where } = call.node;
  const rank = tensor.kind === "known" ? tensor.shape.length : tensor.axes.length;
  const starts = integersOf(call, "starts", 1) ?? refuse(call, "starts", "none");
  const ends = endsOf(call);
  const axes = (integersOf(call, "axes", 3) ?? starts.map((_, i) => i)).map((axis) =>
    axisOf(where, axis, rank),
  );
  const steps = call.inputs[4] ? numbers(call, knownAt(call, 4)) : starts.map(() => 1);
  if ([ends, axes, steps].some(({ length }) => length !== starts.length))
    refuse(call, "lists of one length", "others");
  return axes.reduce(
    (made, axis, i) => oneSlice(call, made, axis, [starts[i]!, ends[i]!, steps[i]!]),
    tensor,
  );
}

/** Where each slice ends; a length that is open stands for the end. */
function endsOf(call: Call): number[] {
  const given = call.node.attributes.integers("ends");
  if (given) return [...given];
  return Array.from(knownAt(call, 2).values, (value) =>
    typeof value === "number" ? value : Number.MAX_SAFE_INTEGER,
  );
}

function oneSlice(
  call: Call,
  tensor: Tensor,
  axis: number,
  [start, end, step]: [number, number, number],
): Tensor {
  const { builder, node } = call;
  const extent = tensor.kind === "known" ? tensor.shape[axis]! : extentOf(tensor.axes[axis]!);
  if (typeof extent === "number") {
    const clamp = (at: number, least: number, most: number) =>
      Math.min(most, Math.max(least, at < 0 ? at + extent : at));
    if (step < 0) {
      if (tensor.kind === "signal") return refuse(call, "numbers in their order", `a step of ${step}`);
      const from = clamp(start, -1, extent - 1);
      const to = end < -extent ? -1 : clamp(end, -1, extent - 1);
      return strided(call, tensor, axis, from, Math.ceil((from - to) / -step), step);
    }
    const [from, to] = [clamp(start, 0, extent), clamp(end, 0, extent)];
    const count = Math.max(0, Math.ceil((to - from) / step));
    if (tensor.kind === "known") return strided(call, tensor, axis, from, count, step);
    if (step !== 1) return refuse(call, "numbers next to each other", `a step of ${step}`);
    return range(call, tensor, axis, from, count);
  }
  const all = start === 0 && (end >= 2 ** 31 - 1 || end === builder.fixed[extent as "steps"]) && step === 1;
  if (all) return tensor;
  if (tensor.kind === "known" || extent !== "steps")
    return refuse(call, "one step, or some numbers of a row", `axis ${axis}`);
  if (step === -1 && start === -1 && end < -1000 && !builder.lengths) {
    return { ...tensor, node: builder.add(Builder.hint(node), { op: "reverse" }, [tensor.node]) };
  }
  const single = step === 1 && (end === start + 1 || (start === -1 && end >= 2 ** 31 - 1));
  return single
    ? range(call, tensor, axis, start, 1)
    : refuse(call, "one step", `steps from ${start} to ${end}`);
}

function strided(call: Call, tensor: Known, axis: number, start: number, count: number, step: number): Known {
  const shape = tensor.shape.with(axis, Math.max(0, count));
  return rearranged(call.node.where, tensor, shape, (index) => index.with(axis, start + index[axis]! * step));
}

export function split(call: Call): Tensor[] {
  const { node } = call;
  const tensor = required(call, 0);
  const rank = tensor.kind === "known" ? tensor.shape.length : tensor.axes.length;
  const axis = axisOf(node.where, node.attributes.integer("axis", 0), rank);
  const extent = tensor.kind === "known" ? tensor.shape[axis]! : extentOf(tensor.axes[axis]!);
  node.attributes.integer("num_outputs");
  const count = node.outputs.length;
  if (typeof extent !== "number")
    return refuse(call, "numbers of a row to split", `the axis of the ${extent}`);
  const whole = Math.ceil(extent / count);
  const sizes =
    integersOf(call, "split", 1) ?? node.outputs.map((_, i) => Math.min(whole, extent - i * whole));
  if (
    sizes.length !== count ||
    sizes.reduce((a, b) => a + b, 0) !== extent ||
    !sizes.every((size) => size > 0)
  ) {
    return refuse(call, `${count} sizes of ${extent} together`, `[${sizes}]`);
  }
  let start = 0;
  return sizes.map((size) => {
    const from = start;
    start += size;
    return tensor.kind === "known"
      ? strided(call, tensor, axis, from, size, 1)
      : range(call, tensor, axis, from, size);
  });
}

export function concat(call: Call): Tensor {
  const { node, builder } = call;
  const tensors = call.inputs.map((_, index) => required(call, index));
  const given = node.attributes.integer("axis") ?? refuse(call, "an axis", "none");
  const numbered = tensors.filter((tensor) => tensor.kind === "known");
  if (numbered.length === tensors.length) return concatenated(node.where, numbered, given);
  const signals = tensors.filter((tensor) => tensor.kind === "signal" && !tensor.tokens) as Signal[];
  const [first] = signals;
  if (!first || signals.length !== tensors.length) return refuse(call, "computed values alone", "others too");
  if (signals.length === 1) return first;
  const axis = axisOf(node.where, given, first.axes.length);
  const described = (signal: Signal) => {
    const own = signal.axes[axis]!;
    const rest = signal.parts.slice(own.length);
    const others = signal.axes
      .toSpliced(axis, 1)
      .map((factors) =>
        factors.map((factor) => (typeof factor === "string" ? factor : rest.indexOf(factor))),
      );
    const outermost = own.every((factor, i) => factor === signal.parts[i]);
    return { rest, key: outermost && JSON.stringify([others, rest, isOneStep(signal)]) };
  };
  const { rest, key } = described(first);
  if (!key || signals.some((signal) => described(signal).key !== key)) {
    return refuse(call, "values whose numbers come side by side", `an axis ${given} that they do not have`);
  }
  const inner = product(rest.map(({ size }) => size));
  const parts = partOf(signals.reduce((sum, signal) => sum + widthOf(signal), 0) / inner);
  const made = builder.add(
    Builder.hint(node),
    { op: "concat" },
    signals.map(({ node }) => node),
  );
  return { ...first, node: made, parts: [...parts, ...rest], axes: first.axes.with(axis, parts) };
}
