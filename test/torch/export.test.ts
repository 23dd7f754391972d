/** A state_dict is written as PyTorch writes it: its pickle to the byte, its names and shapes; what it has no module for is refused. */
import { describe, expect, test } from "vitest";
import {
  activation,
  bidirectional,
  dense,
  dropout,
  embedding,
  features,
  gru,
  InputError,
  type Layer,
  last,
  layerNorm,
  lstm,
  type Model,
  model,
  quantise,
  residual,
  rnn,
  tokens,
} from "../../ts/index.js";
import { readSafetensors } from "../../ts/io/safetensors.js";
import { readZip } from "../../ts/io/zip.js";
import { fromTorch, readTorch, toTorch } from "../../ts/torch/index.js";
import type { Placed } from "../../ts/torch/objects.js";
import { unpickle } from "../../ts/torch/pickle.js";
import { pickleState } from "../../ts/torch/write-pickle.js";
import lstmState from "../golden/torch/lstm-state.json" with { type: "json" };
import { decode } from "./files.js";

const golden = decode(lstmState.file);

test("the pickle of a golden file of torch.save, to the byte", () => {
  const tensors = [...readTorch(golden)].map(([name, { shape }]) => ({ name, shape }));
  expect(pickleState(tensors)).toEqual(readZip(golden, "", 100).get("lstm_state/data.pkl"));
});

test("the files of an archive, and nothing of when it was made", async () => {
  const net = await fromTorch(golden);
  const file = toTorch(net, { file: "pt", modules: ["lstm", "lstm", "fc"] });
  const files = readZip(file, "", 100);
  const numbers = Array.from({ length: 18 }, (_, i) => `archive/data/${i}`);
  expect([...files.keys()]).toEqual(["archive/data.pkl", "archive/byteorder", ...numbers, "archive/version"]);
  expect(String.fromCharCode(...files.get("archive/byteorder")!, ...files.get("archive/version")!)).toBe(
    "little3\n",
  );
  const theirs = readZip(golden, "", 100);
  for (const key of numbers)
    expect(files.get(key), key).toEqual(theirs.get(key.replace("archive", "lstm_state")));
  expect(toTorch(net, { file: "pt", modules: ["lstm", "lstm", "fc"] })).toEqual(file);
});

test("pickles of more objects than a byte counts, of tensors of no axis and of five, and of long shapes", () => {
  const shapes = [[], [2, 1, 3, 1, 2], [70_000], [300, 1]];
  const many = Array.from({ length: 300 }, (_, i) => ({ name: `tensor ${i}`, shape: shapes[i % 4]! }));
  const pickle = pickleState(many);
  expect(pickle).toContain(0x72); // LONG_BINPUT
  expect(pickle).toContain(0x6a); // LONG_BINGET
  const read = unpickle(pickle, "", 1e7) as Map<string, Placed>;
  expect([...read].map(([name, { shape }]) => ({ name, shape }))).toEqual(many);
  expect([...read.values()].slice(0, 3).map(({ strides }) => strides)).toEqual([[], [6, 6, 2, 2, 1], [1]]);
  expect(read.get("tensor 299")!.storage).toEqual({ dtype: "F32", key: "299", count: 300 });
});

test("names are the layers' numbers, of layers within layers too", async () => {
  const net = await model(
    tokens(5),
    embedding(4),
    dropout(0.5),
    residual(bidirectional(lstm(2)), dense(4, { bias: false })),
    layerNorm(),
    last(),
    dense(3),
  );
  const { tensors, metadata } = readSafetensors(toTorch(net));
  const lstmNames = ["", "_reverse"].flatMap((end) =>
    ["weight_ih", "weight_hh", "bias_ih", "bias_hh"].map((name) => `2.0.${name}_l0${end}`),
  );
  expect([...tensors.keys()].sort()).toEqual(
    ["0.weight", ...lstmNames, "2.1.weight", "3.weight", "3.bias", "5.weight", "5.bias"].sort(),
  );
  expect(tensors.get("2.0.weight_ih_l0")!.shape).toEqual([8, 4]);
  expect(tensors.get("5.weight")!.shape).toEqual([3, 4]);
  expect(metadata.get("format")).toBe("pt");
});

