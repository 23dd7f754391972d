/** Conditional random fields cost and find what the equations of pytorch-crf give in PyTorch's float64. */
import { expect, test } from "vitest";
import { createEngine } from "../../ts/engine/create.js";
import { crf, crfLoss, features, model, tags, tensor } from "../../ts/index.js";
import { onOutputs } from "../model/on-outputs.js";
import { expectClose } from "../reference/compare.js";
import fixture from "./torch/crf.json" with { type: "json" };
import { modelFile, rows } from "./torch.js";

const engine = await createEngine({ memory: 16 });

test.each(fixture.cases)(
  "$name",
  async ({ lengths, emissions, tags: targets, field, loss, gradients, decoded }) => {
    const outputs = tensor(Float32Array.from(emissions.data), emissions.shape);
    const names = ["transitions", "start", "end"] as const;
    const parameters = Object.fromEntries(names.map((name) => [`0.crf.${name}`, field[name].data]));
    const given = { outputs, targets, lengths, ending: { layer: crf(), parameters } };
    const result = onOutputs(engine, crfLoss(), given);
    expectClose([result.loss], [loss], 1e-6);
    // Together: where emissions decide, single gradients are 1 - 1 but for what float32 cannot tell.
    const slopes = names.flatMap((name) => [...result.gradients.get(`0.crf.${name}`)!]);
    expectClose(
      [...result.gradient, ...slopes],
      [...gradients.emissions.data, ...names.flatMap((name) => gradients[name].data)],
      2e-6,
      "gradients",
    );
    const net = await model(features(emissions.shape[2]!), crf());
    const { transitions, start, end } = field;
    const file = {
      "0.crf.transitions": rows(transitions),
      "0.crf.start": rows(start),
      "0.crf.end": rows(end),
    };
    net.assign(modelFile(file, ["start", "end"]));
    expect(await tags(net, outputs, { lengths })).toEqual(decoded);
  },
);
