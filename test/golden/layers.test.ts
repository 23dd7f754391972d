/** The layers without a memory give what PyTorch gives, outputs and the gradients of all that goes in. */
import { expect, test } from "vitest";
import { createEngine } from "../../ts/engine/create.js";
import { activation, dense, type Layer, logSoftmax, softmax } from "../../ts/index.js";
import { probe } from "../ops/probe.js";
import { expectClose } from "../reference/compare.js";
import layers from "./torch/layers.json" with { type: "json" };
import { ours, rows, type TorchTensor, torchActivations } from "./torch.js";

const engine = await createEngine({ memory: 16 });
const tolerance = 1e-6;

type Tensors = Readonly<Record<string, TorchTensor | undefined>>;

const made: ReadonlyMap<string, () => Layer> = new Map([
  ["linear", () => dense(5)],
  ["softmax", softmax],
  ["log_softmax", logSoftmax],
  ...[...torchActivations].map(([name, chosen]): [string, () => Layer] => [
    name,
    () => activation(...chosen),
  ]),
]);

/** Our parameters of a dense layer, or their gradients, by path. */
function parametersOf({ weight, bias }: Tensors) {
  return new Map([
    ...(weight ? [["0.dense.weight", ours(weight, "product")] as const] : []),
    ...(bias ? [["0.dense.bias", ours(bias, "bias")] as const] : []),
  ]);
}

test.each([...made.keys()])("%s", (name) => {
  const { params, inputs, upstream, outputs, grads } = layers.cases.find((entry) => entry.name === name)!;
  const expected: Tensors = grads;
  const result = probe(engine, {
    batch: 1,
    inputs: [rows(inputs.x!)],
    parameters: parametersOf(params),
    record: (x) => [made.get(name)!()(x)],
    upstream: [rows(upstream.G)],
  });
  expectClose(result.outputs[0].values, outputs.y.data, tolerance);
  expectClose(result.gradients[0].values, expected.x!.data, tolerance);
  for (const [path, { values }] of parametersOf(expected)) {
    expectClose(result.parameters.get(path)!.values, values, tolerance, path);
  }
});

test("no case is left out: the embedding is checked with the models", () => {
  expect([...made.keys(), "embedding"].sort()).toEqual(layers.cases.map(({ name }) => name).sort());
});
