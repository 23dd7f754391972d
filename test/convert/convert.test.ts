/** Models go from format to format with the same bits; files are told by what is in them, and their contents without running them. */
import { describe, expect, test } from "vitest";
import { contentsOf, formatNameFor, formatNames, readModel, writeModel } from "../../ts/convert/index.js";
import {
  bidirectional,
  dense,
  embedding,
  FormatError,
  features,
  gru,
  InputError,
  lstm,
  model,
  rnn,
  tokens,
} from "../../ts/index.js";
import { writeSafetensors } from "../../ts/io/safetensors.js";
import { readTorch } from "../../ts/torch/index.js";
import { expectSameBits } from "../reference/compare.js";
import { modules, shapes, stateOf } from "../torch/files.js";

const { recurrent, linear } = shapes;

const models = {
  characters: () => model(tokens(9), embedding(3), lstm(4, { biasHidden: true }), dense(9), { seed: 1 }),
  stack: () => model(features(3), bidirectional(gru(4)), rnn(5, { biasHidden: true }), { seed: 2 }),
  tags: () => model(tokens(9), embedding(3), bidirectional(gru(4)), dense(4), { seed: 4 }),
  rows: () => model(features(3), dense(2), { seed: 5 }),
  projected: () => model(features(3), lstm(4, { biasHidden: true, projection: 2 }), { seed: 3 }),
};

describe("a model goes through each format and back with the same bits", () => {
  /** What a format has not: h5 is only read, Keras has one bias of these cells, TensorFlow.js one reset. */
  const without: Readonly<Record<string, readonly string[]>> = {
    onnx: ["projected"],
    keras: ["characters", "stack", "projected"],
    h5: Object.keys(models),
    tfjs: ["characters", "stack", "tags", "projected"],
  };
  const cases = Object.keys(models).flatMap((name) =>
    formatNames.filter((format) => !without[format]?.includes(name)).map((format) => [name, format] as const),
  );
  test.each(cases)("%s by %s", async (name, format) => {
    const net = await models[name as keyof typeof models]();
    const { bytes, files } = await writeModel(net, format);
    for (const again of [await readModel(bytes, { files }), await readModel(bytes, { files, format })]) {
      expect(again.parameters().map(({ shape }) => shape)).toEqual(
        net.parameters().map(({ shape }) => shape),
      );
      for (const [i, { data }] of net.parameters().entries())
        expectSameBits(again.parameters()[i]!.data, data);
    }
  });
});

test("what a format has no form for is refused", async () => {
  for (const format of ["onnx", "keras", "tfjs"]) {
    await expect(writeModel(await models.projected(), format)).rejects.toThrow(InputError);
  }
  await expect(writeModel(await models.stack(), "h5")).rejects.toThrow(
    "expected a format that models go to, got h5",
  );
});

