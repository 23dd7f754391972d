/** What every metric is, and how it reads a batch. */
import type { Tensor } from "../data/tensor.js";
import { InputError } from "../errors.js";
import { type Data, FINITE, samples } from "../model/data.js";

export interface MetricOptions {
  /** How many steps of each row count; of outputs with one step none or all. Default all. */
  readonly lengths?: ArrayLike<number> | undefined;
  /** How much each target counts, [batch][steps] numbers from 0; default 1. */
  readonly weights?: ArrayLike<number> | undefined;
  /** The target index that does not count. */
  readonly ignore?: number | undefined;
}

/** A measure of how good outputs are, taken in batch by batch. */
export interface Metric<T = number> {
  readonly name: string;
  /**
   * Takes in a batch: outputs [batch, steps, width] as `net.predict` gives them, and targets as training takes them.
   * InputError if they do not fit, and nothing has been taken in then.
   */
  update(outputs: Tensor, targets: Data, options?: MetricOptions): void;
  /** The measure over all that was taken in; not a number (NaN) where that is nothing. */
  readonly value: T;
  /** Forgets all that was taken in. */
  reset(): void;
}

/** Rows of outputs, the target of each, and how much it counts. */
export interface Pairs {
  readonly count: number;
  readonly width: number;
  /** [count][width] */
  readonly outputs: Float32Array;
  /** [count] indices, or [count][width] numbers. */
  readonly targets: ArrayLike<number>;
  /** [count], 0 for what does not count. */
  readonly weights: Float64Array;
}

/** A metric that adds up state of its own. `kind`: what its targets are, by the width of the outputs. */
export function metric<S, T>(definition: {
  readonly name: string;
  readonly kind: (width: number) => "tokens" | "features";
  readonly begin: () => S;
  readonly add: (state: S, pairs: Pairs) => void;
  readonly value: (state: S) => T;
}): Metric<T> {
  const { name, kind, begin, add, value } = definition;
  let state = begin();
  return {
    name,
    update(outputs, targets, options = {}) {
      add(state, pair(name, outputs, targets, kind, options));
    },
    get value() {
      return value(state);
    },
    reset() {
      state = begin();
    },
  };
}

function pair(
  name: string,
  { shape, data }: Tensor,
  targets: Data,
  kind: (width: number) => "tokens" | "features",
  { lengths, weights, ignore }: MetricOptions,
): Pairs {
  const [batch = 0, steps = 0, width = 0] = shape;
  if (shape.length !== 3 || data.length !== batch * steps * width) {
    throw new InputError({
      where: `${name} outputs`,
      expected: "a tensor [batch, steps, width]",
      got: `[${shape}]`,
    });
  }
  const lasting = steps === 1 && lengths ? Array.from(lengths, (length) => Math.min(length, 1)) : lengths;
  const wanted = { kind: kind(width), width, ignore, range: FINITE };
  const read = samples(`${name} targets`, targets, wanted, lasting, steps === 1 ? batch : undefined);
  if (read.batch !== batch || read.steps !== steps || (weights && weights.length !== batch * steps)) {
    throw new InputError({
      where: `${name} targets`,
      expected: `${batch} rows of ${steps} steps, as the outputs have`,
      got: `${read.batch} rows of ${read.steps} steps${weights ? `, ${weights.length} weights` : ""}`,
    });
  }
  const counts = Float64Array.from({ length: batch * steps }, (_, i) => {
    if (lasting && i % steps >= lasting[Math.floor(i / steps)]!) return 0;
    return ignore !== undefined && read.values[i] === ignore ? 0 : (weights?.[i] ?? 1);
  });
  const odd = counts.findIndex((weight) => !(weight >= 0 && weight < Infinity));
  if (odd >= 0) {
    throw new InputError({
      where: `${name} weights[${odd}]`,
      expected: "a finite number from 0",
      got: String(counts[odd]),
    });
  }
  const wrong = data.findIndex((value, i) => Number.isNaN(value) && counts[Math.floor(i / width)]! > 0);
  if (wrong >= 0) {
    const row = Math.floor(wrong / width);
    throw new InputError({
      where: `${name} outputs[${Math.floor(row / steps)}][${row % steps}][${wrong % width}]`,
      expected: "a number",
      got: "NaN",
    });
  }
  return { count: batch * steps, width, outputs: data, targets: read.values, weights: counts };
}

/** A sum with the sum of the weights in it. */
export interface Mean {
  total: number;
  weight: number;
}

/** The mean, by weights, of what `measure` gives for each row. */
export function meanOfRows(
  name: string,
  measure: (pairs: Pairs, row: number) => number,
  value: (mean: number) => number = (mean) => mean,
): Metric {
  return metric<Mean, number>({
    name,
    kind: () => "tokens",
    begin: () => ({ total: 0, weight: 0 }),
    add(state, pairs) {
      for (let row = 0; row < pairs.count; row++) {
        const weight = pairs.weights[row]!;
        if (weight === 0) continue;
        state.total += weight * measure(pairs, row);
        state.weight += weight;
      }
    },
    value: ({ total, weight }) => value(total / weight),
  });
}
