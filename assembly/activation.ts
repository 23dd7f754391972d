/**
 * The activation functions by number: those of the ONNX recurrent operators, whose derivatives follow from the result
 * y = f(x), so that nobody need keep x; and three whose derivatives need x. Where a function has a kink, its derivative there
 * is that of the left side, as in PyTorch.
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
 *
 * From 13 on, f(x) = x Q(x) with Q(x) + Q(-x) = 1, which falls and then rises: two x may have the same result.
 *
 *   13 silu             Q(x) = 1 / (1 + e⁻ˣ)                                       Elfwing, Uchibe & Doya 2018
 *   14 gelu             Q(x) = (1 + erf(x / sqrt 2)) / 2                           Hendrycks & Gimpel 2016
 *   15 geluTanh         Q(x) = (1 + tanh(sqrt(2 / pi) (x + 0.044715 x³))) / 2      its approximation there
 */
import { exp, log, sigmoid, tanh } from "./lane";

const FIRST_OF_INPUT: u32 = 13;
const GELU: u32 = 14;
const GELU_TANH: u32 = 15;

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

/** Of R below, highest power first. */
// prettier-ignore
const TAIL = memory.data<f32>([
  -0.00026298908, -0.0008977542, 0.0010747317, 0.0069200066, -0.010480093,
  -0.047255285, 0.2300194, -0.5093323, 0.72908366,
]);

/**
 * (1 - erf(t / sqrt 2)) / 2 / e^(-t² / 2) for t >= 0, as R(u) / (t + 3) with u = (t - 3) / (t + 3), which is in [-1, 1). R is of
 * degree 8: fitted for the least of the greatest relative error, 5.2e-8, over t from 0 to 14.5 (least squares at 3000
 * Chebyshev nodes, reweighted after Lawson 1961; erfc to 30 digits), then rounded. In float32 within 4 units in the last place.
 */
// @ts-ignore: decorator
@inline
function normalTail(t: v128): v128 {
  const three = f32x4.splat(3);
  const r = f32x4.div(f32x4.splat(1), f32x4.add(t, three));
  const u = f32x4.mul(f32x4.sub(t, three), r);
  let p = v128.load32_splat(TAIL);
  for (let i: usize = 4; i < 36; i += 4) p = f32x4.add(f32x4.mul(p, u), v128.load32_splat(TAIL + i));
  return f32x4.mul(p, r);
}

/** e^(-t² / 2). What t² loses by rounding, found from the two halves of t (Dekker 1971), is given back. */
// @ts-ignore: decorator
@inline
function bell(t: v128): v128 {
  const half = f32x4.splat(0.5);
  const square = f32x4.mul(t, t);
  const high = v128.and(t, i32x4.splat(0xfffff000));
  const low = f32x4.sub(t, high);
  const cross = f32x4.mul(high, low);
  let lost = f32x4.sub(f32x4.mul(high, high), square);
  lost = f32x4.add(f32x4.add(lost, f32x4.add(cross, cross)), f32x4.mul(low, low));
  const e = exp(f32x4.neg(f32x4.mul(square, half)));
  return f32x4.sub(e, f32x4.mul(e, f32x4.mul(lost, half)));
}

/**
 * x Q(x), or its derivative. With t = |x|, and Q(-t) = s q, dQ/dx (-t) = s d for an s that alone becomes small:
 *
 *   x Q(x) = max(x, 0) - t q s      its derivative at -t: s (q - t d), and at t: 1 less that
 *
 * From t = 88 on s is 0. Where it is below the normal numbers, so is the precision.
 */
function product(activation: u32, x: v128, slope: bool): v128 {
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  const t = f32x4.pmin(f32x4.abs(x), f32x4.splat(88)); // t first: keeps NaN
  let s: v128, q = one, d: v128;
  if (activation == GELU) {
    s = bell(t);
    q = normalTail(t);
    d = f32x4.splat(0.3989422804014327); // 1 / sqrt(2 pi)
  } else {
    // Q is the logistic function of v
    let v = t;
    let dv = one;
    if (activation == GELU_TANH) {
      const cube = f32x4.mul(f32x4.splat(0.07135481627159), f32x4.mul(t, t)); // 2 sqrt(2 / pi) 0.044715 t²
      const line = f32x4.splat(1.5957691216057308); // 2 sqrt(2 / pi)
      v = f32x4.mul(t, f32x4.add(line, cube));
      dv = f32x4.add(line, f32x4.mul(f32x4.splat(3), cube));
    }
    s = sigmoid(f32x4.neg(v));
    d = f32x4.mul(f32x4.sub(one, s), dv);
  }
  if (!slope) return f32x4.sub(f32x4.max(x, zero), f32x4.mul(f32x4.mul(t, q), s));
  const below = f32x4.mul(s, f32x4.sub(q, f32x4.mul(t, d)));
  return v128.bitselect(below, f32x4.sub(one, below), f32x4.lt(x, zero));
}

/** f(x). Not inlined: a cell calls it for one gate at a time, and its plain form never does. */
export function activate(activation: u32, x: v128, alpha: f32, beta: f32): v128 {
  if (activation >= FIRST_OF_INPUT) return product(activation, x, false);
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

/** df/dx from y = f(x); from x itself where y does not tell. */
export function derivative(activation: u32, y: v128, alpha: f32, beta: f32): v128 {
  if (activation >= FIRST_OF_INPUT) return product(activation, y, true);
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