describe("what is in", () => {
  test("a file of ONNX", async () => {
    const contents = await contentsOf((await writeModel(await models.characters(), "onnx")).bytes);
    expect(contents.format).toMatch(/^ONNX, opset \d+$/);
    expect(contents.layers.map(({ kind }) => kind)).toContain("LSTM");
    const lstm = contents.layers.find(({ kind }) => kind === "LSTM")!;
    expect(lstm.options).toMatch(/hidden_size 4/);
    expect(contents.tensors.some(({ dtype, shape }) => dtype === "FLOAT" && shape.join() === "9,3")).toBe(
      true,
    );
  });

  test("a file of ours", async () => {
    const contents = await contentsOf((await models.characters()).save());
    expect(contents.format).toBe("recurra model");
    expect(contents.layers).toEqual([
      { name: "input", kind: "tokens", options: '{"size":9}' },
      { name: "0", kind: "embedding", options: '{"units":3}' },
      { name: "1", kind: "lstm", options: '{"units":4,"biasHidden":true}' },
      { name: "2", kind: "dense", options: '{"units":9}' },
    ]);
    expect(contents.tensors[0]).toEqual({ name: "0.embedding.weight", dtype: "F32", shape: [9, 3] });
    expect([...contents.about.keys()]).toEqual(["checksum", "format"]);
  });

  test("a file of ours without its layers", async () => {
    const net = await model(features(3), (x) => dense(2)(x));
    expect((await contentsOf(net.save())).layers).toEqual([]);
    await expect(readModel(net.save())).rejects.toThrow("expected a definition");
  });

  test("files of PyTorch", async () => {
    const net = await models.stack();
    for (const [format, title] of [
      ["pt", "PyTorch file"],
      ["safetensors", "safetensors"],
    ] as const) {
      const contents = await contentsOf((await writeModel(net, format)).bytes);
      expect(contents.format).toBe(title);
      expect(contents.layers).toEqual([
        { name: "0", kind: "gru", options: "both directions" },
        { name: "1", kind: "rnn", options: "" },
      ]);
      expect(contents.tensors).toHaveLength(12);
    }
  });

  test("safetensors of modules that this library has not", async () => {
    const { layers, tensors } = await contentsOf(stateOf({ "conv.weight": [4, 3, 5] }));
    expect([layers, tensors]).toEqual([[], [{ name: "conv.weight", dtype: "F32", shape: [4, 3, 5] }]]);
  });

  test("an index and the files that are given with it, and no others", async () => {
    const state = readTorch(stateOf(modules({ rnn: recurrent(4, 3, 4), out: linear(4, 2) })));
    const names = [...state.keys()];
    const part = (of: string) => writeSafetensors([...state].filter(([name]) => name.startsWith(of)));
    const files = new Map([
      ["a.safetensors", part("rnn")],
      ["b.safetensors", part("out")],
    ]);
    const weight_map = Object.fromEntries(
      names.map((name) => [name, name.startsWith("rnn") ? "a.safetensors" : "b.safetensors"]),
    );
    const index = new TextEncoder().encode(JSON.stringify({ metadata: { total_size: 1 }, weight_map }));
    const net = await readModel(index, { files });
    expect(net.definition!.layers.map(({ layer }) => layer)).toEqual(["lstm", "dense"]);
    expect((await contentsOf(index, { files })).tensors).toHaveLength(names.length);
    await expect(contentsOf(index)).rejects.toThrow(
      "expected one of the files given, of which there are none, got",
    );
  });
});

test("formats are told by extension", () => {
  const names = ["a.safetensors", "b.PT", "c.d.pth", "e.txt", "pt"].map(formatNameFor);
  expect(names).toEqual(["recurra", "pt", "pt", undefined, undefined]);
});

describe("is refused:", () => {
  test("a file of no format", async () => {
    for (const bytes of [new Uint8Array(0), new Uint8Array(100), new TextEncoder().encode('{"a":1}')]) {
      await expect(contentsOf(bytes)).rejects.toThrow(FormatError);
      await expect(readModel(bytes)).rejects.toThrow(`file: expected one of ${formatNames.join(", ")}`);
    }
  });

  test("a file of another format than is said", async () => {
    const bytes = (await models.stack()).save();
    await expect(readModel(bytes, { format: "safetensors" })).rejects.toThrow(FormatError);
    await expect(contentsOf(stateOf({ "a.weight": [2, 2] }), { format: "pt" })).resolves.toBeDefined();
  });

  test("a format that is not there, and what is no bytes", async () => {
    await expect(contentsOf(new Uint8Array(0), { format: "h6" })).rejects.toThrow(
      "format: expected recurra, pt",
    );
    await expect(writeModel(await models.stack(), "h6")).rejects.toThrow(InputError);
    await expect(readModel("a.pt" as never)).rejects.toThrow("file: expected a Uint8Array, got string");
  });

  test("more than the limits of the caller", async () => {
    const { bytes } = await writeModel(await models.stack(), "safetensors");
    await expect(readModel(bytes, { limits: { tensors: 11 } })).rejects.toThrow("at most 11 tensors");
    await expect(readModel(bytes, { limits: { tensors: 12 } })).resolves.toBeDefined();
  });
});
