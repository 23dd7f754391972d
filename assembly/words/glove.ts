/**
 * GloVe (Pennington, Socher & Manning 2014): for each pair that was seen together x times,
 *
 *     d = w · c + b + b' - ln x     J = f(x) d²
 *     g = f(x) d, the gradient of J / 2 by the sum;   G += (g c)²   w -= rate g c / sqrt(G);   c, b and b' likewise
 *
 * with the steps of AdaGrad (Duchi, Hazan & Singer 2011), each from the rows as they were.
 *
 * pairs [...][4]: u32 word, u32 context, f32 ln x, f32 f(x). w, c [...][stride]: a row is its numbers, `bytes` long, and then
 * its bias. wSums, cSums: G, likewise; it begins as ones.
 */
import { dot } from "./dot";

/** Learns pairs [from, to) in turn and gives the sum of J. width: numbers of a row, without its bias. */
export function glove(
  pairs: usize, w: usize, c: usize, wSums: usize, cSums: usize, width: u32, stride: u32, rate: f32, from: u32, to: u32,
): f64 {
  const bytes = <usize>((width + 3) & ~3) << 2;
  const rowBytes = <usize>stride << 2;
  let total: f64 = 0;
  const end = pairs + (<usize>to << 4);
  for (let pair = pairs + (<usize>from << 4); pair < end; pair += 16) {
    const word = <usize>load<u32>(pair) * rowBytes;
    const context = <usize>load<u32>(pair, 4) * rowBytes;
    const weight = load<f32>(pair, 12);
    const d = dot(w + word, c + context, bytes) + load<f32>(w + word + bytes) + load<f32>(c + context + bytes) - load<f32>(pair, 8);
    total += <f64>weight * <f64>d * <f64>d;
    step(w + word, c + context, wSums + word, cSums + context, bytes, weight * d, rate);
  }
  return total;
}

function step(w: usize, c: usize, wSum: usize, cSum: usize, bytes: usize, gradient: f32, rate: f32): void {
  const g = f32x4.splat(gradient);
  const r = f32x4.splat(rate);
  for (let at: usize = 0; at < bytes; at += 16) {
    const x = v128.load(w + at);
    const y = v128.load(c + at);
    const gx = f32x4.mul(g, y);
    const gy = f32x4.mul(g, x);
    const sx = f32x4.add(v128.load(wSum + at), f32x4.mul(gx, gx));
    const sy = f32x4.add(v128.load(cSum + at), f32x4.mul(gy, gy));
    v128.store(wSum + at, sx);
    v128.store(cSum + at, sy);
    v128.store(w + at, f32x4.sub(x, f32x4.div(f32x4.mul(r, gx), f32x4.sqrt(sx))));
    v128.store(c + at, f32x4.sub(y, f32x4.div(f32x4.mul(r, gy), f32x4.sqrt(sy))));
  }
  bias(w + bytes, wSum + bytes, gradient, rate);
  bias(c + bytes, cSum + bytes, gradient, rate);
}

function bias(at: usize, sums: usize, gradient: f32, rate: f32): void {
  const total = load<f32>(sums) + gradient * gradient;
  store<f32>(sums, total);
  store<f32>(at, load<f32>(at) - (rate * gradient) / sqrt<f32>(total));
}
