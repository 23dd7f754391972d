/** Weights of PyTorch give its outputs here, and go back to it unchanged. */
import { describe, expect, test } from "vitest";
import { bidirectional, dense, features, lstm, model, tensor } from "../../ts/index.js";
import { assignTorch, fromTorch, readTorch, toTorch } from "../../ts/torch/index.js";
import lstmFile from "../golden/safetensors/lstm-state.json" with { type: "json" };
import lstmState from "../golden/torch/lstm-state.json" with { type: "json" };
import { batchFirst } from "../golden/torch.js";
import { expectClose, expectSameBits } from "../reference/compare.js";
import { decode, goldens, inputsOf, modelFor } from "./files.js";

const tolerance = 1e-6;

describe("a model of PyTorch's", () => {
  test.each(goldens)("$name: its weights give its outputs", async (golden) => {
    const net = await modelFor(golden);
    assignTorch(net, golden.bytes);
    const { shape, data } = await net.predict(inputsOf(golden));
    expect(shape).toEqual(golden.output.shape);
    expectClose(data, golden.output.data, tolerance);
  });

  test.each(goldens)("$name: is made from its weights alone", async (golden) => {
    const relu = golden.name.includes("relu") ? { nonlinearity: "relu" as const } : {};
    const net = await fromTorch(golden.bytes, relu);
    expectClose((await net.predict(inputsOf(golden))).data, golden.output.data, tolerance);
    expect(net.definition?.layers.length).toBe(golden.layers.length);
  });

  test.each(goldens.filter(({ name }) => !name.includes("Cell")))(
    "$name: goes back with the same names and bits, in either file",
    async (golden) => {
      const state = readTorch(golden.bytes);
      const own: Record<string, string> = { embedding: "table", layerNorm: "norm", linear: "out" };
      const stack = golden.name === "characters" ? "lstm" : golden.name.startsWith("no bias") ? "gru" : "rnn";
      const modules = golden.layers.map((kind) => own[kind] ?? stack);
      const net = await modelFor(golden);
      assignTorch(net, golden.bytes);
      expect(readTorch(toTorch(net, { file: "pt", modules }))).toEqual(state);
      expect(new Map([...readTorch(toTorch(net, { modules }))].sort())).toEqual(new Map([...state].sort()));
    },
  );
});

describe("the LSTM of two layers in both directions of the fixtures", () => {
  test.each([
    ["torch.save", lstmState.file],
    ["safetensors", lstmFile.file],
  ])("from a file of %s", async (_, file) => {
    const bytes = decode(file);
    const layers = [1, 2].map(() => bidirectional(lstm(4, { biasHidden: true })));
    const { shape, data } = batchFirst(lstmState.x);
    const x = tensor(Float32Array.from(data), shape);
    const net = await model(features(3), ...layers, dense(2));
    assignTorch(net, bytes);
    const made = await fromTorch(bytes);
    for (const each of [net, made]) {
      const output = await each.predict(x);
      // PyTorch's model applied its last layer to the last step alone.
      const last = [0, 1].flatMap((row) => [...output.data.subarray((row * 5 + 4) * 2, (row * 5 + 5) * 2)]);
      expectClose(last, lstmState.fc_out.data, tolerance);
    }
    const stack = await model(features(3), ...layers);
    const only = new Map([...readTorch(bytes)].filter(([name]) => name.startsWith("lstm.")));
    expect(only.size).toBe(16);
    assignTorch(stack, bytes, { prefix: "lstm." });
    expectClose((await stack.predict(x)).data, batchFirst(lstmState.output).data, tolerance);
  });
});

test("one bias is the sum of both, with the same outputs", async () => {
  const golden = goldens.find(({ name }) => name === "LSTM")!;
  const net = await model(features(3), lstm(5));
  assignTorch(net, golden.bytes);
  const both = await modelFor(golden);
  assignTorch(both, golden.bytes);
  expectSameBits((await net.predict(inputsOf(golden))).data, (await both.predict(inputsOf(golden))).data);
});

test("a model that was trained here goes to PyTorch's names and back with the same bits", async () => {
  const net = await model(features(3), lstm(5), dense(2), { seed: 3 });
  for (const file of ["pt", "safetensors"] as const) {
    const again = await model(features(3), lstm(5), dense(2), { seed: 4 });
    assignTorch(again, toTorch(net, { file }));
    for (const [i, { data }] of net.parameters().entries()) expectSameBits(again.parameters()[i]!.data, data);
  }
});
