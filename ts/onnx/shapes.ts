/** Operators on shapes and axes, and numbers that are made or taken as they are. */
import { Builder, type Call, integersOf, knownAt, refuse, required } from "./builder.js";
import { broadcastShape, expanded, rearranged, reshaped, wholeNumbers } from "./constants.js";
import {
  axisOf,
  type Extent,
  extentOf,
  type Factor,
  isOneStep,
  type Known,
  known,
  reshape,
  type Tensor,
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
      ? { ...tensor, real: true, values: Float32Array.from(wholeNumbers(call, tensor)) }
      : { ...tensor, real: false, values: wholeNumbers(call, tensor).map(Math.trunc) };
  }
  if (to === tensor.tokens)
    refuse(call, "numbers that stay what they are", "indices as numbers or numbers as indices");
  return tensor;
}

/** The lengths that an input says, -1 among them. */
function extentsAt(call: Call, index: number): Extent[] {
  return Array.from(knownAt(call, index).values, (extent) =>
    typeof extent === "string" || (Number.isSafeInteger(extent) && extent >= -1)
      ? extent
      : refuse(call, "lengths", String(extent)),
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
  const shape = extentsAt(call, 0);
  const value = call.node.attributes.tensor("value");
  const one = known([], value?.values ?? Float32Array.of(0), { real: value?.real ?? true });
  return expanded(call, { ...one, shape: shape.map(() => 1) }, shape);
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
  return rearranged(call, tensor, shape, (index) => {
    const source: number[] = [];
    for (const [i, axis] of order.entries()) source[axis] = index[i]!;
    return source;
  });
}

export function reshapeOf(call: Call): Tensor {
  const tensor = required(call, 0);
  const target = extentsAt(call, 1);
  if (call.node.attributes.integer("allowzero", 0) !== 0 && target.includes(0))
    refuse(call, "lengths above 0", "0");
  if (tensor.kind === "known") return reshaped(call, tensor, target);
  const { builder, node } = call;
  return reshape(node.where, tensor, target, builder.fixed, (factor, length) =>
    builder.assume(call, factor, length),
  );
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
    const length = typeof extent === "string" ? fixed[extent as keyof typeof fixed] : extent;
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
  const target = extentsAt(call, 1);
  const own = tensor.kind === "known" ? tensor.shape : tensor.axes.map(extentOf);
  const shape = broadcastShape(call, own, target);
  if (tensor.kind === "known") return expanded(call, tensor, shape);
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
  const [condition, a, b] = [knownAt(call, 0), knownAt(call, 1), knownAt(call, 2)];
  const shape = broadcastShape(call, broadcastShape(call, condition.shape, a.shape), b.shape);
  const [c, x, y] = [condition, a, b].map((tensor) => expanded(call, tensor, shape).values);
  return { ...a, shape, values: Array.from(c!, (value, i) => (value === 0 ? y![i]! : x![i]!)) };
}