test("a layer with one bias has zeros for the second, one without has none", async () => {
  const one = readTorch(toTorch(await model(features(3), lstm(4), { seed: 2 })));
  expect(one.get("0.bias_hh_l0")!.bytes).toEqual(new Uint8Array(64));
  expect(one.get("0.bias_ih_l0")!.bytes).not.toEqual(new Uint8Array(64));
  const none = readTorch(toTorch(await model(features(3), rnn(4, { bias: false }))));
  expect([...none.keys()].sort()).toEqual(["0.weight_hh_l0", "0.weight_ih_l0"]);
});

test("weights of int8 go as the numbers that they stand for", async () => {
  const { model: small } = await quantise(await model(features(8), lstm(16)));
  const [weight] = small.parameters().filter(({ path }) => path.endsWith("weightInput"));
  const { bytes, shape } = readTorch(toTorch(small)).get("0.weight_ih_l0")!;
  expect(shape).toEqual([64, 8]);
  const values = new Float32Array(bytes.slice().buffer);
  expect(values[1 * 8 + 2]).toBe(weight!.data[2 * 64 + 1]);
});

describe("is refused:", () => {
  test.each<[string, () => Promise<Model>, string]>([
    [
      "another activation",
      () => model(features(3), rnn(4, { activation: "elu" })),
      '0.rnn.activation: expected "tanh" or "relu", got "elu"',
    ],
    [
      "an activation with constants",
      () => model(features(3), rnn(4, { activation: { name: "tanh" } })),
      "0.rnn.activation",
    ],
    [
      "another gate",
      () => model(features(3), lstm(4, { gateActivation: "hardSigmoid" })),
      "0.lstm.gateActivation",
    ],
    [
      "another candidate",
      () => model(features(3), gru(4, { candidateActivation: "relu" })),
      "0.gru.candidateActivation",
    ],
    [
      "another output",
      () => model(features(3), lstm(4, { cellActivation: "relu" })),
      "0.lstm.cellActivation",
    ],
    ["clipping", () => model(features(3), lstm(4, { clip: 3 })), "0.lstm.clip: expected 0, got 3"],
    ["coupled gates", () => model(features(3), lstm(4, { coupled: true })), "0.lstm.coupled"],
    ["the other update", () => model(features(3), gru(4, { update: "candidate" })), "0.gru.update"],
    ["zoneout", () => model(features(3), lstm(4, { zoneout: 0.1 })), "0.lstm.zoneout"],
    ["zoneout of the cell", () => model(features(3), lstm(4, { zoneoutCell: 0.1 })), "0.lstm.zoneoutCell"],
    [
      "one in both directions",
      () => model(features(3), bidirectional(gru(4, { clip: 1 }))),
      "0.bidirectional.gru.clip",
    ],
    [
      "one in a shortcut",
      () => model(features(3), dense(3), residual(rnn(3), rnn(3, { clip: 1 }))),
      "1.residual.1.rnn.clip",
    ],
    ["peepholes", () => model(features(3), lstm(4, { peepholes: true })), "0.lstm.peepholes"],
  ])("%s", async (_, make, message) => {
    const net = await make();
    expect(() => toTorch(net)).toThrow(InputError);
    expect(() => toTorch(net)).toThrow(message);
  });

  test("one name for layers that are no layers of one module", async () => {
    const named = async (first: Layer, second: Layer) => {
      const net = await model(features(4), first, second);
      return () => toTorch(net, { modules: ["a", "a"] });
    };
    const message = "expected a module of its own, got a again";
    expect(await named(lstm(4), gru(4))).toThrow(message);
    expect(await named(lstm(4), lstm(5))).toThrow(message);
    expect(await named(lstm(4), dense(4))).toThrow(message);
    expect(await named(lstm(4), bidirectional(lstm(4)))).toThrow(message);
    expect(await named(rnn(4), rnn(4, { bias: false }))).toThrow(message);
    expect(await named(lstm(3, { projection: 2 }), lstm(3, { projection: 2 }))).not.toThrow();
  });

  test("no name for each layer, or one for two", async () => {
    const net = await model(features(3), lstm(4), activation("relu"), dense(2), dense(2));
    expect(() => toTorch(net, { modules: ["a"] })).toThrow(
      "toTorch.modules: expected a name for each of 0.lstm, 2.dense, 3.dense",
    );
    expect(() => toTorch(net, { modules: ["a", "b", "b"] })).toThrow(
      "3.dense: expected a module of its own, got b again",
    );
    expect(() => toTorch(net, { file: "onnx" as never })).toThrow(
      'toTorch.file: expected "safetensors" or "pt", got onnx',
    );
  });
});
