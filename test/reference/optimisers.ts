/** Optimisers as their papers state them, one parameter at a time, and clipping by the norm over all parameters. */

/** Updates parameters from their gradients; keeps its own numbers between calls. */
export type Update = (values: Float64Array, gradients: ArrayLike<number>) => void;

/** Relative distance that parameters may be off after a hundred steps, each of whose factors float32 rounds by 3e-8. */
export const tolerance = 3e-6;

export interface SgdOptions {
  readonly rate: number;
  readonly momentum?: number;
  readonly dampening?: number;
  readonly nesterov?: boolean;
  readonly decay?: number;
}

/** Sutskever, Martens, Dahl & Hinton 2013, in PyTorch's form; decay is an L2 penalty. */
export function sgd(options: SgdOptions): Update {
  const { rate, momentum = 0, dampening = 0, nesterov = false, decay = 0 } = options;
  const velocity: number[] = [];
  return (values, gradients) => {
    for (let i = 0; i < values.length; i++) {
      const gradient = gradients[i] + decay * values[i];
      const before = velocity[i];
      const v = before === undefined ? gradient : momentum * before + (1 - dampening) * gradient;
      velocity[i] = v;
      values[i] -= rate * (nesterov ? gradient + momentum * v : v);
    }
  };
}

export interface AdamOptions {
  readonly rate: number;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  readonly decay?: number;
  readonly amsgrad?: boolean;
}

/** Kingma & Ba 2015, algorithm 1; decay is an L2 penalty. With `amsgrad` Reddi, Kale & Kumar 2018, algorithm 2, corrected. */
export function adam({ decay = 0, ...options }: AdamOptions): Update {
  return moments({ ...options, penalty: decay }, (m, v, t, { rate, beta1, beta2, epsilon }) => {
    return (rate * (m / (1 - beta1 ** t))) / (Math.sqrt(v / (1 - beta2 ** t)) + epsilon);
  });
}

/** Loshchilov & Hutter 2019, algorithm 2: decay apart from the gradient. */
export function adamw({ decay = 0.01, ...options }: AdamOptions): Update {
  const update = adam(options);
  return (values, gradients) => {
    const before = values.slice();
    update(values, gradients);
    for (let i = 0; i < values.length; i++) values[i] -= options.rate * decay * before[i];
  };
}

/**
 * Adam of a table [rows, columns] that leaves rows without a gradient as they are, moments included, while the correction of
 * the moments counts all steps (PyTorch's SparseAdam); decay as `adam`'s, `decoupled` as `adamw`'s. gradients: by row.
 */
export function lazyAdam(columns: number, options: AdamOptions & { readonly decoupled?: number }) {
  const { rate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, decay = 0, decoupled = 0 } = options;
  const moments = new Map<number, { first: Float64Array; second: Float64Array }>();
  let t = 0;
  return (values: Float64Array, gradients: ReadonlyMap<number, ArrayLike<number>>) => {
    t++;
    for (const [row, gradient] of gradients) {
      const { first, second } = moments.get(row) ?? {
        first: new Float64Array(columns),
        second: new Float64Array(columns),
      };
      moments.set(row, { first, second });
      for (let i = 0; i < columns; i++) {
        const at = row * columns + i;
        const g = gradient[i] + decay * values[at];
        first[i] = beta1 * first[i] + (1 - beta1) * g;
        second[i] = beta2 * second[i] + (1 - beta2) * g ** 2;
        const move = first[i] / (1 - beta1 ** t) / (Math.sqrt(second[i] / (1 - beta2 ** t)) + epsilon);
        values[at] -= rate * (move + decoupled * values[at]);
      }
    }
  };
}

/** Dozat 2016, algorithm 2, with the growing momentum of its section 3.4. */
export function nadam({ decay = 0, ...options }: AdamOptions): Update {
  const momentum = (t: number) => (options.beta1 ?? 0.9) * (1 - 0.5 * 0.96 ** (t * 0.004));
  return moments({ ...options, penalty: decay }, (m, v, t, { rate, beta2, epsilon }, g) => {
    let product = 1;
    for (let i = 1; i <= t; i++) product *= momentum(i);
    const mean =
      (momentum(t + 1) * m) / (1 - product * momentum(t + 1)) + ((1 - momentum(t)) * g) / (1 - product);
    return (rate * mean) / (Math.sqrt(v / (1 - beta2 ** t)) + epsilon);
  });
}

/** Liu et al. 2020, algorithm 2. */
export function radam({ decay = 0, ...options }: AdamOptions): Update {
  return moments({ ...options, penalty: decay }, (m, v, t, { rate, beta1, beta2, epsilon }) => {
    const longest = 2 / (1 - beta2) - 1;
    const length = longest - (2 * t * beta2 ** t) / (1 - beta2 ** t);
    const mean = m / (1 - beta1 ** t);
    if (length <= 5) return rate * mean;
    const rectification = Math.sqrt(
      ((length - 4) * (length - 2) * longest) / ((longest - 4) * (longest - 2) * length),
    );
    return (rate * mean * rectification * Math.sqrt(1 - beta2 ** t)) / (Math.sqrt(v) + epsilon);
  });
}

