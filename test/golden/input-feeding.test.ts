/** Input feeding against the same decoders out of PyTorch's cells, which read the input and the vector before side by side. */
import { describe, expect, test } from "vitest";
import { createEngine } from "../../ts/engine/create.js";
import {
  type DecoderAttention,
  encoderDecoder,
  features,
  gru,
  inputs,
  lstm,
  model,
  type Value,
} from "../../ts/index.js";
import { withLengths } from "../ops/lengths.js";
import { probe } from "../ops/probe.js";
import { expectClose } from "../reference/compare.js";
import type { Matrix } from "../reference/matrix.js";
import golden from "./torch/input-feeding.json" with { type: "json" };
import { rows, type TorchTensor } from "./torch.js";

const engine = await createEngine({ memory: 16 });
const tolerance = 2e-6;
const kinds = { gru, lstm } as const;

type Tensors = Readonly<Record<string, TorchTensor>>;

/** The layers of a case: an encoder and a decoder alike. */
function layersOf({ layers, attention }: (typeof golden.cases)[number]) {
  const made = () => layers.map(([kind, units]) => kinds[kind as keyof typeof kinds](units as number));
  const looks = { ...attention, look: "after", feed: true } as DecoderAttention;
  return encoderDecoder({ encoder: made(), decoder: made(), attention: looks });
}

/** Without the numbers of layers, and of the attention within the vectors. */
function shortName(path: string): string {
  const name = path.replace(/\d+\./g, "").replace("encoderDecoder.", "");
  return name
    .replace("attentional.attention.bias", "attentional.attentionBias")
    .replace("attentional.attention.", "attentional.")
    .replace("decoder.attentional", "attentional");
}

describe("a decoder whose attentional vector enters its next step", () => {
  test.each(golden.cases.map((entry) => [entry.name, entry] as const))("%s", async (_, entry) => {
    const of = inputs({ target: features(3), source: features(2) });
    const net = await model(of, layersOf(entry), { threads: 1 });
    const byPath = (tensors: Tensors) =>
      new Map(net.parameters().map(({ path }): [string, Matrix] => [path, rows(tensors[shortName(path)]!)]));
    const { params, grads } = entry as unknown as Record<"params" | "grads", Tensors>;
    expect(
      net
        .parameters()
        .map(({ path }) => shortName(path))
        .sort(),
    ).toEqual(Object.keys(params).sort());
    const record = (target: Value, source: Value) => [
      layersOf(entry)(withLengths(target, golden.lengths), {
        source: withLengths(source, golden.sourceLengths),
      }),
    ];
    const result = probe(engine, {
      batch: 3,
      inputs: [rows(entry.inputs.target), rows(entry.inputs.source)],
      parameters: byPath(params),
      record: record as never,
      upstream: [rows(entry.upstream)],
    });
    expectClose(result.outputs[0]!.values, entry.output.data, tolerance);
    expectClose(result.gradients[0]!.values, entry.inputGrads.target.data, tolerance, "target");
    expectClose(result.gradients[1]!.values, entry.inputGrads.source.data, tolerance, "source");
    for (const [path, { values }] of byPath(grads)) {
      // Where one weight is nearly 1, what makes the scores hardly matters: sums whose terms cancel.
      const cancels = path.includes(".attention.");
      expectClose(result.parameters.get(path)!.values, values, cancels ? 5 * tolerance : tolerance, path);
    }
  });
});
