/** Groups of points that lie together. */
import type { Tensor } from "../data/tensor.js";
import { InputError } from "../errors.js";
import { random } from "../random.js";

/** What k-means found. */
export interface Groups {
  /** The group of each point. */
  readonly labels: Uint32Array;
  /** The middle of each group. */
  readonly centres: readonly Float64Array[];
  /** The sum of the squared distances of all points from the middles of their groups. */
  readonly inertia: number;
}

/**
 * Points [count, width] in `count` groups by k-means: first middles drawn apart (k-means++, Arthur & Vassilvitskii 2007), then
 * Lloyd's iterations until no point changes its group; the best of ten tries. For groups by angle give unit vectors.
 */
export function groups(points: Tensor, count: number, { seed = 0 } = {}): Groups {
  const [size, width = 1] = points.shape as [number, number?];
  if (!(Number.isInteger(count) && count >= 1 && count <= size)) {
    throw new InputError({
      where: "groups.count",
      expected: `a whole number from 1 to the number of points, ${size}`,
      got: String(count),
    });
  }
  const rows = Array.from({ length: size }, (_, i) =>
    Float64Array.from(points.data.subarray(i * width, (i + 1) * width)),
  );
  let best: Groups | undefined;
  for (let attempt = 0; attempt < 10; attempt++) {
    const { uniform } = random(seed, attempt);
    const found = lloyd(rows, spread(rows, count, uniform));
    if (!best || found.inertia < best.inertia) best = found;
  }
  return best!;
}

/** Middles that are points, each drawn in proportion to its squared distance from those drawn before. */
function spread(rows: readonly Float64Array[], count: number, uniform: () => number): Float64Array[] {
  const centres = [rows[Math.floor(uniform() * rows.length)]!];
  while (centres.length < count) {
    const distances = rows.map((row) => nearestOf(row, centres).distance);
    centres.push(rows[draw(distances, uniform())]!);
  }
  return centres;
}

/** The place where the sum of the weights so far passes a fraction of the whole sum; the greatest if rounding hides it. */
function draw(weights: readonly number[], fraction: number): number {
  let left = fraction * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [i, weight] of weights.entries()) {
    left -= weight;
    if (left < 0) return i;
  }
  return weights.indexOf(Math.max(...weights));
}

function lloyd(rows: readonly Float64Array[], first: readonly Float64Array[]): Groups {
  let centres = first;
  let labels = new Uint32Array(rows.length).fill(first.length);
  for (;;) {
    const nearest = rows.map((row) => nearestOf(row, centres));
    const inertia = nearest.reduce((sum, { distance }) => sum + distance, 0);
    const next = Uint32Array.from(nearest, ({ index }) => index);
    if (next.every((label, i) => label === labels[i])) return { labels, centres, inertia };
    labels = next;
    centres = centres.map((centre, group) => {
      const members = rows.filter((_, i) => labels[i] === group);
      if (members.length === 0) return centre;
      return centre.map((_, k) => members.reduce((sum, row) => sum + row[k]!, 0) / members.length);
    });
  }
}

function nearestOf(row: Float64Array, centres: readonly Float64Array[]): { index: number; distance: number } {
  let index = 0;
  let distance = Infinity;
  for (const [i, centre] of centres.entries()) {
    let square = 0;
    for (let k = 0; k < row.length; k++) {
      const apart = row[k]! - centre[k]!;
      square += apart * apart;
    }
    if (square < distance) [index, distance] = [i, square];
  }
  return { index, distance };
}
