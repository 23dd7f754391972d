/** Numbers for each step: its place in the sequence, and rows of a table that are looked up by it. */
import { positions } from "../layers/positions.js";
import { Builder, type Call, knownAt, refuse } from "./builder.js";
import { kept, wholeNumbers } from "./constants.js";
import {
  type Extent,
  extentOf,
  type Followed,
  hasRows,
  type Known,
  known,
  product,
  type Series,
  type Signal,
  type Triangle,
} from "./signal.js";

/** From a number to another: known ones, or the place of each step. */
export function range(call: Call): Known | Series {
  const [start, limit, delta] = [0, 1, 2].map((index) => knownAt(call, index).values[0]);
  const { real } = knownAt(call, 0);
  if (start === 0 && limit === "steps" && delta === 1)
    return { kind: "series", shape: ["steps"], table: undefined };
  if (typeof start !== "number" || typeof limit !== "number" || typeof delta !== "number") {
    return refuse(call, "numbers from 0 to as many as there are steps", `${start} to ${limit} by ${delta}`);
  }
  const count = Math.max(0, Math.ceil((limit - start) / delta));
  call.builder.spend(call, count);
  return known(
    [count],
    Float64Array.from({ length: count }, (_, i) => start + i * delta),
    { real },
  );
}

const comparisons: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  Less: (a, b) => a < b,
  LessOrEqual: (a, b) => a <= b,
  Greater: (a, b) => a > b,
  GreaterOrEqual: (a, b) => a >= b,
};

/** An operator on what there is for each step. `operator`: the same one on other tensors. */
export function onSeries(call: Call, operator: (call: Call) => Followed): Followed {
  const { operator: name } = call.node;
  const compare = Object.hasOwn(comparisons, name) ? comparisons[name] : undefined;
  if (compare) return compared(call, compare);
  if (name === "Gather") return lookedUp(call);
  if (name === "Add") return added(call);
  const series = call.inputs[0];
  if (!moving.includes(name) || series?.kind !== "series") {
    return refuse(
      call,
      `one of ${[...moving, ...Object.keys(comparisons), "Gather", "Add"].join(", ")} on positions`,
      name,
    );
  }
  const count = product(kept(series.shape));
  const moved = operator({
    ...call,
    inputs: [known(series.shape, new Float32Array(count)), ...call.inputs.slice(1)],
  });
  if (moved.kind !== "known" || name === "Shape") return moved;
  return { ...series, shape: moved.shape };
}

/** Operators that leave the numbers as they are. */
const moving = [
  "Cast",
  "Expand",
  "Identity",
  "Reshape",
  "Shape",
  "Slice",
  "Squeeze",
  "Transpose",
  "Unsqueeze",
];

/** Places along the rows with places along the columns. */
function compared(call: Call, compare: (a: number, b: number) => boolean): Triangle {
  const [a, b] = call.inputs;
  const shapes = [a, b].map((input) => (input?.kind === "series" && !input.table ? input.shape : []));
  const rank = Math.max(...shapes.map(({ length }) => length));
  const [first, second] = shapes.map((shape) => [
    ...new Array<Extent>(rank - shape.length).fill(1),
    ...shape,
  ]);
  const ends = [first, second].map((shape) => shape!.slice(-2).join());
  const turned = ends.join(" ") === "1,steps steps,1";
  if (rank < 2 || (!turned && ends.join(" ") !== "steps,1 1,steps")) {
    return refuse(
      call,
      "places [steps, 1] with places [1, steps]",
      shapes.map((shape) => `[${shape}]`).join(" with "),
    );
  }
  const at = (row: number, column: number) => Number(turned ? compare(column, row) : compare(row, column));
  if (at(1, 0) !== at(0, 0)) refuse(call, "the own step as those before it", "as those past it");
  const shape = [...first!.slice(0, -2), "steps", "steps"];
  return { kind: "triangle", shape, real: false, past: at(0, 0), future: at(0, 1) };
}

/** Rows of a table of the file by the places of the steps. */
function lookedUp(call: Call): Series {
  const table = knownAt(call, 0);
  const places = call.inputs[1];
  if (places?.kind !== "series" || places.table) return refuse(call, "places as indices", "others");
  const axis = call.node.attributes.integer("axis", 0);
  const [, width] = table.shape;
  if (table.shape.length !== 2 || axis !== 0 || !table.real || typeof width !== "number") {
    return refuse(call, "rows of a table of numbers", `[${table.shape}]`);
  }
  return { kind: "series", shape: [...places.shape, width], table };
}

/** The rows of a tensor of the file [..., most steps, width] that the steps have, of a slice to the last of them. */
export function beginning(tensor: Known, axis: number): Series | undefined {
  const { shape, values, real } = tensor;
  const most = shape[axis];
  const width = shape.at(-1);
  const others = shape.filter((_, i) => i !== axis && i !== shape.length - 1);
  if (typeof most !== "number" || typeof width !== "number" || others.some((extent) => extent !== 1))
    return undefined;
  if (axis === shape.length - 1) {
    const counts = !real && Array.prototype.every.call(values, (value, i) => value === i);
    return counts ? { kind: "series", shape: shape.with(axis, "steps"), table: undefined } : undefined;
  }
  if (!real) return undefined;
  return { kind: "series", shape: shape.with(axis, "steps"), table: { ...tensor, shape: [most, width] } };
}

/** A value and a row for each of its steps; or places and zero. */
function added(call: Call): Signal | Series {
  const [a, b] = call.inputs;
  const [series, other] = a?.kind === "series" ? [a, b] : [b as Series, a];
  if (other?.kind === "known" && wholeNumbers(call, other).every((value) => value === 0)) return series;
  if (other?.kind !== "signal") return refuse(call, "a computed value and rows for its steps", "others");
  return positioned(call, other, series);
}

/** A value with a row of a table added at every step. */
export function positioned(call: Call, signal: Signal, { shape, table }: Series): Signal {
  const { axes } = signal;
  const skip = axes.length - shape.length;
  const fits = shape.every((extent, i) => {
    const axis = axes[skip + i];
    return axis !== undefined && (extent === extentOf(axis) || (extent === 1 && !axis.includes("steps")));
  });
  if (!table || !fits || !hasRows(signal) || signal.tokens) {
    return refuse(call, "a row for each step of the value", `[${shape}] for [${axes.map(extentOf)}]`);
  }
  const [longest] = table.shape as [number];
  const vectors = table.values as ArrayLike<number>;
  const node = call.builder.add(Builder.hint(call.node), positions(longest), [signal.node], { vectors });
  return { ...signal, node };
}
