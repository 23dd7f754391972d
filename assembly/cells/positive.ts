/**
 * The function that keeps the states of minGRU and minLSTM positive, as a recurrence in logarithms needs (Feng et al. 2024):
 *
 *   g(x) = x < 0 ? sigmoid(x) : x + 1/2     g'(x) from the result y: y < 1/2 ? y (1 - y) : 1
 */
import { sigmoid } from "../lane";

// @ts-ignore: decorator
@inline
export function positive(x: v128): v128 {
  return v128.bitselect(sigmoid(x), f32x4.add(x, f32x4.splat(0.5)), f32x4.lt(x, f32x4.splat(0)));
}

// @ts-ignore: decorator
@inline
export function positiveDerivative(y: v128): v128 {
  const one = f32x4.splat(1);
  return v128.bitselect(f32x4.mul(y, f32x4.sub(one, y)), one, f32x4.lt(y, f32x4.splat(0.5)));
}
