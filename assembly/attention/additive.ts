/**
 * The scores of Bahdanau, Cho & Bengio 2015, and Luong's concat:
 *
 *   score(s) = energy . tanh(q + k[s] + coverage[s] w)
 *
 * q, k[s], energy, w: rows of `bytes` bytes, whole lines; coverage one number for each position, or 0 for none (w is not read
 * then): See, Liu & Manning 2017.
 */
import { sum, tanh } from "../lane";

// @ts-ignore: decorator
@inline
function activated(q: v128, k: usize, covered: v128, w: v128): v128 {
  return tanh(f32x4.add(f32x4.add(q, v128.load(k)), f32x4.mul(covered, w)));
}

const ZERO = memory.data(16, 16);

/** out[s] for s in [begin, end): four lanes side by side, columns ascending. */
export function additiveScores(
  q: usize, keys: usize, step: usize, energy: usize, coverage: usize, w: usize, bytes: usize, begin: usize, end: usize, out: usize,
): void {
  const wStep: usize = coverage ? 16 : 0;
  for (let s = begin; s < end; s++) {
    const k = keys + s * step;
    const covered = v128.load32_splat(coverage ? coverage + (s << 2) : ZERO);
    let own = coverage ? w : ZERO;
    let total = f32x4.splat(0);
    for (let c: usize = 0; c < bytes; c += 16) {
      const y = activated(v128.load(q + c), k + c, covered, v128.load(own));
      total = f32x4.add(total, f32x4.mul(v128.load(energy + c), y));
      own += wStep;
    }
    store<f32>(out + (s << 2), sum(total));
  }
}

/**
 * From the gradients of the scores, dScores, adds those of q, keys, energy and, where there is coverage, of w, and of coverage
 * to dCoverage. `lanes`: room for four floats for each position.
 */
export function additiveScoresBackward(
  dScores: usize, q: usize, keys: usize, step: usize, energy: usize, coverage: usize, w: usize, bytes: usize, begin: usize, end: usize,
  dq: usize, dKeys: usize, dStep: usize, dEnergy: usize, dCoverage: usize, dw: usize, lanes: usize,
): void {
  const one = f32x4.splat(1);
  if (coverage) memory.fill(lanes, 0, end << 4);
  for (let c: usize = 0; c < bytes; c += 16) {
    const own = v128.load(q + c);
    const e = v128.load(energy + c);
    const weight = coverage ? v128.load(w + c) : f32x4.splat(0);
    let dOwn = v128.load(dq + c);
    let de = v128.load(dEnergy + c);
    let dWeight = coverage ? v128.load(dw + c) : weight;
    let k = keys + begin * step + c;
    let dk = dKeys + begin * dStep + c;
    for (let s = begin; s < end; s++) {
      const covered = v128.load32_splat(coverage ? coverage + (s << 2) : ZERO);
      const slope = v128.load32_splat(dScores + (s << 2));
      const y = activated(own, k, covered, weight);
      const d = f32x4.mul(f32x4.mul(slope, e), f32x4.sub(one, f32x4.mul(y, y)));
      de = f32x4.add(de, f32x4.mul(slope, y));
      dOwn = f32x4.add(dOwn, d);
      v128.store(dk, f32x4.add(v128.load(dk), d));
      if (coverage) {
        dWeight = f32x4.add(dWeight, f32x4.mul(d, covered));
        const lane = lanes + (s << 4);
        v128.store(lane, f32x4.add(v128.load(lane), f32x4.mul(d, weight)));
      }
      k += step;
      dk += dStep;
    }
    v128.store(dq + c, dOwn);
    v128.store(dEnergy + c, de);
    if (coverage) v128.store(dw + c, dWeight);
  }
  if (!coverage) return;
  for (let s = begin; s < end; s++) {
    const at = dCoverage + (s << 2);
    store<f32>(at, load<f32>(at) + sum(v128.load(lanes + (s << 4))));
  }
}
