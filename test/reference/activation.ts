/** The activation functions in float64, each with its derivative; at a kink that of the left side. */
import type { ActivationName, ActivationOptions } from "../../ts/ops/activation.js";

export interface Activation {
  f(x: number): number;
  derivative(x: number): number;
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

const bell = (x: number) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);

/** The normal distribution function: a power series near 0, a continued fraction in the tails (Laplace). */
function normal(x: number): number {
  const t = Math.abs(x);
  let tail: number;
  if (t < 3) {
    let term = t;
    let sum = 0;
    for (let n = 1; n < 200; n += 2) {
      sum += term;
      term *= (t * t) / (n + 2);
    }
    tail = 0.5 - bell(t) * sum;
  } else {
    let fraction = t;
    for (let n = 200; n > 0; n--) fraction = t + n / fraction;
    tail = bell(t) / fraction;
  }
  return x < 0 ? tail : 1 - tail;
}

/** x Q(x) with Q's derivative. */
function weighted(Q: (x: number) => number, slope: (x: number) => number): Activation {
  return {
    f: (x) => (x === -Infinity ? 0 : x * Q(x)),
    derivative: (x) => Q(x) + x * slope(x),
  };
}

/** The function of this name, with float32's roundings of its constants. */
export function activation(name: ActivationName, options: ActivationOptions = {}): Activation {
  const alpha = Math.fround(options.alpha ?? defaults[name]?.[0] ?? Number.NaN);
  const beta = Math.fround(options.beta ?? defaults[name]?.[1] ?? Number.NaN);
  const line = (x: number) => alpha * x + beta;
  switch (name) {
    case "identity":
      return { f: (x) => x, derivative: () => 1 };
    case "tanh":
      return { f: Math.tanh, derivative: (x) => 1 / Math.cosh(x) ** 2 };
    case "sigmoid":
      return { f: sigmoid, derivative: (x) => sigmoid(x) * sigmoid(-x) };
    case "relu":
      return { f: (x) => Math.max(0, x), derivative: (x) => (x > 0 ? 1 : 0) };
    case "affine":
      return { f: line, derivative: () => alpha };
    case "leakyRelu":
      return { f: (x) => (x < 0 ? alpha * x : x), derivative: (x) => (x > 0 ? 1 : alpha) };
    case "thresholdedRelu":
      return { f: (x) => (x <= alpha ? 0 : x), derivative: (x) => (x > alpha ? 1 : 0) };
    case "scaledTanh":
      return {
        f: (x) => alpha * Math.tanh(beta * x),
        derivative: (x) => (alpha * beta) / Math.cosh(beta * x) ** 2,
      };
    case "hardSigmoid":
      return {
        f: (x) => Math.min(1, Math.max(0, line(x))),
        derivative: (x) => (line(x) > 0 && line(x) < 1 ? alpha : 0),
      };
    case "elu":
      return {
        f: (x) => (x < 0 ? alpha * Math.expm1(x) : x),
        derivative: (x) => (x > 0 ? 1 : alpha * Math.exp(x)),
      };
    case "softsign":
      return {
        f: (x) => (Math.abs(x) === Infinity ? Math.sign(x) : x / (1 + Math.abs(x))),
        derivative: (x) => 1 / (1 + Math.abs(x)) ** 2,
      };
    case "softplus":
      return { f: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))), derivative: sigmoid };
    case "clip":
      return {
        f: (x) => Math.min(alpha, Math.max(-alpha, x)),
        derivative: (x) => (Math.abs(x) < alpha ? 1 : 0),
      };
    case "silu":
      return weighted(sigmoid, (x) => sigmoid(x) * sigmoid(-x));
    case "gelu":
      return weighted(normal, bell);
    case "geluTanh": {
      // (1 + tanh(v / 2)) / 2 is the sigmoid of v
      const scale = 2 * Math.sqrt(2 / Math.PI);
      const v = (x: number) => scale * (x + 0.044715 * x ** 3);
      const dv = (x: number) => scale * (1 + 3 * 0.044715 * x ** 2);
      return weighted(
        (x) => sigmoid(v(x)),
        (x) => sigmoid(v(x)) * sigmoid(-v(x)) * dv(x),
      );
    }
  }
}

/** ONNX's; scaledTanh has none there. */
const defaults: Partial<Record<ActivationName, readonly number[]>> = {
  affine: [1, 0],
  leakyRelu: [0.01],
  thresholdedRelu: [1],
  scaledTanh: [1, 1],
  hardSigmoid: [0.2, 0.5],
  elu: [1],
};

/** Every function with its defaults, and those with constants once more with others. */
export const activations: readonly (readonly [ActivationName, ActivationOptions])[] = [
  ["identity", {}],
  ["tanh", {}],
  ["sigmoid", {}],
  ["relu", {}],
  ["affine", {}],
  ["affine", { alpha: -1.5, beta: 0.75 }],
  ["leakyRelu", {}],
  ["leakyRelu", { alpha: 0 }],
  ["leakyRelu", { alpha: 1.5 }],
  ["thresholdedRelu", {}],
  ["thresholdedRelu", { alpha: 0 }],
  ["scaledTanh", {}],
  ["scaledTanh", { alpha: -1.7159, beta: 0.6667 }],
  ["hardSigmoid", {}],
  ["hardSigmoid", { alpha: -0.4, beta: 0.3 }],
  ["elu", {}],
  ["elu", { alpha: 0 }],
  ["elu", { alpha: 0.7 }],
  ["softsign", {}],
  ["softplus", {}],
  ["clip", { alpha: 0.5 }],
  ["silu", {}],
  ["gelu", {}],
  ["geluTanh", {}],
];
