/** Operators that make one number of all along an axis. */
import { Builder, type Call, integersOf, refuse, signalAt } from "./builder.js";
import { range } from "./parts.js";
import { axisOf, extentOf, type Signal } from "./signal.js";

/** What each is over the steps, and over numbers of a row, which are taken apart. */
const operations = {
  ReduceMean: { steps: "mean", numbers: "average" },
  ReduceSum: { steps: "sum", numbers: "add" },
  ReduceMax: { steps: "greatest", numbers: "maximum" },
  ReduceMin: { steps: undefined, numbers: "minimum" },
  ReduceProd: { steps: undefined, numbers: "multiply" },
} as const;

export const reductions = Object.keys(operations);

/** Most numbers of a row that are taken apart. */
const MOST = 64;

/** The mean, sum, product or an extreme over all steps, or over numbers of a row. */
export function reduce(call: Call): Signal {
  const { node, builder } = call;
  const x = signalAt(call, 0);
  const axes = integersOf(call, "axes", 1)?.map((axis) => axisOf(node.where, axis, x.axes.length));
  const keep = node.attributes.integer("keepdims", 1) !== 0;
  node.attributes.integer("noop_with_empty_axes");
  if (axes?.length !== 1) return refuse(call, "one axis", axes ? `axes ${axes.join(", ")}` : "all axes");
  const [axis] = axes as [number];
  const left = (reduced: Signal): Signal =>
    keep ? reduced : { ...reduced, axes: reduced.axes.toSpliced(axis, 1) };
  const { steps, numbers } = operations[node.operator as keyof typeof operations];
  const extent = extentOf(x.axes[axis]!);
  if (extent === 1) return left(x);
  if (typeof extent === "number" && extent <= MOST) {
    const each = Array.from({ length: extent }, (_, i) => range(call, x, axis, i, 1));
    const names = each.map(({ node }) => node);
    return left({ ...each[0]!, node: builder.add(Builder.hint(node), { op: numbers }, names) });
  }
  if (extent !== "steps" || !steps) {
    return refuse(call, `the axis of the steps, or of at most ${MOST} numbers`, `one of ${extent}`);
  }
  if (builder.lengths) refuse(call, "rows of one length", `lengths, which ${node.operator} does not know of`);
  return left({
    ...x,
    node: builder.add(Builder.hint(node), { op: steps }, [x.node]),
    axes: x.axes.with(axis, []),
  });
}
