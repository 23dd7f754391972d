/** Looking at what the attention of a model looks at. */
import type { Tensor } from "../data/tensor.js";
import type { AttentionObservation } from "../graph/graph.js";
import { addressOf } from "../graph/span.js";
import type { Named } from "../layers/input.js";
import { weightStride } from "../ops/attending.js";
import type { Data } from "./data.js";
import { type Inspected, inspected } from "./feed.js";
import type { Model } from "./model.js";

/** What one attention did with the data. */
export interface InspectedAttention {
  /** For example `2.transformerEncoder.0.block.0.multiHeadAttention`. */
  readonly path: string;
  /** Whether a sequence looked at itself. */
  readonly own: boolean;
  /** How much each step looked at each step of its source, [batch, heads, steps, sources]: 0 where it sees nothing, else summing to 1. */
  readonly weights: Tensor;
}

/** The weights of every attention of a model for a batch, in the order in which they are computed. Changes nothing. */
export async function inspectAttention(
  model: Model,
  data: Data | Named<Data>,
  options: Pick<Inspected, "lengths"> = {},
): Promise<InspectedAttention[]> {
  const { engine } = model.network;
  const { plan, graph } = inspected("inspectAttention", model.network, data, options);
  try {
    plan.forward();
    return graph.attentions.map((seen) => {
      const { path, own } = seen;
      return { path, own, weights: weightsOf(engine.floats, seen) };
    });
  } finally {
    plan.release();
  }
}

function weightsOf(floats: Float32Array, seen: AttentionObservation): Tensor {
  const { steps, sources, batch, heads, weights } = seen;
  const stride = weightStride(sources);
  const start = addressOf(weights) / 4;
  const data = new Float32Array(batch * heads * steps * sources);
  for (let row = 0, to = 0; row < batch; row++) {
    for (let head = 0; head < heads; head++) {
      for (let step = 0; step < steps; step++, to += sources) {
        const from = start + ((step * batch + row) * heads + head) * stride;
        data.set(floats.subarray(from, from + sources), to);
      }
    }
  }
  return { shape: [batch, heads, steps, sources], data };
}
