/** How good a network is on examples, without training: its mean loss, and any metrics. */
import type { Tensor } from "../data/tensor.js";
import { InputError } from "../errors.js";
import { addressOf } from "../graph/span.js";
import type { Metric } from "../metrics/metric.js";
import { readRows, type Samples } from "./data.js";
import { type Example, type Examples, feed } from "./feed.js";
import type { Loss } from "./losses.js";
import type { Network } from "./network.js";
import { TurnTaking } from "./pause.js";
import { Programs } from "./programs.js";

export interface EvaluateOptions {
  readonly loss: Loss;
  /** Reset, and then given every batch; read their `value` afterwards. */
  readonly metrics?: readonly Metric<unknown>[];
  /** Stops between batches; the call then rejects with `signal.reason`. */
  readonly signal?: AbortSignal;
}

/** Mean loss over all rows of the examples, with the weights as they are. */
export async function evaluate(
  network: Network,
  examples: Examples,
  { loss, metrics = [], signal }: EvaluateOptions,
): Promise<number> {
  signal?.throwIfAborted();
  for (const metric of metrics) metric.reset();
  const programs = new Programs(network, loss, metrics.length > 0 ? "measure" : "evaluate");
  let total = 0;
  let rows = 0;
  let index = 0;
  try {
    const turns = new TurnTaking(signal);
    for await (const example of examples) {
      const where = `batch ${index++}`;
      await network.engine.alone(async () => {
        const { program, targets, counted } = feed(network, programs, example, where);
        await program.plan.run(turns);
        program.plan.carry();
        total += network.lossOf(program) * counted;
        rows += counted;
        if (metrics.length === 0) return;
        const { output } = program;
        const outputs = readRows(network.engine.floats, output, addressOf(output.place));
        const { weights } = example as Example;
        const options = { lengths: targets.lengths, weights, ignore: loss.ignore };
        const wanted = tensorOf(targets, program.targets!.kind);
        for (const metric of metrics) metric.update(outputs, wanted, options);
      });
      await turns.take();
    }
  } finally {
    programs.release();
  }
  if (rows === 0) throw new InputError({ where: "evaluate", expected: "at least one batch", got: "none" });
  return total / rows;
}

/** Targets that have been checked, as the metrics take them. */
function tensorOf({ batch, steps, values }: Samples, kind: "tokens" | "features"): Tensor {
  const shape = kind === "tokens" ? [batch, steps] : [batch, steps, values.length / batch / steps];
  return { shape, data: values as Float32Array };
}
