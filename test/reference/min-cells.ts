/** minGRU and minLSTM (Feng et al. 2024) written out from the primitive operations, and their scan with logarithms. */
import { type Matrix, matrix } from "./matrix.js";
import type { Primitives } from "./unrolled.js";

/** How much of its old state and of its candidate each unit takes. */
interface Shares<V> {
  readonly keep: V;
  readonly write: V;
}

/** -x */
const negative = <V>(p: Primitives<V>, x: V) => p.activate(x, "affine", { alpha: -1, beta: 0 });

/** Gates of both cells: all that comes before the candidate in a row of pre-activations. */
export const gates = { minGru: 1, minLstm: 2 } as const;

export type MinimalCell = keyof typeof gates;

const shares: Record<MinimalCell, <V>(p: Primitives<V>, part: (gate: number) => V) => Shares<V>> = {
  /** keep = 1 - z, write = z */
  minGru: (p, part) => ({
    keep: p.activate(negative(p, part(0)), "sigmoid"),
    write: p.activate(part(0), "sigmoid"),
  }),
  /** keep = f / (f + i), write = i / (f + i), from ln f - ln i, where ln sigmoid(x) = -softplus(-x) */
  minLstm(p, part) {
    const [input, forget] = [0, 1].map((gate) => p.activate(negative(p, part(gate)), "softplus"));
    const logRatio = p.add(input, negative(p, forget));
    return {
      keep: p.activate(logRatio, "sigmoid"),
      write: p.activate(negative(p, logRatio), "sigmoid"),
    };
  },
};

/**
 * h(t) = keep h(t-1) + write c. sums [steps][batch] rows of pre-activations [gate][unit], the candidate's last; in the
 * positive form c is g(c) = relu(c) + sigmoid(min(c, 0)).
 */
export function unrolled<V extends { readonly steps: number; readonly width: number }>(
  p: Primitives<V>,
  cell: MinimalCell,
  positive: boolean,
  sums: V,
  initial: V,
): V {
  const units = initial.width;
  const part = (gate: number) => p.slice(sums, gate * units, (gate + 1) * units);
  const { keep, write } = shares[cell](p, part);
  const x = part(gates[cell]);
  const below = negative(p, p.activate(negative(p, x), "relu"));
  const candidate = positive ? p.add(p.activate(x, "relu"), p.activate(below, "sigmoid")) : x;
  const written = p.multiply(write, candidate);
  let h = initial;
  const states = Array.from({ length: sums.steps }, (_, t) => {
    h = p.add(p.multiply(p.at(keep, t), h), p.at(written, t));
    return h;
  });
  return p.stack(states);
}

const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

const logarithms: Record<MinimalCell, (sum: (gate: number) => number) => Shares<number>> = {
  minGru: (sum) => ({ keep: -softplus(sum(0)), write: -softplus(-sum(0)) }),
  minLstm(sum) {
    const difference = softplus(-sum(1)) - softplus(-sum(0));
    return { keep: -softplus(difference), write: -softplus(-difference) };
  },
};

/** The states of one row from a state of 0, positive form, as the paper's parallel mode computes them (Heinsen 2023). */
export function logarithmicScan(cell: MinimalCell, sums: Matrix): Matrix {
  const units = sums.columns / (gates[cell] + 1);
  const hidden = matrix(sums.rows, units);
  for (let unit = 0; unit < units; unit++) {
    let kept = 0; // ln of the product of all `keep`
    let total = -Infinity; // ln of the sum of what each step writes, divided by what is kept up to it
    for (let row = 0; row < sums.rows; row++) {
      const sum = (gate: number) => sums.values[row * sums.columns + gate * units + unit];
      const { keep, write } = logarithms[cell](sum);
      const x = sum(gates[cell]);
      kept += keep;
      const term = write + (x < 0 ? -softplus(-x) : Math.log(x + 0.5)) - kept;
      total = Math.max(total, term) + Math.log1p(Math.exp(-Math.abs(total - term)));
      hidden.values[row * units + unit] = Math.exp(kept + total);
    }
  }
  return hidden;
}
