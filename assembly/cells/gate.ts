/** A gate whose activation is chosen by number and whose pre-activation may be clipped to [-clip, clip]; clip 0: not. */
import { activate, derivative } from "../activation";

/** f(min(clip, max(-clip, x))) */
export function gate(x: v128, activation: u32, alpha: f32, beta: f32, clip: f32): v128 {
  if (clip) x = f32x4.max(f32x4.min(x, f32x4.splat(clip)), f32x4.splat(-clip));
  return activate(activation, x, alpha, beta);
}

/** Its derivative from the result y: 0 where x was clipped, which is where y is the activation of a bound. */
export function gateDerivative(y: v128, activation: u32, alpha: f32, beta: f32, clip: f32): v128 {
  const slope = derivative(activation, y, alpha, beta);
  if (!clip) return slope;
  const high = activate(activation, f32x4.splat(clip), alpha, beta);
  const low = activate(activation, f32x4.splat(-clip), alpha, beta);
  return v128.andnot(slope, v128.or(f32x4.eq(y, high), f32x4.eq(y, low)));
}
