/** recurra/umap: a map of points that keeps neighbours together, by the library umap-js. */
import { UMAP } from "umap-js";
import { type Tensor, tensor } from "../data/tensor.js";
import { InputError } from "../errors.js";
import { random } from "../random.js";

export interface UmapOptions {
  /** Numbers of a point of the map; default 2. */
  readonly dimensions?: number;
  /** How many neighbours are kept near: few for what is close by, many for the whole; default 15. */
  readonly neighbours?: number;
  /** How close points may come, 0 to 1; default 0.1. */
  readonly distance?: number;
  /** Any safe integer from 0; default 0. The same seed gives the same map on one host. */
  readonly seed?: number;
}

/** Points [count, width] as a map [count, dimensions] (UMAP, McInnes, Healy & Melville 2018). */
export function umap(points: Tensor, options: UmapOptions = {}): Tensor {
  const { dimensions = 2, neighbours = 15, distance = 0.1, seed = 0 } = options;
  const [count, width = 0] = points.shape as [number, number?];
  if (!(Number.isInteger(neighbours) && neighbours >= 2 && neighbours < count)) {
    throw new InputError({
      where: "umap.neighbours",
      expected: `a whole number from 2, below the number of points, ${count}`,
      got: String(neighbours),
    });
  }
  const rows = Array.from({ length: count }, (_, i) => [...points.data.subarray(i * width, (i + 1) * width)]);
  const { uniform } = random(seed);
  const map = new UMAP({
    nComponents: dimensions,
    nNeighbors: neighbours,
    minDist: distance,
    random: uniform,
  });
  return tensor(Float32Array.from(map.fit(rows).flat()), [count, dimensions]);
}
