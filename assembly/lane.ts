/**
 * Elementary functions on four float32 lanes, from additions, multiplications, divisions and integer shifts only, so that
 * every runtime gives the same bits. Infinities and NaN give what mathematics gives; nothing is clamped to a finite value.
 */

/**
 * Constants, read from memory where they are used: as literals the compilers of newer engines build each one again at
 * every use. The polynomials are (eʳ - 1 - r) / r² on |r| <= ln 2 / 2, fitted at Chebyshev nodes.
 */
// prettier-ignore
const CONSTANTS = memory.data<f32>([
  1.4426950408889634, // 0: 1 / ln 2
  12582912.0, //         4: 1.5 * 2^23: adding it rounds to an integer
  0.693359375, //        8: ln 2, leading 9 bits
  -2.12194440e-4, //    12: ln 2, the rest
  0.00019899334, //     16: degree 5, 2^-30 relative error
  0.0013933688, //      20
  0.008333298, //       24
  0.041666463, //       28
  0.16666667, //        32
  0.5, //               36
  1.0, //               40
  89.0, //              44: e^89 overflows
  -104.0, //            48: e^-104 rounds to 0
  2.0, //               52
  0.70710678, //        56: sqrt(1/2)
  0.66666663, //        60: the coefficients of log below
  0.40000972, //        64
  0.28498787, //        68
  0.24279079, //        72
  8388608.0, //         76: 2^23
  -30.0, //             80: e^-30 - 1 rounds to -1
  -88.0, //             84: e^-88 is below the normal numbers
  -0.0, //              88: the bit of the sign
]);

// @ts-ignore: decorator
@inline
function constant(offset: usize): v128 {
  return v128.load32_splat(CONSTANTS + offset);
}

/** x / ln 2 + 1.5 * 2^23: the nearest whole number n sits in the low bits. */
// @ts-ignore: decorator
@inline
function rounded(x: v128): v128 {
  return f32x4.add(f32x4.mul(x, constant(0)), constant(4));
}

/** x - n ln 2, in two steps (Cody and Waite 1980). */
// @ts-ignore: decorator
@inline
function remainder(x: v128, n: v128): v128 {
  return f32x4.sub(f32x4.sub(x, f32x4.mul(n, constant(8))), f32x4.mul(n, constant(12)));
}

/** eʳ - 1 for |r| <= ln 2 / 2; the polynomial by pairs (Estrin 1960), which shortens the chain of dependent steps. */
// @ts-ignore: decorator
@inline
function smallExponential(r: v128): v128 {
  const square = f32x4.mul(r, r);
  const low = f32x4.add(f32x4.mul(constant(32), r), constant(36));
  const middle = f32x4.add(f32x4.mul(constant(24), r), constant(28));
  const high = f32x4.add(f32x4.mul(constant(16), r), constant(20));
  const p = f32x4.add(low, f32x4.mul(square, f32x4.add(middle, f32x4.mul(square, high))));
  return f32x4.add(f32x4.mul(square, p), r);
}

/** 2ⁿ for integer lanes whose low bits are n in [-126, 127]. */
// @ts-ignore: decorator
@inline
function powerOfTwo(n: v128): v128 {
  return i32x4.add(i32x4.shl(n, 23), constant(40));
}

/** eˣ. Two scalings by powers of two, so that results overflow to infinity and underflow gradually. */
// @ts-ignore: decorator
@inline
export function exp(x: v128): v128 {
  x = f32x4.pmax(f32x4.pmin(x, constant(44)), constant(48)); // x first: keeps NaN
  const z = rounded(x);
  const e = f32x4.add(smallExponential(remainder(x, f32x4.sub(z, constant(4)))), constant(40));
  const whole = i32x4.sub(z, constant(4));
  const half = i32x4.shr_s(whole, 1);
  return f32x4.mul(f32x4.mul(e, powerOfTwo(half)), powerOfTwo(i32x4.sub(whole, half)));
}

/** eˣ for x <= 0 in fewer steps; from about -87.7 down it is 0. */
// @ts-ignore: decorator
@inline
export function decay(x: v128): v128 {
  const y = f32x4.pmax(x, constant(84)); // x first: keeps NaN
  const z = rounded(y);
  const r = remainder(y, f32x4.sub(z, constant(4)));
  return f32x4.mul(f32x4.add(smallExponential(r), constant(40)), powerOfTwo(z)); // 2^-127 comes out as 0
}

