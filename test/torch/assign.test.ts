/** Weights go where they belong or nowhere: what does not fit one to one is refused by name, and nothing changes. */
import { describe, expect, test } from "vitest";
import {
  bidirectional,
  dense,
  embedding,
  FormatError,
  features,
  gru,
  InputError,
  layerNorm,
  layerNormLstm,
  learned,
  lstm,
  type Model,
  minGru,
  model,
  quantise,
  residual,
  rnn,
  sparseEmbedding,
  tokens,
  wiring,
} from "../../ts/index.js";
import { numbersOf } from "../../ts/io/numbers.js";
import { writeSafetensors } from "../../ts/io/safetensors.js";
import { assignTorch, readTorch, toTorch } from "../../ts/torch/index.js";
import { modules, shapes, stateOf } from "./files.js";

const { recurrent, linear, norm } = shapes;
const parameterOf = (net: Model, path: string) => net.parameters().find((each) => each.path === path)!.data;
const first = (bytes: Uint8Array, name: string) =>
  (numbersOf(readTorch(bytes).get(name)!) as Float32Array)[0];

/** Expects a refusal of this kind, and no change. */
function refused(
  net: Model,
  job: () => void,
  message: string,
  kind: typeof InputError | typeof FormatError = FormatError,
) {
  const before = net.parameters();
  expect(job).toThrow(kind);
  expect(job).toThrow(message);
  expect(net.parameters()).toEqual(before);
}

describe("modules are found", () => {
  test("by kinds and shapes, whatever their names and order", async () => {
    const net = await model(tokens(9), embedding(3), lstm(4), layerNorm(), dense(2));
    const state = stateOf(
      modules({ z: linear(4, 2), y: norm(4), x: recurrent(4, 3, 4), w: { weight: [9, 3] } }),
    );
    assignTorch(net, state);
    expect(parameterOf(net, "0.embedding.weight")[0]).toBe(first(state, "w.weight"));
    expect(parameterOf(net, "2.layerNorm.gain")[0]).toBe(first(state, "y.weight"));
    expect(parameterOf(net, "3.dense.bias")[0]).toBe(first(state, "z.bias"));
  });

  test("by the numbers of layers of one module", async () => {
    const net = await model(features(4), lstm(4), lstm(4), lstm(4));
    const state = stateOf(
      modules({
        a: { ...recurrent(4, 4, 4, "_l2"), ...recurrent(4, 4, 4, "_l0"), ...recurrent(4, 4, 4, "_l1") },
      }),
    );
    assignTorch(net, state);
    for (const layer of [0, 1, 2]) {
      expect(parameterOf(net, `${layer}.lstm.weightInput`)[0]).toBe(first(state, `a.weight_ih_l${layer}`));
    }
  });

  test("by the numbers in names, ten behind nine", async () => {
    const net = await model(features(4), gru(4), gru(4));
    const state = stateOf(modules({ "layers.10": recurrent(3, 4, 4), "layers.9": recurrent(3, 4, 4) }));
    assignTorch(net, state);
    expect(parameterOf(net, "0.gru.weightInput")[0]).toBe(first(state, "layers.9.weight_ih_l0"));
  });

  test("by the names that are given, also within functions", async () => {
    const net = await model(features(4), (x) => gru(4)(gru(4)(x)), dense(4));
    const state = stateOf(
      modules({ encoder: recurrent(3, 4, 4), decoder: recurrent(3, 4, 4), head: linear(4, 4) }),
    );
    refused(net, () => assignTorch(net, state), "for 0.gru: expected one module, got decoder, encoder");
    assignTorch(net, state, { modules: ["decoder", "encoder", "head"] });
    expect(parameterOf(net, "0.gru.weightInput")[0]).toBe(first(state, "decoder.weight_ih_l0"));
  });

  test("behind a prefix, beside which there may be anything", async () => {
    const net = await model(features(4), dense(2));
    const state = stateOf({ ...modules({ "module.out": linear(4, 2) }), other: [7, 7, 7] });
    refused(net, () => assignTorch(net, state), "a module that this library has");
    assignTorch(net, state, { prefix: "module." });
    expect(parameterOf(net, "0.dense.bias")[0]).toBe(first(state, "module.out.bias"));
  });
});

test("layers of a wiring have the names of their nodes", async () => {
  const nodes = () => [
    { name: "gate", of: dense(4), inputs: ["input"] },
    { name: "both", of: bidirectional(gru(2)), inputs: ["gate"] },
    { name: "twice", of: residual(rnn(4), rnn(4)), inputs: ["both"] },
  ];
  const net = await model(tokens(5), sparseEmbedding(3), wiring({ nodes: nodes() }), { seed: 1 });
  const file = toTorch(net);
  const owners = [...readTorch(file).keys()].map((name) => name.slice(0, name.lastIndexOf(".")));
  expect(new Set(owners)).toEqual(new Set(["0", "1.gate", "1.both", "1.twice.0", "1.twice.1"]));
  const again = await model(tokens(5), sparseEmbedding(3), wiring({ nodes: nodes() }), { seed: 2 });
  assignTorch(again, file);
  expect(again.parameters().map(({ data }) => data)).toEqual(net.parameters().map(({ data }) => data));
});

