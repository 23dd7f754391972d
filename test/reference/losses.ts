/** The losses of one row and their gradients in float64, from their definitions. */

type Row = ArrayLike<number>;

export interface RowLoss {
  readonly loss: number;
  readonly gradient: readonly number[];
}

const total = (values: Row) => Array.from(values).reduce((sum, value) => sum + value, 0);
const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const dot = (a: Row, b: Row) => total(Array.from(a, (x, i) => x * b[i]));

/** ln softmax(x) */
export function logSoftmax(x: Row): number[] {
  const top = Math.max(...Array.from(x));
  const norm = top + Math.log(total(Array.from(x, (logit) => Math.exp(logit - top))));
  return Array.from(x, (logit) => logit - norm);
}

/** sum q ln(1 / softmax(x)), relative to the entropy of q by choice. */
export function distribution(x: Row, q: Row, relative = false): RowLoss {
  const logs = logSoftmax(x);
  const term = (part: number, c: number) =>
    part === 0 ? 0 : part * ((relative ? Math.log(part) : 0) - logs[c]);
  return {
    loss: total(Array.from(q, term)),
    gradient: logs.map((log, c) => total(q) * Math.exp(log) - q[c]),
  };
}

/** The target of one class of so many of which `smoothing` is spread, every class times its weight. */
export function smoothed(target: Row | number, weights: Row, smoothing = 0): number[] {
  return Array.from(weights, (weight, c) => {
    const own = typeof target === "number" ? Number(c === target) : target[c];
    return weight * ((1 - smoothing) * own + smoothing / weights.length);
  });
}

export interface Residual {
  readonly square: number;
  readonly slope: number;
  readonly knee: number;
}

export function residual(y: Row, t: Row, { square, slope, knee }: Residual): RowLoss {
  const differences = Array.from(y, (value, i) => value - t[i]);
  return {
    loss: total(
      differences.map((d) => (Math.abs(d) <= knee ? square * d * d : slope * (Math.abs(d) - knee / 2))),
    ),
    gradient: differences.map((d) => (Math.abs(d) <= knee ? 2 * square * d : slope * Math.sign(d))),
  };
}

export function binary(x: Row, t: Row, positive: Row, negative: Row): RowLoss {
  const each = Array.from(x, (logit, i) => ({
    logit,
    yes: positive[i] * t[i],
    no: negative[i] * (1 - t[i]),
  }));
  return {
    loss: total(each.map(({ logit, yes, no }) => yes * softplus(-logit) + no * softplus(logit))),
    gradient: each.map(({ logit, yes, no }) => no * sigmoid(logit) - yes * sigmoid(-logit)),
  };
}

/** The gradient of a, then that of b. */
export function cosine(a: Row, b: Row, alike: boolean, margin: number): RowLoss {
  const [aa, bb] = [dot(a, a) + 1e-12, dot(b, b) + 1e-12];
  const size = Math.sqrt(aa * bb);
  const value = dot(a, b) / size;
  const slope = alike ? -1 : value > margin ? 1 : 0;
  return {
    loss: alike ? 1 - value : Math.max(0, value - margin),
    gradient: [
      ...Array.from(a, (x, i) => slope * (b[i] / size - (value * x) / aa)),
      ...Array.from(b, (y, i) => slope * (a[i] / size - (value * y) / bb)),
    ],
  };
}

/**
 * Connectionist temporal classification by trying every path of classes: the loss of the labels, and the gradient by the
 * logits of every step. Infinite, with a gradient of 0, where no path gives the labels.
 */
export function ctcByPaths(logits: readonly Row[], labels: Row, blank: number): RowLoss {
  const steps = logits.map(logSoftmax);
  const classes = logits[0]?.length ?? 0;
  const wanted = Array.from(labels).join();
  const shares = steps.map(() => new Float64Array(classes));
  let probability = 0;
  const path = steps.map(() => 0);
  const walk = (t: number, log: number): void => {
    if (t < steps.length) {
      for (let c = 0; c < classes; c++) {
        path[t] = c;
        walk(t + 1, log + steps[t][c]);
      }
      return;
    }
    if (collapse(path, blank).join() !== wanted) return;
    probability += Math.exp(log);
    for (const [step, c] of path.entries()) shares[step][c] += Math.exp(log);
  };
  walk(0, 0);
  return {
    loss: -Math.log(probability),
    gradient: steps.flatMap((logs, t) =>
      logs.map((log, c) => (probability > 0 ? Math.exp(log) - shares[t][c] / probability : 0)),
    ),
  };
}

/** A path of classes with repeated ones merged and blanks dropped. */
export function collapse(path: readonly number[], blank: number): number[] {
  return path.filter((c, t) => c !== blank && c !== path[t - 1]);
}
