/** Attention in float64, from its definitions: see assembly/attention/weights.ts. */
import type { Score, Sight } from "../../ts/ops/attending.js";
import { type Matrix, matrix } from "./matrix.js";

/** [steps or sources][batch] rows, as in the engine. */
export interface AttentionTrial extends Sight {
  readonly batch: number;
  readonly heads: number;
  readonly score: Score;
  readonly scale: number;
  readonly lengths?: ArrayLike<number> | undefined;
  readonly queries: Matrix;
  /** Location-based scores have none. */
  readonly keys?: Matrix | undefined;
  readonly values: Matrix;
  /** One row each. */
  readonly energy?: Matrix | undefined;
  readonly coverage?: Matrix | undefined;
  /** One number for each query. */
  readonly centres?: Matrix | undefined;
}

/** Columns of a head in a row. */
function part({ columns, values }: Matrix, row: number, head: number, heads: number): Float64Array {
  const units = columns / heads;
  return values.subarray(row * columns + head * units, row * columns + (head + 1) * units);
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((sum, value, i) => sum + value * b[i]!, 0);

/** Whether query t sees position s of a source of `length` positions, with a centre. */
function sees(t: number, s: number, length: number, centre: number, { causal, local }: Sight): boolean {
  if (s >= length || (causal && s > t)) return false;
  if (!local) return true;
  const middle = local.centre === "aligned" ? t : centre;
  return Math.abs(s - Math.min(Math.max(middle, 0), length - 1)) <= local.window;
}

/** weights: a row of sources for each step, row of the batch and head; context [steps][batch] rows. */
export function attend(trial: AttentionTrial): { weights: Matrix; context: Matrix } {
  const { batch, heads, score, scale, lengths, queries, keys, values, energy, coverage, centres, local } =
    trial;
  const steps = queries.rows / batch;
  const sources = values.rows / batch;
  const weights = matrix(steps * batch * heads, sources);
  const context = matrix(steps * batch, values.columns);
  for (let row = 0; row < batch; row++) {
    const length = lengths ? lengths[row]! : sources;
    for (let head = 0; head < heads && length > 0; head++) {
      const covered = new Float64Array(sources);
      for (let t = 0; t < steps; t++) {
        const own = t * batch + row;
        const centre = centres ? centres.values[own]! * (length - 1) : 0;
        const q = part(queries, own, head, heads);
        const scores = Array.from({ length: sources }, (_, s) => {
          if (!sees(t, s, length, centre, trial)) return Number.NEGATIVE_INFINITY;
          const k = keys ? part(keys, s * batch + row, head, heads) : [];
          const raw =
            score === "location"
              ? q[s]! * scale
              : score === "dot"
                ? dot(q, k) * scale
                : dot(
                    energy!.values,
                    q.map((x, i) => Math.tanh(x + k[i]! + covered[s]! * (coverage?.values[i] ?? 0))),
                  ) * scale;
          return raw - (local?.spread ?? 0) * (s - centre) ** 2;
        });
        const top = Math.max(...scores);
        const shares = scores.map((x) => Math.exp(x - top));
        const total = shares.reduce((sum, x) => sum + x, 0);
        const out = part(context, own, head, heads);
        for (let s = 0; s < sources; s++) {
          const weight = shares[s]! / total;
          weights.values[(own * heads + head) * sources + s] = weight;
          covered[s]! += weight;
          part(values, s * batch + row, head, heads).forEach((x, i) => {
            out[i]! += weight * x;
          });
        }
      }
    }
  }
  return { weights, context };
}
