/** Where in the sequence a step is, for layers that would not know. */
import { InputError } from "../errors.js";
import { normal } from "../graph/initialisers.js";
import { rowsParameter } from "../graph/parameter.js";
import { cos, exp, log } from "../numeric.js";
import { positions as addPositions } from "../ops/positions.js";
import { type Layer, layer, requireFeatures, requireOptions, requireWidth } from "./layer.js";

export interface PositionOptions {
  /**
   * `learned` (default): a vector for each position (Gehring et al. 2017). `sinusoidal`: number 2i of position p is
   * sin(p / 10000^(2i / width)), the next one the cosine of the same (Vaswani et al. 2017).
   */
  readonly kind?: "learned" | "sinusoidal";
}

/**
 * Adds to every step a vector that says which one it is: [steps][batch][width] to the same. InputError for more than `longest`
 * steps, in a batch and in a stream.
 */
export function positions(longest: number, options: PositionOptions = {}): Layer {
  requireWidth("positions.longest", longest);
  requireOptions("positions", options, ["kind"]);
  const { kind = "learned" } = options;
  if (kind !== "learned" && kind !== "sinusoidal") {
    throw new InputError({
      where: "positions.kind",
      expected: '"learned" or "sinusoidal"',
      got: String(kind),
    });
  }
  return layer({ layer: "positions", longest, ...options }, (x) => {
    requireFeatures(x);
    const { graph, steps, width, stride } = x;
    const rows = graph.streaming ? longest : Math.min(steps, longest);
    const table =
      kind === "learned"
        ? graph.parameter("vectors", rowsParameter(longest, width, normal(0.02)))
        : graph.constant("positions", sinusoids(rows, width, stride));
    return addPositions(x, table, longest);
  });
}

/** A row of `stride` numbers for each position, zero past `width`. */
export function sinusoids(rows: number, width: number, stride: number): Float32Array {
  const table = new Float32Array(rows * stride);
  for (let i = 0; i < width; i++) {
    const frequency = exp((-log(10000) * (i - (i % 2))) / width);
    for (let p = 0; p < rows; p++) {
      table[p * stride + i] = cos(p * frequency - (i % 2 === 0 ? Math.PI / 2 : 0));
    }
  }
  return table;
}
