/** Models that end in a conditional random field: what they are trained with, and the tags they find. */

import { viterbi } from "../decoding/viterbi.js";
import { InputError } from "../errors.js";
import type { Value } from "../graph/graph.js";
import { readParameter } from "../graph/parameter.js";
import { addressOf } from "../graph/span.js";
import type { Named } from "../layers/input.js";
import { type Crf, crfLossOf, crfOf } from "../ops/crf.js";
import { type Data, type Lengths, readRows } from "./data.js";
import { sizeOf } from "./inputs.js";
import type { Loss } from "./losses.js";
import type { Model } from "./model.js";

/**
 * The negative logarithm of the probability of a row's tags, in nats, for a model that ends in `crf()` (Lafferty, McCallum & Pereira
 * 2001); the targets are a tag for each step. Each step of a row has the same share of it, so that the loss of a batch is the mean over
 * all steps that count. A row counts as a whole, by the mean of its steps' weights. InputError for a model that ends otherwise.
 */
export function crfLoss(): Loss {
  return {
    name: "crfLoss",
    targets: "tokens",
    record: (output, targets) => crfLossOf(output, targets, requireCrf("crfLoss", output)),
  };
}

/**
 * The likeliest tags of each row, as many as it has steps, by a model that ends in `crf()`. Data and lengths as for
 * `model.predict`, and the same InputErrors.
 */
export async function tags(
  model: Model,
  data: Data | Named<Data>,
  { lengths }: { readonly lengths?: Lengths | undefined } = {},
): Promise<number[][]> {
  const { network } = model;
  const inputs = network.inputs("tags", data, lengths);
  const { engine } = network;
  return await engine.alone(async () => {
    const program = network.program(sizeOf(inputs));
    const { plan, output } = program;
    try {
      const { transitions, start, end } = requireCrf("tags", output);
      network.begin(program, inputs, false);
      await plan.run();
      const scores = {
        transitions: readParameter(engine, transitions),
        start: readParameter(engine, start),
        end: readParameter(engine, end),
      };
      return viterbi(readRows(engine.floats, output, addressOf(output.place)), scores, inputs.lengths);
    } finally {
      plan.release();
    }
  });
}

function requireCrf(where: string, output: Value): Crf {
  const crf = crfOf(output);
  if (crf) return crf;
  throw new InputError({ where, expected: "a model that ends in crf()", got: "another" });
}