describe("is refused:", () => {
  const net = () => model(features(3), lstm(4), dense(2));
  const good = { rnn: recurrent(4, 3, 4), out: linear(4, 2) };

  test.each<[string, Record<string, Record<string, number[]>>, string]>([
    [
      "a module that is missing",
      { rnn: good.rnn },
      "for 1.dense: expected linear with weight [2,4], bias [2], got none — there are rnn",
    ],
    [
      "a module too many",
      { ...good, more: linear(2, 2) },
      "state_dict more: expected only modules for the model's layers",
    ],
    ["another width", { ...good, out: linear(5, 2) }, "for 1.dense: expected linear"],
    [
      "a missing bias",
      { ...good, out: { weight: [2, 4] } },
      "for 1.dense: expected linear with weight [2,4], bias [2]",
    ],
    ["another cell", { ...good, rnn: recurrent(3, 3, 4) }, "for 0.lstm: expected lstm with weight_ih [16,3]"],
    [
      "both directions",
      { ...good, rnn: { ...good.rnn, ...recurrent(4, 3, 4, "_l0_reverse") } },
      "for 0.lstm",
    ],
    [
      "one direction of two kinds",
      { rnn: { ...good.rnn, ...recurrent(3, 3, 4, "_l0_reverse") }, out: linear(4, 2) },
      "state_dict rnn: expected a module that this library has",
    ],
    [
      "a layer that is missing",
      { rnn: recurrent(4, 3, 4, "_l1"), out: linear(4, 2) },
      "layer 0 before it, got none",
    ],
    [
      "a cell with layers",
      { rnn: { ...good.rnn, ...recurrent(4, 3, 4, "") }, out: linear(4, 2) },
      "both of one name",
    ],
    [
      "a convolution",
      { ...good, conv: { weight: [4, 3, 5], bias: [4] } },
      "state_dict conv: expected a module that this library has, got bias [4], weight [4,3,5]",
    ],
    [
      "statistics of batches",
      { ...good, norm: { ...norm(4), running_mean: [4] } },
      "state_dict norm: expected a module",
    ],
    ["five gates", { ...good, rnn: recurrent(5, 3, 4) }, "state_dict rnn: expected a module"],
    [
      "a projection of a GRU",
      { ...good, rnn: { ...recurrent(3, 3, 4), weight_hr_l0: [4, 4] } },
      "state_dict rnn: expected a module",
    ],
    ["nothing", {}, "for 0.lstm: expected lstm with"],
  ])("%s", async (_, state, message) => {
    const made = await net();
    refused(made, () => assignTorch(made, stateOf(modules(state))), message);
  });

  test("names that do not fit", async () => {
    const made = await net();
    const state = stateOf(modules(good));
    const named =
      (...names: string[]) =>
      () =>
        assignTorch(made, state, { modules: names });
    refused(
      made,
      named("rnn"),
      "modules: expected a name for each of 0.lstm, 1.dense, got 1 names",
      InputError,
    );
    refused(
      made,
      named("rnn", "head"),
      "state_dict head: expected a module of this name, got none — there are out, rnn",
    );
    refused(made, named("out", "rnn"), "state_dict out: expected lstm with");
    refused(made, named("rnn", "rnn"), "expected a layer 1, got none");
  });

  test("numbers that are no floats", async () => {
    const made = await net();
    const tensors = [...readTorch(stateOf(modules(good)))].map(([name, { shape, bytes }]) => {
      return [
        name,
        { dtype: name === "out.weight" ? ("I32" as const) : ("F32" as const), shape, bytes },
      ] as const;
    });
    refused(
      made,
      () => assignTorch(made, writeSafetensors(tensors)),
      "out weight: expected F64, F32, F16 or BF16, got I32",
    );
  });

  test("two biases of a GRU's candidate for a layer with one", async () => {
    const one = await model(features(3), gru(2, { biasHidden: false }));
    const state = stateOf(modules({ rnn: recurrent(3, 3, 2) }));
    refused(one, () => assignTorch(one, state), "one bias for the candidate, got two");
    const zeroed = new Map(readTorch(state));
    const bias = new Float32Array([0.5, 1, 2, 3, 0, 0]);
    zeroed.set("rnn.bias_hh_l0", { dtype: "F32", shape: [6], bytes: new Uint8Array(bias.buffer) });
    assignTorch(one, writeSafetensors(zeroed));
    const inner = numbersOf(readTorch(state).get("rnn.bias_ih_l0")!) as Float32Array;
    expect([...parameterOf(one, "0.gru.bias")]).toEqual([...inner].map((value, i) => value + bias[i]!));
  });

  test.each<[string, () => Promise<Model>, string]>([
    ["a layer of ours", () => model(features(3), minGru(4)), "0.minGru: expected a layer that PyTorch has"],
    ["a learned row", () => model(features(3), learned(4)), "0.learned: expected a layer that PyTorch has"],
    [
      "peepholes",
      () => model(features(3), lstm(4, { peepholes: true })),
      "0.lstm.peepholes: expected a parameter",
    ],
    [
      "learned states",
      () => model(features(3), rnn(4, { initial: "learned" })),
      "0.rnn.initialHidden: expected a parameter",
    ],
    [
      "a GRU with its reset first",
      () => model(features(3), gru(4, { resetAfter: false })),
      "0.gru: expected a layer that PyTorch has",
    ],
    [
      "a normalised LSTM in both directions",
      () => model(features(3), bidirectional(layerNormLstm(4))),
      "expected a parameter that PyTorch's module has",
    ],
    [
      "a quantised model",
      async () => (await quantise(await model(features(3), dense(4)))).model,
      "expected a model of float32",
    ],
  ])("%s", async (_, make, message) => {
    const made = await make();
    refused(
      made,
      () => assignTorch(made, stateOf(modules({ rnn: recurrent(4, 3, 4) }))),
      message,
      InputError,
    );
  });

  test("what is no bytes", async () => {
    const made = await net();
    refused(
      made,
      () => assignTorch(made, "file.pt" as never),
      "PyTorch file: expected a Uint8Array, got string",
      InputError,
    );
  });
});