/** -|x| */
// @ts-ignore: decorator
@inline
function negative(x: v128): v128 {
  return v128.or(x, constant(88));
}

/** 1 / (1 + e⁻ˣ), from e^-|x| so that both tails keep their relative precision; from about -87.7 down it is 0. */
// @ts-ignore: decorator
@inline
export function sigmoid(x: v128): v128 {
  const one = constant(40);
  const e = decay(negative(x));
  return f32x4.div(v128.bitselect(e, one, i32x4.shr_s(x, 31)), f32x4.add(one, e));
}

/** tanh x = -m / (m + 2) with m = e^-2|x| - 1, and the sign of x. Near 0, m keeps its relative precision. */
// @ts-ignore: decorator
@inline
export function tanh(x: v128): v128 {
  const y = f32x4.pmax(f32x4.mul(negative(x), constant(52)), constant(80));
  const z = rounded(y);
  const r = remainder(y, f32x4.sub(z, constant(4)));
  const scale = powerOfTwo(z);
  const m = f32x4.add(f32x4.mul(smallExponential(r), scale), f32x4.sub(scale, constant(40)));
  return v128.bitselect(x, f32x4.div(m, f32x4.add(m, constant(52))), constant(88));
}

/** ln x, with x = 2ᵏ m, m in [sqrt(1/2), sqrt 2), f = m - 1, s = f / (2 + f): ln m = f - (f²/2 - s (f²/2 + R(s²))) (Sun fdlibm). */
// @ts-ignore: decorator
@inline
export function log(x: v128): v128 {
  const one = constant(40);
  const subnormal = f32x4.lt(x, f32x4.splat(1.1754943508222875e-38));
  const y = v128.bitselect(f32x4.mul(x, constant(76)), x, subnormal);
  const root = constant(56);
  const bits = i32x4.add(i32x4.sub(y, root), one);
  const k = f32x4.convert_i32x4_s(
    i32x4.sub(i32x4.sub(i32x4.shr_s(bits, 23), i32x4.splat(127)), v128.and(subnormal, i32x4.splat(23))),
  );
  const m = i32x4.add(v128.and(bits, i32x4.splat(0x007fffff)), root);
  const f = f32x4.sub(m, one);
  const s = f32x4.div(f, f32x4.add(f, constant(52)));
  const z = f32x4.mul(s, s);
  let r = constant(72);
  r = f32x4.add(f32x4.mul(r, z), constant(68));
  r = f32x4.add(f32x4.mul(r, z), constant(64));
  r = f32x4.add(f32x4.mul(r, z), constant(60));
  r = f32x4.mul(r, z);
  const h = f32x4.mul(f32x4.mul(f, f), constant(36));
  const low = f32x4.sub(f32x4.mul(s, f32x4.add(h, r)), f32x4.mul(k, f32x4.neg(constant(12))));
  const value = f32x4.add(f32x4.sub(f32x4.add(low, f), h), f32x4.mul(k, constant(8)));
  const finite = f32x4.lt(x, f32x4.splat(Infinity));
  const zero = f32x4.eq(x, f32x4.splat(0));
  const result = v128.bitselect(value, x, finite); // +inf and NaN pass through
  const invalid = v128.bitselect(f32x4.splat(NaN), result, f32x4.lt(x, f32x4.splat(0)));
  return v128.bitselect(f32x4.splat(-Infinity), invalid, zero);
}

/** The sum of the four lanes, pairs first. */
// @ts-ignore: decorator
@inline
export function sum(x: v128): f32 {
  const pairs = f32x4.add(x, v128.shuffle<f32>(x, x, 2, 3, 0, 1));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

/** The largest of the four lanes, passing over NaN where it can. */
// @ts-ignore: decorator
@inline
export function largest(x: v128): f32 {
  const pairs = f32x4.pmax(x, v128.shuffle<f32>(x, x, 2, 3, 0, 1));
  const all = f32x4.pmax(pairs, v128.shuffle<f32>(pairs, pairs, 1, 0, 3, 2));
  return f32x4.extract_lane(all, 0);
}
