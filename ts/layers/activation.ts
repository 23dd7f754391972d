/** Activation functions as layers. */
import {
  type ActivationName,
  type ActivationOptions,
  activate,
  activationCode,
  everyActivation,
} from "../ops/activation.js";
import { type Layer, layer, requireFeatures } from "./layer.js";

/**
 * f(x) for every number. All but the last three are those of ONNX's recurrent operators, with their formulas and defaults:
 *
 *     identity          x
 *     tanh              tanh x
 *     sigmoid           1 / (1 + e⁻ˣ)
 *     relu              max(0, x)
 *     affine            alpha x + beta                      alpha 1, beta 0
 *     leakyRelu         x < 0 ? alpha x : x                 alpha 0.01
 *     thresholdedRelu   x > alpha ? x : 0                   alpha 1
 *     scaledTanh        alpha tanh(beta x)                  alpha 1, beta 1
 *     hardSigmoid       min(1, max(0, alpha x + beta))      alpha 0.2, beta 0.5
 *     elu               x < 0 ? alpha (eˣ - 1) : x          alpha 1
 *     softsign          x / (1 + |x|)
 *     softplus          ln(1 + eˣ)
 *     clip              min(alpha, max(-alpha, x))          alpha must be given
 *     silu              x / (1 + e⁻ˣ)                       Elfwing, Uchibe & Doya 2018
 *     gelu              x (1 + erf(x / sqrt 2)) / 2         Hendrycks & Gimpel 2016
 *     geluTanh          x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x³))) / 2      its approximation there
 *
 * The last three need their input for their derivative: layers have it, recurrent cells do not.
 */
export function activation(name: ActivationName, options: ActivationOptions = {}): Layer {
  const { alpha, beta } = options;
  const chosen = activationCode("activation", { ...options, name }, everyActivation);
  return layer({ layer: "activation", name, alpha, beta }, (x) => {
    requireFeatures(x);
    return activate(x, chosen);
  });
}
