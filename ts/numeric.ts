/** The elementary functions, from basic arithmetic alone, so that every JavaScript runtime returns the same bits. */

const bits = new DataView(new ArrayBuffer(8));

// Each constant is split so that the leading parts times a small integer are exact (Cody & Waite 1980).
const ln2 = { high: 0.6931471803691238, low: 1.9082149292705877e-10 };
const halfPi = { high: 1.5707963267341256, middle: 6.077100506303966e-11, low: 2.0222662487959506e-21 };

// Taylor coefficients, as many as float64 can tell apart on the reduced range.
const expTail = [
  1 / 2,
  1 / 6,
  1 / 24,
  1 / 120,
  1 / 720,
  1 / 5040,
  1 / 40320,
  1 / 362880,
  1 / 3628800,
  1 / 39916800,
  1 / 479001600,
  1 / 6227020800,
];
const logTail = [2 / 3, 2 / 5, 2 / 7, 2 / 9, 2 / 11, 2 / 13, 2 / 15, 2 / 17, 2 / 19, 2 / 21];
const cosTail = [
  1 / 24,
  -1 / 720,
  1 / 40320,
  -1 / 3628800,
  1 / 479001600,
  -1 / 87178291200,
  1 / 20922789888000,
];
const sinTail = [
  -1 / 6,
  1 / 120,
  -1 / 5040,
  1 / 362880,
  -1 / 39916800,
  1 / 6227020800,
  -1 / 1307674368000,
  1 / 355687428096000,
];

/** e to the power `x`, within 1 unit in the last place; subnormal results, 0 and Infinity included. */
export function exp(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x > 709.782712893384) return Infinity;
  if (x < -745.1332191019412) return 0;
  const exponent = Math.round(x / Math.LN2);
  const high = x - exponent * ln2.high;
  const low = exponent * ln2.low;
  const r = high - low;
  // What 1 + high loses to rounding is put back into the small terms.
  const sum = 1 + high;
  const rest = 1 - sum + high;
  const mantissa = sum + (rest + (r * r * polynomial(r, expTail) - low));
  // In two halves: 2^1024 and 2^-1074 are not both normal numbers.
  const half = exponent >> 1;
  return mantissa * powerOfTwo(half) * powerOfTwo(exponent - half);
}

/** Natural logarithm of `x`, within 1 unit in the last place; -Infinity at 0 and NaN below it. */
export function log(x: number): number {
  if (Number.isNaN(x) || x === Infinity) return x;
  if (x <= 0) return x === 0 ? -Infinity : NaN;
  let exponent = 0;
  if (x < 2.2250738585072014e-308) {
    x *= 0x40000000000000;
    exponent = -54;
  }
  bits.setFloat64(0, x);
  const top = bits.getUint32(0);
  exponent += (top >>> 20) - 1023;
  bits.setUint32(0, (top & 0xfffff) | 0x3ff00000);
  let mantissa = bits.getFloat64(0);
  if (mantissa > Math.SQRT2) {
    mantissa /= 2;
    exponent++;
  }
  // ln(1 + f) = 2 artanh(s) with s = f / (2 + f), arranged so that the leading term is f itself, which is exact.
  const f = mantissa - 1;
  const s = f / (2 + f);
  const half = (f * f) / 2;
  const tail = s * s * polynomial(s * s, logTail);
  return exponent * ln2.high + (f - (half - (s * (half + tail) + exponent * ln2.low)));
}

/** Cosine of `x` radians for |x| <= 10^6, within 1 unit in the last place; NaN beyond. */
export function cos(x: number): number {
  if (!(Math.abs(x) <= 1e6)) return NaN;
  const quarter = Math.round(x / (Math.PI / 2));
  const near = x - quarter * halfPi.high;
  const middle = quarter * halfPi.middle;
  const nearer = near - middle;
  const low = quarter * halfPi.low - (near - nearer - middle);
  const r = nearer - low;
  const rest = nearer - r - low;
  switch (quarter & 3) {
    case 0:
      return cosine(r, rest);
    case 1:
      return -sine(r, rest);
    case 2:
      return -cosine(r, rest);
    default:
      return sine(r, rest);
  }
}

/**
 * `x` to the power `y`. A whole `y` up to 64 by repeated multiplication: exact wherever every product is, otherwise
 * within |y| units in the last place. Any other as exp(y ln x): relative error below (2 + |y ln x|) 2^-52, NaN for a
 * negative `x`.
 */
export function power(x: number, y: number): number {
  if (!Number.isInteger(y) || Math.abs(y) > 64) return exp(y * log(x));
  let result = 1;
  let factor = x;
  for (let n = Math.abs(y); n > 0; n >>= 1) {
    if (n & 1) result *= factor;
    factor *= factor;
  }
  return y < 0 ? 1 / result : result;
}

/** Cosine of x + rest on [-pi/4, pi/4], where `rest` is what `x` lost to rounding. */
function cosine(x: number, rest: number): number {
  const square = x * x;
  return 1 - (square / 2 - (square * square * polynomial(square, cosTail) - x * rest));
}

/** Sine of x + rest on [-pi/4, pi/4], where `rest` is what `x` lost to rounding. */
function sine(x: number, rest: number): number {
  const square = x * x;
  return x + (x * square * polynomial(square, sinTail) + rest);
}

/** Horner's rule: c[0] + x (c[1] + x (c[2] + ...)). */
function polynomial(x: number, coefficients: readonly number[]): number {
  let sum = 0;
  for (let i = coefficients.length - 1; i >= 0; i--) sum = coefficients[i] + x * sum;
  return sum;
}

/** 2 to the power of an integer from -1022 to 1023. */
function powerOfTwo(exponent: number): number {
  bits.setUint32(0, (exponent + 1023) << 20);
  bits.setUint32(4, 0);
  return bits.getFloat64(0);
}
