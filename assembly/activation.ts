/**
 * The activation functions of the ONNX recurrent operators, by number, with their derivatives as functions of the result
 * y = f(x), so that a cell need not keep x:
 *
 *   0 identity     x                       1
 *   1 tanh         tanh x                  1 - y²
 *   2 sigmoid      1 / (1 + e⁻ˣ)           y (1 - y)
 *   3 relu         max(0, x)               y > 0
 *   4 affine       alpha x + beta          alpha
 *   5 leakyRelu    x < 0 ? alpha x : x     y < 0 ? alpha : 1     (alpha >= 0)
 *   6 thresholdedRelu  x > alpha ? x : 0   y != 0
 *   7 scaledTanh   alpha tanh(beta x)      beta (alpha - y² / alpha)
 *   8 hardSigmoid  min(1, max(0, alpha x + beta))   0 < y < 1 ? alpha : 0
 *   9 elu          x < 0 ? alpha (eˣ - 1) : x       y < 0 ? y + alpha : 1   (alpha >= 0)
 *  10 softsign     x / (1 + |x|)           (1 - |y|)²
 *  11 softplus     ln(1 + eˣ)              1 - e⁻ʸ
 */
import { exp, log, sigmoid, tanh } from "./lane";

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
      return v128.bitselect(x, f32x4.mul(x, zero), f32x4.gt(x, a)); // a NaN stays one
    case 7:
      return f32x4.mul(a, tanh(f32x4.mul(f32x4.splat(beta), x)));
    case 8:
      return f32x4.min(f32x4.max(f32x4.add(f32x4.mul(a, x), f32x4.splat(beta)), zero), one);
    case 9:
      return v128.bitselect(f32x4.mul(a, f32x4.sub(exp(x), one)), x, f32x4.lt(x, zero));
    case 10:
      return f32x4.div(x, f32x4.add(one, f32x4.abs(x)));
    case 11:
      // max(x, 0) + ln(1 + e^-|x|): the exponential cannot overflow
      return f32x4.add(f32x4.max(x, zero), log(f32x4.add(one, exp(f32x4.neg(f32x4.abs(x))))));
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
      return v128.and(one, f32x4.gt(y, zero));
    case 4:
      return a;
    case 5:
      return v128.bitselect(a, one, f32x4.lt(y, zero));
    case 6:
      return v128.and(one, f32x4.ne(y, zero));
    case 7:
      return f32x4.mul(f32x4.splat(beta), f32x4.sub(a, f32x4.div(f32x4.mul(y, y), a)));
    case 8:
      return v128.and(a, v128.and(f32x4.gt(y, zero), f32x4.lt(y, one)));
    case 9:
      return v128.bitselect(f32x4.add(y, a), one, f32x4.lt(y, zero));
    case 10: {
      const rest = f32x4.sub(one, f32x4.abs(y));
      return f32x4.mul(rest, rest);
    }
    case 11:
      return f32x4.sub(one, exp(f32x4.neg(y)));
    default:
      return one;
  }
}
