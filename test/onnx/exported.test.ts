/** Networks as PyTorch's exporters write them: they load, give onnxruntime's numbers, stream where they can, and learn. */
import { describe, expect, test } from "vitest";
import { adam, FormatError, load, squaredError } from "../../ts/index.js";
import { fromOnnx } from "../../ts/onnx/index.js";
import golden from "../golden/onnx/exported.json" with { type: "json" };
import { bytesOf, type Numbers, toOnnx, toOurs } from "./run.js";

const { cases } = golden as unknown as {
  cases: { name: string; bytes: string; input: Numbers; output: Numbers }[];
};

/** torch.export takes nn.RNN apart, for as many steps as it is shown. */
const unrolled = "Mean by torch.export";

/** The exporter reshapes to as many steps as it was shown what comes out of a GRU, and what nn.MultiheadAttention looks at. */
const fixing = new Map([
  ["Steps by torch.export", 5],
  ["Attending by tracing", 5],
  ["Attending by torch.export", 5],
  ["Writer by tracing", 4],
]);

const readsSymbols = (name: string) => name.startsWith("Tokens") || name.startsWith("Writer");

describe.each(cases.filter(({ name }) => name !== unrolled))("$name", ({ name, bytes, input, output }) => {
  test("gives onnxruntime's numbers, after being saved and loaded as well", async () => {
    const { model, ...made } = await fromOnnx(bytesOf(bytes), { memory: 16 });
    const shown = fixing.get(name);
    expect(made.warnings).toEqual(
      shown ? [expect.stringMatching(`the file takes steps to be ${shown}, and this model any number`)] : [],
    );
    const data = toOurs(input, made.input.axes, readsSymbols(name));
    const predicted = await model.predict(data);
    const actual = toOnnx(predicted, made.output.axes);
    expect(actual.length).toBe(output.data.length);
    const worst = Math.max(...actual.map((value, i) => Math.abs(value - output.data[i]!)));
    expect(worst).toBeLessThan(1e-6);
    expect(await (await load(model.save())).predict(data)).toEqual(predicted);
  });

  test("learns", async () => {
    const { model, ...made } = await fromOnnx(bytesOf(bytes), { memory: 16 });
    const inputs = toOurs(input, made.input.axes, readsSymbols(name));
    const targets = await model.predict(inputs);
    const others = { shape: targets.shape, data: targets.data.toReversed() };
    const { loss } = await model.fit([{ inputs, targets: others }], {
      loss: squaredError(),
      optimiser: adam(0.003),
      epochs: 30,
    });
    expect(loss.at(-1)!).toBeLessThan(0.9 * loss[0]!);
  });
});

test.each(["Writer", "Products"])("%s, which sees no later steps, streams", async (network) => {
  const { bytes, input } = cases.find(({ name }) => name === `${network} by torch.export`)!;
  const made = await fromOnnx(bytesOf(bytes), { memory: 16 });
  const data = toOurs(input, made.input.axes, network === "Writer");
  const whole = await made.model.predict(data);
  const stream = made.model.stream();
  const [, steps, width] = whole.shape as [number, number, number];
  const size = data.data.length / data.shape[0]!;
  const given = size / steps;
  for (let step = 0; step < steps; step++) {
    const row = data.data.subarray(step * given, (step + 1) * given);
    const out = stream.step(network === "Writer" ? row[0]! : row);
    expect([...out]).toEqual([...whole.data.subarray(step * width, (step + 1) * width)]);
  }
});

test("a network taken apart step by step is refused by the name of its first node that cannot be expressed", async () => {
  const { bytes } = cases.find(({ name }) => name === unrolled)!;
  await expect(fromOnnx(bytesOf(bytes))).rejects.toThrow(FormatError);
  await expect(fromOnnx(bytesOf(bytes))).rejects.toThrow(/^ONNX node "node_/);
});
