/**
 * The activation functions of the ONNX recurrent operators, by number, and their derivatives from the result y = f(x), so
 * that nobody need keep x. Where a function has a kink, its derivative there is that of the left side, as in PyTorch.
 *
 *    0 identity         x                             1
 *    1 tanh             tanh x                        1 - y²
 *    2 sigmoid          1 / (1 + e⁻ˣ)                 y (1 - y)
 *    3 relu             max(0, x)                     y > 0 ? 1 : 0
 *    4 affine           alpha x + beta                alpha
 *    5 leakyRelu        x < 0 ? alpha x : x           y > 0 ? 1 : alpha          (alpha >= 0)
 *    6 thresholdedRelu  x > alpha ? x : 0             y > 0 ? 1 : 0              (alpha >= 0)
 *    7 scaledTanh       alpha tanh(beta x)            alpha beta (1 - (y / alpha)²)
 *    8 hardSigmoid      min(1, max(0, alpha x + beta))    0 < y < 1 ? alpha : 0
 *    9 elu              x < 0 ? alpha (eˣ - 1) : x    y > 0 ? 1 : y + alpha      (alpha >= 0)
 *   10 softsign         x / (1 + |x|)                 (1 - |y|)²
 *   11 softplus         ln(1 + eˣ)                    1 - e⁻ʸ
 *   12 clip             min(alpha, max(-alpha, x))    |y| < alpha ? 1 : 0        (alpha > 0)
 *
 * At x = alpha thresholdedRelu is 0, as ONNX's operator of that name and its runtime have it; the text of the recurrent
 * operators says x there. clip is not in ONNX's list: it is what the attribute of that name does before an activation.
 */
import { exp, log, sigmoid, tanh } from "./lane";

/** eˣ - 1 = 2 t / (1 - t) with t = tanh(x / 2): as precise near 0 as far from it, for x <= 0. */
// @ts-ignore: decorator
@inline
function exponentialLessOne(x: v128): v128 {
  const t = tanh(f32x4.mul(x, f32x4.splat(0.5)));
  return f32x4.div(f32x4.add(t, t), f32x4.sub(f32x4.splat(1), t));
}

/** ln(1 + u) for u from 0 to 1. What 1 + u loses of u by rounding is given back (Kahan). */
// @ts-ignore: decorator
@inline
function logOfOneAnd(u: v128): v128 {
  const one = f32x4.splat(1);
  const w = f32x4.add(one, u);
  return f32x4.sub(log(w), f32x4.div(f32x4.sub(f32x4.sub(w, one), u), w));
}

/** f(x). Not inlined: a cell calls it for one gate at a time, and its plain form never does. */
export function activate(activation: u32, x: v128, alpha: f32, beta: f32): v128 {
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  const a = f32x4.splat(alpha);
  switch (activation) {
    case 1:
      return tanh(x);
    case 2:
      return sigmoid(x);
    case 3:
      return f32x4.max(x, zero);
    case 4:
      return f32x4.add(f32x4.mul(a, x), f32x4.splat(beta));
    case 5:
      return v128.bitselect(f32x4.mul(a, x), x, f32x4.lt(x, zero));
    case 6:
      return v128.andnot(x, f32x4.le(x, a)); // a NaN stays one
    case 7:
      return f32x4.mul(a, tanh(f32x4.mul(f32x4.splat(beta), x)));
    case 8:
      return f32x4.min(f32x4.max(f32x4.add(f32x4.mul(a, x), f32x4.splat(beta)), zero), one);
    case 9:
      return v128.bitselect(f32x4.mul(a, exponentialLessOne(x)), x, f32x4.lt(x, zero));
    case 10: {
      const largest = f32x4.splat(f32.MAX_VALUE); // in the place of infinity, whose quotient is none
      const y = f32x4.max(f32x4.min(x, largest), f32x4.neg(largest));
      return f32x4.div(y, f32x4.add(one, f32x4.abs(y)));
    }
    case 11:
      // max(x, 0) + ln(1 + e^-|x|): the exponential cannot overflow
      return f32x4.add(f32x4.max(x, zero), logOfOneAnd(exp(f32x4.neg(f32x4.abs(x)))));
    case 12:
      return f32x4.max(f32x4.min(x, a), f32x4.neg(a));
    default:
      return x;
  }
}

/** df/dx from y = f(x). */
export function derivative(activation: u32, y: v128, alpha: f32, beta: f32): v128 {
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  const a = f32x4.splat(alpha);
  switch (activation) {
    case 1:
      return f32x4.sub(one, f32x4.mul(y, y));
    case 2:
      return f32x4.mul(y, f32x4.sub(one, y));
    case 3:
    case 6:
      return v128.and(one, f32x4.gt(y, zero));
    case 4:
      return a;
    case 5:
      return v128.bitselect(one, a, f32x4.gt(y, zero));
    case 7: {
      const t = f32x4.div(y, a);
      return f32x4.mul(f32x4.splat(alpha * beta), f32x4.sub(one, f32x4.mul(t, t)));
    }
    case 8:
      return v128.and(a, v128.and(f32x4.gt(y, zero), f32x4.lt(y, one)));
    case 9:
      return v128.bitselect(one, f32x4.add(y, a), f32x4.gt(y, zero));
    case 10: {
      const rest = f32x4.sub(one, f32x4.abs(y));
      return f32x4.mul(rest, rest);
    }
    case 11:
      return f32x4.neg(exponentialLessOne(f32x4.neg(y)));
    case 12:
      return v128.and(one, f32x4.lt(f32x4.abs(y), a));
    default:
      return one;
  }
}
