/** What recurrent operators begin with: zeros, the same numbers in every row, or the final states of others. */
import { type Call, optional, refuse, signalAt } from "./builder.js";
import { kept } from "./constants.js";
import { isOneStep, type Known, type Signal } from "./signal.js";

/** Where the initial states are among the inputs, and the sequence. */
const INITIAL = 5;
const X = 0;

/** For each direction what its states begin with: names of nodes, rows of numbers, or undefined for zeros. */
export function initialStates(
  call: Call,
  states: number,
  count: number,
  units: number,
  batchFirst: boolean,
): (string | Float32Array | undefined)[][] {
  const each = Array.from({ length: states }, (_, state) => optional(call, INITIAL + state));
  const found = each.map((tensor) => {
    if (!tensor) return new Array<undefined>(count).fill(undefined);
    return tensor.kind === "known"
      ? knownStates(call, tensor, count, units, batchFirst)
      : computedStates(call, tensor, count, units, batchFirst);
  });
  const computed = found.flat().some((state) => typeof state === "string");
  const zero = () =>
    call.builder.add("zero", { op: "constant", values: new Array<number>(units).fill(0) }, [oneStep(call)]);
  return Array.from({ length: count }, (_, direction) =>
    found.map((states) => {
      const state = states[direction];
      if (!computed || typeof state === "string") return state;
      if (state)
        return refuse(call, "initial states that are all computed or all of the file", "some of each");
      return zero();
    }),
  );
}

/** A value of one step to read the batch from. */
function oneStep(call: Call): string {
  return call.builder.add("step", { op: "at", step: -1 }, [signalAt(call, X).node]);
}

function knownStates(call: Call, tensor: Known, count: number, units: number, batchFirst: boolean) {
  const [first, second, last] = kept(tensor.shape) as [number, number, number];
  const [directions, batch] = batchFirst ? [second, first] : [first, second];
  if (tensor.shape.length !== 3 || directions !== count || last !== units) {
    refuse(
      call,
      `initial states [${batchFirst ? `batch, ${count}` : `${count}, batch`}, ${units}]`,
      `[${tensor.shape}]`,
    );
  }
  const values = Float32Array.from(tensor.values as ArrayLike<number>);
  return Array.from({ length: count }, (_, direction) => {
    const row = (i: number) => {
      const at = (batchFirst ? i * count + direction : direction * batch + i) * units;
      return values.subarray(at, at + units);
    };
    for (let i = 1; i < batch; i++) {
      if (row(i).some((value, column) => value !== row(0)[column])) {
        refuse(call, "the same initial states for every row of the batch", "others in each");
      }
    }
    return row(0).every((value) => value === 0) ? undefined : row(0);
  });
}

function computedStates(
  call: Call,
  tensor: Signal,
  count: number,
  units: number,
  batchFirst: boolean,
): string[] {
  const [outer, inner] = batchFirst ? [1, 2] : [0, 2];
  const size = (axis: number) =>
    (tensor.axes[axis] ?? []).reduce(
      (n, factor) => n * (typeof factor === "string" ? Number.NaN : factor.size),
      1,
    );
  if (
    tensor.tokens ||
    tensor.axes.length !== 3 ||
    !isOneStep(tensor) ||
    size(outer) !== count ||
    size(inner) !== units
  ) {
    refuse(call, "initial states of one step", "something else");
  }
  if (count === 1) return [tensor.node];
  return Array.from({ length: count }, (_, i) =>
    call.builder.add("initial", { op: "slice", from: i * units, to: (i + 1) * units }, [tensor.node]),
  );
}
