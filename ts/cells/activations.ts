/** The activation functions that a cell can be given, by the names of the ONNX operators. */
import { InputError } from "../errors.js";

/** Number in the kernels, and the defaults of alpha and beta. */
const known = {
  identity: [0, 0, 0],
  tanh: [1, 0, 0],
  sigmoid: [2, 0, 0],
  relu: [3, 0, 0],
  affine: [4, 1, 0],
  leakyRelu: [5, 0.01, 0],
  thresholdedRelu: [6, 1, 0],
  scaledTanh: [7, 1, 1],
  hardSigmoid: [8, 0.2, 0.5],
  elu: [9, 1, 0],
  softsign: [10, 0, 0],
  softplus: [11, 0, 0],
} as const;

export type ActivationName = keyof typeof known;

/** An activation by name, or with its alpha and beta where it has them. */
export type Activation =
  | ActivationName
  | { readonly name: ActivationName; readonly alpha?: number; readonly beta?: number };

/** An activation as kernels take it. */
export interface ActivationCode {
  readonly code: number;
  readonly alpha: number;
  readonly beta: number;
}

/** Throws InputError for a name that is not known, or an alpha or beta that is not finite. */
export function activationCode(where: string, activation: Activation): ActivationCode {
  const { name, ...given } = typeof activation === "string" ? { name: activation } : activation;
  const found = Object.hasOwn(known, name) ? known[name] : undefined;
  if (!found) {
    throw new InputError({ where, expected: Object.keys(known).join(", "), got: String(name) });
  }
  const [code, alphaDefault, betaDefault] = found;
  const { alpha = alphaDefault, beta = betaDefault } = given as { alpha?: number; beta?: number };
  for (const [part, value] of Object.entries({ alpha, beta })) {
    if (!Number.isFinite(value)) {
      throw new InputError({ where: `${where}.${part}`, expected: "a finite number", got: String(value) });
    }
  }
  if ((name === "leakyRelu" || name === "elu") && alpha < 0) {
    throw new InputError({ where: `${where}.alpha`, expected: "a number from 0", got: String(alpha) });
  }
  if (name === "scaledTanh" && alpha === 0) {
    throw new InputError({ where: `${where}.alpha`, expected: "a number other than 0", got: "0" });
  }
  return { code, alpha, beta };
}
