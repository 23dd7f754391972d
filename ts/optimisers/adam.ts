/** Adam and its kin: steps of about the same length in every direction, from running means of g and g². */
import { power } from "../numeric.js";
import {
  NOWHERE,
  type Optimiser,
  type Rate,
  requireEpsilon,
  requireNumber,
  requireRate,
} from "./optimiser.js";

export interface AdamOptions {
  /** Decay of the mean of gradients; default 0.9. */
  readonly beta1?: number;
  /** Decay of the mean of squared gradients; default 0.999. */
  readonly beta2?: number;
  /** Added to the root of the second moment; default 1e-8. */
  readonly epsilon?: number;
  /** Weight decay of matrices: for `adamw` decoupled, otherwise an L2 penalty in the gradient; default 0, for `adamw` 0.01. */
  readonly decay?: number;
}

export interface AmsgradOptions extends AdamOptions {
  /** Divides by the greatest second moment so far (Reddi, Kale & Kumar 2018); default false. */
  readonly amsgrad?: boolean;
}

export interface NadamOptions extends AdamOptions {
  /** How fast the momentum grows to beta1; default 0.004. */
  readonly momentumDecay?: number;
}

/** Adam (Kingma & Ba 2015). */
export function adam(rate: Rate, options: AmsgradOptions = {}): Optimiser {
  return adaptive("adam", rate, options, 0, corrected);
}

/** Adam with decoupled weight decay (Loshchilov & Hutter 2019). */
export function adamw(rate: Rate, { decay = 0.01, ...options }: AmsgradOptions = {}): Optimiser {
  return adaptive("adamw", rate, options, decay, corrected);
}

/** Adam with Nesterov's momentum (Dozat 2016), whose momentum grows as in PyTorch. */
export function nadam(rate: Rate, { momentumDecay = 0.004, ...options }: NadamOptions = {}): Optimiser {
  requireNumber("nadam.momentumDecay", momentumDecay, 0, Infinity);
  let done = 0;
  let product = 1;
  return adaptive("nadam", rate, options, 0, ({ beta1, beta2, epsilon }, t) => {
    const momentum = (t: number) => beta1 * (1 - 0.5 * power(0.96, t * momentumDecay));
    if (done > t) {
      done = 0;
      product = 1;
    }
    while (done < t) product *= momentum(++done);
    const next = momentum(t + 1);
    return {
      first: next / (1 - product * next),
      gradient: (1 - momentum(t)) / (1 - product),
      root: correction(beta2, t),
      epsilon,
    };
  });
}

/** Adam whose first steps are plain momentum, until the second moment is known well enough (Liu et al. 2020). */
export function radam(rate: Rate, options: AdamOptions = {}): Optimiser {
  return adaptive("radam", rate, options, 0, ({ beta1, beta2, epsilon }, t) => {
    const first = 1 / (1 - power(beta1, t));
    const decayed = power(beta2, t);
    const longest = 2 / (1 - beta2) - 1;
    const length = longest - (2 * t * decayed) / (1 - decayed);
    if (length <= 5) return { first, gradient: 0, root: 0, epsilon: 1 };
    const rectified = Math.sqrt(
      (((length - 4) * (length - 2) * longest) / ((longest - 4) * (longest - 2) * length)) * (1 - decayed),
    );
    return { first: first * rectified, gradient: 0, root: 1, epsilon };
  });
}

type Betas = Required<Pick<AdamOptions, "beta1" | "beta2" | "epsilon">>;

/** What a step takes of the first moment and of the gradient, over root x sqrt(second moment) + epsilon. */
interface Shares {
  readonly first: number;
  readonly gradient: number;
  readonly root: number;
  readonly epsilon: number;
}

function corrected({ beta1, beta2, epsilon }: Betas, t: number): Shares {
  return { first: 1 / (1 - power(beta1, t)), gradient: 0, root: correction(beta2, t), epsilon };
}

/** For the root of a second moment that began with 0. */
function correction(beta2: number, t: number): number {
  return 1 / Math.sqrt(1 - power(beta2, t));
}

/** `shares` of step t, counted from 1. */
function adaptive(
  name: string,
  rate: Rate,
  options: AmsgradOptions,
  decoupled: number,
  shares: (betas: Betas, t: number) => Shares,
): Optimiser {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, decay: penalty = 0, amsgrad = false } = options;
  requireRate(`${name}.rate`, rate);
  requireNumber(`${name}.beta1`, beta1, 0, 1);
  requireNumber(`${name}.beta2`, beta2, 0, 1);
  requireEpsilon(`${name}.epsilon`, epsilon);
  requireNumber(`${name}.decay`, penalty + decoupled, 0, Infinity);
  return {
    name,
    rate,
    slots: amsgrad ? ["first", "second", "greatest"] : ["first", "second"],
    update({ engine, value, gradient, slots, count, decays }, step, rate, scale) {
      const of = shares({ beta1, beta2, epsilon }, step + 1);
      engine.call("adam", {
        value,
        gradient,
        first: slots[0]!,
        second: slots[1]!,
        greatest: slots[2] ?? NOWHERE,
        count,
        scale,
        rate: rate * of.first,
        gradientRate: rate * of.gradient,
        beta1,
        beta2,
        root: of.root,
        epsilon: of.epsilon,
        decay: decays ? penalty : 0,
        shrink: decays ? 1 - rate * decoupled : 1,
      });
    },
  };
}
