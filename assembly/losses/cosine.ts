/**
 * The cosine between rows of a and of b, stored `stride` floats apart, padding zero:
 *
 *   cos = a·b / sqrt((a·a + 10⁻¹²) (b·b + 10⁻¹²))
 *   loss = 1 - cos where the rows shall be alike, max(0, cos - margin) where not (as PyTorch's CosineEmbeddingLoss)
 *
 * labels [rows]: 1 for alike, 0 for not; 0 in place of their address: all are alike.
 */
import { sum } from "../lane";

/** A row of zeros has the cosine 0. */
const EPSILON: f32 = 1e-12;

// @ts-ignore: decorator
@inline
function product(a: usize, b: usize, bytes: usize): f32 {
  let total = f32x4.splat(0);
  for (let c: usize = 0; c < bytes; c += 16) total = f32x4.add(total, f32x4.mul(v128.load(a + c), v128.load(b + c)));
  return sum(total);
}

/** The Euclidean norm of a row. */
function norm(a: usize, bytes: usize): f32 {
  return sqrt<f32>(product(a, a, bytes) + EPSILON);
}

// @ts-ignore: decorator
@inline
function alike(labels: usize, row: usize): bool {
  return !labels || load<u32>(labels + (row << 2)) != 0;
}

/** losses[r]: the loss of row r. For rows [from, to). */
export function cosineForward(
  a: usize, b: usize, labels: usize, losses: usize, margin: f32, stride: u32, from: u32, to: u32,
): void {
  const bytes = <usize>stride << 2;
  for (let row = <usize>from; row < <usize>to; row++) {
    const x = a + row * bytes;
    const y = b + row * bytes;
    const cosine = product(x, y, bytes) / norm(x, bytes) / norm(y, bytes);
    store<f32>(losses + (row << 2), alike(labels, row) ? 1 - cosine : max<f32>(0, cosine - margin));
  }
}

/**
 * da and, unless db is 0, db: weights[r] times the gradient of the loss of row r, the slope times b / (|a| |b|) - cos a / |a|² and
 * the other way round. In place if they are a and b.
 */
export function cosineBackward(
  a: usize, b: usize, labels: usize, da: usize, db: usize, weights: usize, margin: f32, stride: u32,
  from: u32, to: u32,
): void {
  const bytes = <usize>stride << 2;
  for (let row = <usize>from; row < <usize>to; row++) {
    const at = row * bytes;
    const aNorm = norm(a + at, bytes);
    const bNorm = norm(b + at, bytes);
    const cosine = product(a + at, b + at, bytes) / aNorm / bNorm;
    const weight = load<f32>(weights + (row << 2));
    const slope: f32 = alike(labels, row) ? -weight : cosine > margin ? weight : 0;
    const across = f32x4.splat(slope / aNorm / bNorm);
    const aBack = f32x4.splat((slope * cosine) / aNorm / aNorm);
    const bBack = f32x4.splat((slope * cosine) / bNorm / bNorm);
    for (let c = at; c < at + bytes; c += 16) {
      const x = v128.load(a + c);
      const y = v128.load(b + c);
      v128.store(da + c, f32x4.sub(f32x4.mul(across, y), f32x4.mul(aBack, x)));
      if (db) v128.store(db + c, f32x4.sub(f32x4.mul(across, x), f32x4.mul(bBack, y)));
    }
  }
}
