/** Operators that take parts of a tensor, or put tensors side by side. */
import { embedding } from "../layers/embedding.js";
import { Builder, type Call, integersOf, knownAt, refuse, required } from "./builder.js";
import { concatenated, kept, rearranged, wholeNumbers } from "./constants.js";
import { corner } from "./masks.js";
import { beginning } from "./places.js";
import { isTable } from "./products.js";
import {
  axisOf,
  extentOf,
  isOneStep,
  type Known,
  partOf,
  partsOf,
  product,
  type Series,
  type Signal,
  type Tensor,
  type Triangle,
  widthOf,
} from "./signal.js";

/** Ends from here on mean the end of an axis. */
const END = 2_147_483_647;

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
    const before = builder.symbols.get(indices.node) ?? symbols;
    if (before !== symbols) refuse(call, `a table of ${before} rows, as the one before`, String(symbols));
    builder.symbols.set(indices.node, symbols);
    const weight = data.values as ArrayLike<number>;
    const made = builder.add(Builder.hint(node), embedding(units), [indices.node], { weight });
    return { ...indices, node: made, tokens: false, parts, axes: [...indices.axes, parts] };
  }
  const chosen = wholeNumbers(call, indices);
  if (data.kind === "known") {
    const length = kept(data.shape)[axis]!;
    const at = chosen.map((index) => (index < 0 ? index + length : index));
    if (at.some((index) => !(index >= 0 && index < length)))
      refuse(call, `indices below ${length}`, `[${chosen}]`);
    const own = kept(indices.shape);
    const shape = [...data.shape.slice(0, axis), ...indices.shape, ...data.shape.slice(axis + 1)];
    return rearranged(call, data, shape, (index) => {
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

export function slice(call: Call): Tensor | Series | Triangle {
  const tensor = required(call, 0);
  const { where } = call.node;
  const rank = tensor.kind === "known" ? tensor.shape.length : tensor.axes.length;
  const starts = integersOf(call, "starts", 1) ?? refuse(call, "starts", "none");
  const ends = endsOf(call);
  const axes = (integersOf(call, "axes", 3) ?? starts.map((_, i) => i)).map((axis) =>
    axisOf(where, axis, rank),
  );
  const steps = call.inputs[4] ? wholeNumbers(call, knownAt(call, 4)) : starts.map(() => 1);
  if ([ends, axes, steps].some(({ length }) => length !== starts.length))
    refuse(call, "lists of one length", "others");
  if (tensor.kind === "known" && axes.length === 1 && starts[0] === 0 && steps[0] === 1) {
    const toLast = call.inputs[2]?.kind === "known" && call.inputs[2].values[0] === "steps";
    const [axis] = axes as [number];
    const square = axis >= tensor.shape.length - 2 ? corner(call, tensor) : undefined;
    const part = toLast ? (square ?? beginning(tensor, axis)) : undefined;
    if (part) return part;
  }
  return axes.reduce<Tensor>(
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
  const all = start === 0 && (end >= END || end === builder.fixed[extent as "steps"]) && step === 1;
  if (all) return tensor;
  if (tensor.kind === "known" || extent !== "steps")
    return refuse(call, "one step, or some numbers of a row", `axis ${axis}`);
  if (step === -1 && start === -1 && end < -1000 && !builder.lengths) {
    return { ...tensor, node: builder.add(Builder.hint(node), { op: "reverse" }, [tensor.node]) };
  }
  const single = step === 1 && (end === start + 1 || (start === -1 && end >= END));
  return single
    ? range(call, tensor, axis, start, 1)
    : refuse(call, "one step", `steps from ${start} to ${end}`);
}

function strided(call: Call, tensor: Known, axis: number, start: number, count: number, step: number): Known {
  const shape = tensor.shape.with(axis, Math.max(0, count));
  return rearranged(call, tensor, shape, (index) => index.with(axis, start + index[axis]! * step));
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
  if (numbered.length === tensors.length) return concatenated(call, numbered, given);
  const signals = tensors.filter((tensor) => tensor.kind === "signal" && !tensor.tokens) as Signal[];
  const [first] = signals;
  if (!first || signals.length !== tensors.length) return refuse(call, "computed values alone", "others too");
  if (signals.length === 1) return first;
  const axis = axisOf(node.where, given, first.axes.length);
  const described = (signal: Signal) => {
    const own = signal.axes[axis] ?? []; // of a value with fewer axes
    const rest = signal.parts.slice(own.length);
    const others = signal.axes
      .toSpliced(axis, 1)
      .map((factors) =>
        factors.map((factor) => (typeof factor === "string" ? factor : rest.indexOf(factor))),
      );
    const outermost = own.every((factor, i) => factor === signal.parts[i]);
    return { rest, key: outermost && JSON.stringify([signal.axes.length, others, rest, isOneStep(signal)]) };
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
