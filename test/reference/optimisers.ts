/** Optimisers as their papers state them, one parameter at a time, and clipping by the norm over all parameters. */

/** Updates parameters from their gradients; keeps its own numbers between calls. */
export type Update = (values: Float64Array, gradients: ArrayLike<number>) => void;

/** Relative distance that parameters may be off after a hundred steps, each of whose factors float32 rounds by 3e-8. */
export const tolerance = 3e-6;

export interface SgdOptions {
  readonly rate: number;
  readonly momentum?: number;
  readonly nesterov?: boolean;
  readonly decay?: number;
}

/** Sutskever, Martens, Dahl & Hinton 2013, in PyTorch's form; decay is an L2 penalty. */
export function sgd({ rate, momentum = 0, nesterov = false, decay = 0 }: SgdOptions): Update {
  const velocity: number[] = [];
  return (values, gradients) => {
    for (let i = 0; i < values.length; i++) {
      const gradient = gradients[i] + decay * values[i];
      const v = momentum * (velocity[i] ?? 0) + gradient;
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
}

/** Kingma & Ba 2015, algorithm 1; decay is an L2 penalty. */
export function adam({ decay = 0, ...options }: AdamOptions): Update {
  return adaptive({ ...options, penalty: decay, decoupled: 0 });
}

/** Loshchilov & Hutter 2019, algorithm 2: decay apart from the gradient. */
export function adamw({ decay = 0.01, ...options }: AdamOptions): Update {
  return adaptive({ ...options, penalty: 0, decoupled: decay });
}

function adaptive({
  rate,
  beta1 = 0.9,
  beta2 = 0.999,
  epsilon = 1e-8,
  penalty,
  decoupled,
}: AdamOptions & { penalty: number; decoupled: number }): Update {
  const first: number[] = [];
  const second: number[] = [];
  let t = 0;
  return (values, gradients) => {
    t++;
    for (let i = 0; i < values.length; i++) {
      const gradient = gradients[i] + penalty * values[i];
      const m = beta1 * (first[i] ?? 0) + (1 - beta1) * gradient;
      const v = beta2 * (second[i] ?? 0) + (1 - beta2) * gradient ** 2;
      first[i] = m;
      second[i] = v;
      const step = m / (1 - beta1 ** t) / (Math.sqrt(v / (1 - beta2 ** t)) + epsilon);
      values[i] -= rate * (step + decoupled * values[i]);
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