/** Kingma & Ba 2015, algorithm 2, with epsilon as PyTorch adds it. */
export function adamax({ rate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, decay = 0 }: AdamOptions): Update {
  const first: number[] = [];
  const greatest: number[] = [];
  let t = 0;
  return (values, gradients) => {
    t++;
    for (let i = 0; i < values.length; i++) {
      const g = gradients[i] + decay * values[i];
      first[i] = beta1 * (first[i] ?? 0) + (1 - beta1) * g;
      greatest[i] = Math.max(beta2 * (greatest[i] ?? 0), Math.abs(g) + epsilon);
      values[i] -= ((rate / (1 - beta1 ** t)) * first[i]) / greatest[i];
    }
  };
}

type Moments = Required<Pick<AdamOptions, "rate" | "beta1" | "beta2" | "epsilon">>;

/** `move`: what is taken from a parameter, for the means m of g and v of g² after t gradients. */
function moments(
  { rate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, amsgrad, penalty }: AdamOptions & { penalty: number },
  move: (m: number, v: number, t: number, options: Moments, g: number) => number,
): Update {
  const first: number[] = [];
  const second: number[] = [];
  const greatest: number[] = [];
  let t = 0;
  return (values, gradients) => {
    t++;
    for (let i = 0; i < values.length; i++) {
      const g = gradients[i] + penalty * values[i];
      first[i] = beta1 * (first[i] ?? 0) + (1 - beta1) * g;
      second[i] = beta2 * (second[i] ?? 0) + (1 - beta2) * g ** 2;
      greatest[i] = Math.max(greatest[i] ?? 0, second[i]);
      const v = amsgrad ? greatest[i] : second[i];
      values[i] -= move(first[i], v, t, { rate, beta1, beta2, epsilon }, g);
    }
  };
}

export interface RmspropOptions {
  readonly rate: number;
  readonly keep?: number;
  readonly momentum?: number;
  readonly centred?: boolean;
  readonly epsilon?: number;
  readonly decay?: number;
}

/** Tieleman & Hinton 2012; centred: Graves 2013, equations 38 to 45. */
export function rmsprop(options: RmspropOptions): Update {
  const { rate, keep = 0.99, momentum = 0, centred = false, epsilon = 1e-8, decay = 0 } = options;
  const square: number[] = [];
  const mean: number[] = [];
  const velocity: number[] = [];
  return (values, gradients) => {
    for (let i = 0; i < values.length; i++) {
      const g = gradients[i] + decay * values[i];
      square[i] = keep * (square[i] ?? 0) + (1 - keep) * g ** 2;
      mean[i] = keep * (mean[i] ?? 0) + (1 - keep) * g;
      const variance = centred ? square[i] - mean[i] ** 2 : square[i];
      velocity[i] = momentum * (velocity[i] ?? 0) + g / (Math.sqrt(variance) + epsilon);
      values[i] -= rate * velocity[i];
    }
  };
}

export interface AdagradOptions {
  readonly rate: number;
  readonly rateDecay?: number;
  readonly initial?: number;
  readonly decay?: number;
}

/** Duchi, Hazan & Singer 2011, the diagonal form. */
export function adagrad({ rate, rateDecay = 0, initial = 0, decay = 0 }: AdagradOptions): Update {
  const square: number[] = [];
  let t = 0;
  return (values, gradients) => {
    for (let i = 0; i < values.length; i++) {
      const g = gradients[i] + decay * values[i];
      square[i] = (square[i] ?? initial) + g ** 2;
      values[i] -= ((rate / (1 + t * rateDecay)) * g) / (Math.sqrt(square[i]) + 1e-10);
    }
    t++;
  };
}

/** Zeiler 2012, algorithm 1. */
export function adadelta({ rate, keep = 0.9, epsilon = 1e-6, decay = 0 }: RmspropOptions): Update {
  const square: number[] = [];
  const update: number[] = [];
  return (values, gradients) => {
    for (let i = 0; i < values.length; i++) {
      const g = gradients[i] + decay * values[i];
      square[i] = keep * (square[i] ?? 0) + (1 - keep) * g ** 2;
      const move = (Math.sqrt((update[i] ?? 0) + epsilon) / Math.sqrt(square[i] + epsilon)) * g;
      update[i] = keep * (update[i] ?? 0) + (1 - keep) * move ** 2;
      values[i] -= rate * move;
    }
  };
}

/** Chen et al. 2023, algorithm 2. */
export function lion({ rate, beta1 = 0.9, beta2 = 0.99, decay = 0 }: AdamOptions): Update {
  const momentum: number[] = [];
  return (values, gradients) => {
    for (let i = 0; i < values.length; i++) {
      const m = momentum[i] ?? 0;
      const g = gradients[i];
      values[i] -= rate * (Math.sign(beta1 * m + (1 - beta1) * g) + decay * values[i]);
      momentum[i] = beta2 * m + (1 - beta2) * g;
    }
  };
}

/** Euclidean norm over all elements. */
export function norm(values: ArrayLike<number>): number {
  return Math.sqrt(Array.from(values).reduce((sum, value) => sum + value * value, 0));
}

/** The factor that brings gradients of this norm down to `most` (Pascanu, Mikolov & Bengio 2013), as PyTorch rounds it. */
export function clipFactor(norm: number, most: number): number {
  return Math.min(1, most / (norm + 1e-6));
}
