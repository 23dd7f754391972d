/** Principal components: the directions in which points differ most (Pearson 1901; Hotelling 1933). */
import { type Tensor, tensor } from "../data/tensor.js";
import { InputError } from "../errors.js";

export interface Components {
  /** The points in the new axes, [count, dimensions]. */
  readonly points: Tensor;
  /** The share of all variance that each new axis has. */
  readonly shares: readonly number[];
}

/** Points [count, width] by their first components. Each axis points to where its largest weight is above zero. */
export function pca(points: Tensor, dimensions = 2): Components {
  const [count, width = 0] = points.shape as [number, number?];
  if (!(Number.isInteger(dimensions) && dimensions >= 1 && dimensions <= width && count >= 2)) {
    throw new InputError({
      where: "pca.dimensions",
      expected: `a whole number from 1 to the width, ${width}, and at least two points`,
      got: `${dimensions}, and ${count} points`,
    });
  }
  const means = new Float64Array(width);
  for (let i = 0; i < count * width; i++) means[i % width]! += points.data[i]! / count;
  const centred = Float64Array.from(
    points.data.subarray(0, count * width),
    (value, i) => value - means[i % width]!,
  );
  const covariance = Array.from({ length: width }, (_, a) =>
    Float64Array.from({ length: width }, (_, b) => {
      let sum = 0;
      for (let i = 0; i < count; i++) sum += centred[i * width + a]! * centred[i * width + b]!;
      return sum / (count - 1);
    }),
  );
  const { values, vectors } = eigen(covariance);
  const order = [...values.keys()].sort((a, b) => values[b]! - values[a]!).slice(0, dimensions);
  const axes = order.map((index) => {
    const axis = vectors.map((row) => row[index]!);
    const largest = axis.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0);
    return largest < 0 ? axis.map((value) => -value) : axis;
  });
  const data = new Float32Array(count * dimensions);
  for (let i = 0; i < count; i++) {
    for (const [d, axis] of axes.entries()) {
      data[i * dimensions + d] = axis.reduce((sum, weight, k) => sum + weight * centred[i * width + k]!, 0);
    }
  }
  const total = values.reduce((sum, value) => sum + value, 0);
  const shares = order.map((index) => (total > 0 ? values[index]! / total : 0));
  return { points: tensor(data, [count, dimensions]), shares };
}

/**
 * Eigenvalues of a symmetric matrix, and its eigenvectors as columns, by rotations that each make one element zero (Jacobi
 * 1846, cyclic; the formulas of Golub & Van Loan, section 8.5). The matrix is used up.
 */
function eigen(a: Float64Array[]): { values: Float64Array; vectors: Float64Array[] } {
  const size = a.length;
  const vectors = a.map((_, i) => Float64Array.from({ length: size }, (_, j) => (i === j ? 1 : 0)));
  const scale = a.reduce((sum, row) => row.reduce((s, value) => s + value * value, sum), 0);
  for (let sweep = 0; sweep < 60; sweep++) {
    let outside = 0;
    for (let p = 0; p < size; p++) for (let q = p + 1; q < size; q++) outside += a[p]![q]! * a[p]![q]!;
    if (outside <= 1e-28 * scale) break;
    for (let p = 0; p < size; p++) {
      for (let q = p + 1; q < size; q++) {
        if (a[p]![q] === 0) continue;
        const tau = (a[q]![q]! - a[p]![p]!) / (2 * a[p]![q]!);
        const tangent = (tau < 0 ? -1 : 1) / (Math.abs(tau) + Math.sqrt(1 + tau * tau));
        const cosine = 1 / Math.sqrt(1 + tangent * tangent);
        rotateRows(a, p, q, cosine, tangent * cosine);
        for (const row of a) rotate(row, p, q, cosine, tangent * cosine);
        for (const row of vectors) rotate(row, p, q, cosine, tangent * cosine);
      }
    }
  }
  return { values: Float64Array.from(a, (row, i) => row[i]!), vectors };
}

function rotate(row: Float64Array, p: number, q: number, cosine: number, sine: number): void {
  const [x, y] = [row[p]!, row[q]!];
  row[p] = cosine * x - sine * y;
  row[q] = sine * x + cosine * y;
}

function rotateRows(a: readonly Float64Array[], p: number, q: number, cosine: number, sine: number): void {
  const [x, y] = [a[p]!, a[q]!];
  for (let k = 0; k < x.length; k++) {
    const [u, v] = [x[k]!, y[k]!];
    x[k] = cosine * u - sine * v;
    y[k] = sine * u + cosine * v;
  }
}
