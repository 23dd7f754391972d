/** Models of ours become files of Keras that come back with the same bits; what Keras has not is refused by its layer. */
import { unzipSync } from "fflate";
import { describe, expect, test } from "vitest";
import {
  activation,
  bidirectional,
  conv1d,
  crf,
  dense,
  dropout,
  embedding,
  features,
  flatten,
  gru,
  InputError,
  inputs,
  type Layer,
  last,
  layerNormLstm,
  lstm,
  type Model,
  minGru,
  model,
  positions,
  quantise,
  residual,
  rnn,
  tensor,
  tokens,
  type WiringNode,
  wiring,
} from "../../ts/index.js";
import {
  fromKeras,
  fromKerasLayers,
  type ToKerasOptions,
  toKeras,
  toKerasLayers,
} from "../../ts/keras/index.js";
import type { Operation } from "../../ts/layers/operations.js";
import cases from "../golden/keras/layers.json" with { type: "json" };
import { expectClose, expectSameBits } from "../reference/compare.js";
import { type Export, exported, outputsOf, settled } from "./exports.js";

async function expectSame(net: Model, again: Model, each: Export) {
  const { shape, data } = await outputsOf(again, each);
  const expected = await outputsOf(net, each);
  expect(shape).toEqual(expected.shape);
  if (each.exact === false) return expectClose(data, expected.data, 1e-6);
  expectSameBits(data, expected.data);
  expect(numbersOf(again)).toEqual(numbersOf(net));
}

/** All parameters, whatever they are called. */
function numbersOf(net: Model): string[] {
  return net
    .parameters()
    .map(({ shape, data }) => `${shape}: ${data}`)
    .toSorted();
}

describe("a model comes back with the same bits", () => {
  test.each(exported.filter(({ keras }) => keras))("$name, from a .keras file", async (each) => {
    const net = await settled(each);
    const bytes = toKeras(net);
    expect(toKeras(net)).toEqual(bytes);
    const { model: again, warnings } = await fromKeras(bytes);
    expect(warnings).toEqual([]);
    await expectSame(net, again, each);
  });

  test.each(exported.filter(({ layers }) => layers))("$name, from a layers model", async (each) => {
    const net = await settled(each);
    const { json, files } = toKerasLayers(net);
    const { model: again, warnings } = await fromKerasLayers(json, files);
    expect(warnings).toEqual([]);
    await expectSame(net, again, each);
  });
});

describe("a model that has come from Keras goes back with the same bits", () => {
  /**
   * Layers that go backward alone, whose outputs are in the order of the steps here; statistics of batches, which have become
   * vectors; steps that are cut out of rows.
   */
  const others =
    /StackedRNNCells backwards|separate|another layer|of a stack|states both ways|BatchNormalization|Reshape to (steps|other)/;
  test.each(cases.filter(({ name }) => !others.test(name)))("$name", async ({ file, x }) => {
    const { model: net } = await fromKeras(
      Uint8Array.from(atob(file), (character) => character.charCodeAt(0)),
    );
    const { model: again } = await fromKeras(toKeras(net));
    expect(numbersOf(again)).toEqual(numbersOf(net));
    const outputs = await Promise.all([net, again].map((model) => model.predict(dataFor(model, x))));
    expect(outputs[1]!.shape).toEqual(outputs[0]!.shape);
    expectSameBits(outputs[1]!.data, outputs[0]!.data);
  });

  function dataFor({ network: { input } }: Model, x: object) {
    const read = Object.entries(x).map(([name, { shape, data }]) => {
      const { kind } = input.named?.[name] ?? input;
      const axes = kind === "features" && shape.length === 2 ? [shape[0], 1, shape[1]] : shape;
      return [
        name,
        tensor(kind === "tokens" ? Uint32Array.from(data) : Float32Array.from(data), axes),
      ] as const;
    });
    return input.named ? Object.fromEntries(read) : read[0]![1];
  }
});

describe("is refused by the name of the layer:", () => {
  const one = (...layers: readonly Layer[]) => model(features(3), ...layers);
  /** An operation on all steps of a value, on a row, or on a sequence of one step. */
  const behind = (of: Operation, ...read: readonly ("input" | "steps" | "row" | "once")[]) =>
    one(
      wiring({
        nodes: [
          { name: "steps", of: lstm(4), inputs: ["input"] },
          { name: "row", of: { op: "last" }, inputs: ["steps"] },
          { name: "once", of: { op: "repeat", steps: 1 }, inputs: ["row"] },
          { name: "end", of, inputs: read },
        ],
      }),
    );

  test.each<[title: string, make: () => Promise<Model>, message: string]>([
    [
      "a layer of ours alone",
      () => one(dense(4), minGru(4)),
      "1.minGru: expected a layer that Keras has, got minGru",
    ],
    ["positions", () => one(positions(8)), "0.positions: expected a layer that Keras has"],
    ["a CRF", () => one(dense(4), crf()), "1.crf: expected a layer that Keras has"],
    [
      "peepholes",
      () => one(lstm(4, { peepholes: true })),
      "0.lstm: expected a cell that Keras has, got one with peepholes",
    ],
    [
      "a projection",
      () => one(dense(3), lstm(4, { projection: 2 })),
      "1.lstm: expected a cell that Keras has, got one with projection",
    ],
    ["normalised gates", () => one(layerNormLstm(4)), "0.layerNormLstm: expected a layer"],
    [
      "zoneout",
      () => one(gru(4, { zoneout: 0.1 })),
      "0.gru: expected a cell that Keras has, got one with zoneout",
    ],
    ["zoneout of the cell", () => one(lstm(4, { zoneoutCell: 0.1 })), "got one with zoneoutCell"],
    ["coupled gates", () => one(lstm(4, { coupled: true })), "got one with coupled"],
    ["bounded gates", () => one(rnn(4, { clip: 3 })), "got one with clip"],
    ["states that are learned", () => one(rnn(4, { initial: "learned" })), "got one with initial"],
    [
      "two activations",
      () => one(lstm(4, { cellActivation: "relu" })),
      "expected one activation of candidate and cell, got two",
    ],
    [
      "an activation of a cell",
      () => one(bidirectional(rnn(4, { activation: { name: "scaledTanh", alpha: 2 } }))),
      '0.bidirectional: expected activation that Keras has, got {"name":"scaledTanh","alpha":2}',
    ],
    [
      "an activation of two functions",
      () => one(activation("hardSigmoid", { beta: 0 }), activation("affine", { alpha: 4 })),
      '1.activation: expected an activation that Keras has, got {"name":"hardSigmoid","beta":0} and {"name":"affine","alpha":4}',
    ],
    [
      "an activation",
      () => one(activation("geluTanh")),
      '0.activation: expected an activation that Keras has, got {"name":"geluTanh"}',
    ],
    [
      "an update gate that cannot change its sign",
      () => one(gru(4, { update: "candidate", gateActivation: "softsign" })),
      "0.gru: expected a GRU whose update gate weights the state, got one that weights the candidate by softsign",
    ],
    [
      "each step of a layer that goes backward",
      () => one(lstm(4, { reverse: true })),
      "0.lstm: expected a layer that goes forward",
    ],
    [
      "its first step",
      () => one(lstm(4, { reverse: true }), last()),
      "0.lstm: expected states[0], where it ends, got the last step",
    ],
    [
      "the last step of both ways",
      () => one(bidirectional(lstm(4)), last()),
      "0.bidirectional: expected states",
    ],
    [
      "both ways, backward first",
      () => one(bidirectional(lstm(4, { reverse: true }))),
      "expected a layer that goes forward first",
    ],
    [
      "both ways of others",
      () => one(bidirectional(minGru(4))),
      "0.bidirectional: expected rnn, lstm or gru both ways, got minGru",
    ],
    [
      "the last step of other layers",
      () => one(lstm(4), conv1d(2, { size: 2 }), last()),
      "2.last: expected a recurrent layer before it, got another",
    ],
    [
      "a stride with a dilation",
      () => one(conv1d(4, { size: 2, stride: 2, dilation: 2 })),
      "0.conv1d: expected a stride or a dilation",
    ],
    [
      "one step where many are read",
      () => one(lstm(4), last(), rnn(4)),
      "2.rnn: expected a sequence, got one row",
    ],
    [
      "an operation",
      () => behind({ op: "sum" }, "steps"),
      "0.wiring.end: expected an operation that Keras has, got sum",
    ],
    [
      "steps from the last to the first",
      () => behind({ op: "reverse" }, "steps"),
      "0.wiring.end: expected an operation that Keras has, got reverse",
    ],
    ["columns", () => behind({ op: "slice", from: 0, to: 2 }, "steps"), "got slice"],
    [
      "the mean of one step",
      () => behind({ op: "mean" }, "row"),
      "0.wiring.end: expected a sequence, got one row",
    ],
    [
      "steps of steps",
      () => behind({ op: "repeat", steps: 2 }, "once"),
      "0.wiring.end: expected one row, got a sequence",
    ],
    [
      "steps of another value",
      () => behind({ op: "repeat" }, "row", "input"),
      "0.wiring.end: expected a number of steps, got those of another value",
    ],
    [
      "one step as a sequence and as a row",
      () => behind({ op: "add" }, "once", "row"),
      "0.wiring.end: expected all sequences or all rows, got some of each",
    ],
  ])("%s", async (_, make, message) => {
    const net = await make();
    expect(() => toKeras(net)).toThrow(InputError);
    expect(() => toKeras(net)).toThrow(message);
    expect(() => toKerasLayers(net)).toThrow(InputError);
  });

  test.each<[title: string, make: () => Promise<Model>, message: string]>([
    [
      "a GRU with the reset behind the product",
      () => one(gru(4)),
      "0.gru: expected gru with resetAfter false",
    ],
    [
      "a causal convolution",
      () => one(conv1d(4, { size: 2 })),
      "0.conv1d: expected padding that TensorFlow.js has",
    ],
    [
      "an ELU of another slope",
      () => one(activation("elu", { alpha: 2 })),
      "0.activation: expected an activation",
    ],
  ])("%s, by TensorFlow.js alone", async (_, make, message) => {
    const net = await make();
    expect(toKeras(net).length).toBeGreaterThan(0);
    expect(() => toKerasLayers(net)).toThrow(InputError);
    expect(() => toKerasLayers(net)).toThrow(message);
  });

  test("a layer of a chain that is used again", async () => {
    const shared = dense(3);
    const net = await one(shared, residual(shared));
    expect(() => toKeras(net)).toThrow(
      "toKeras 1.residual.0.dense: expected parameters of its own, got those of an earlier layer — a wiring says which layers are one",
    );
  });

  test("a model with a function of the caller's, and one in int8", async () => {
    const own = await model(features(3), (x) => dense(2)(x));
    expect(() => toKeras(own)).toThrow(
      "toKeras: expected layers that can be saved, got a function of your own",
    );
    const { model: small } = await quantise(await one(dense(4)), { data: [[[1, 2, 3]]] });
    expect(() => toKerasLayers(small)).toThrow("toKerasLayers: expected a model of float32, got one in int8");
  });
});

describe("steps", () => {
  const net = (stride: number) =>
    model(features(3), conv1d(4, { size: 3, stride, padding: "same" }), flatten(4), dense(2), { seed: 2 });
  const shape = async (bytes: Uint8Array) => {
    const { layers } = JSON.parse(new TextDecoder().decode(unzipSync(bytes)["config.json"])).config;
    return layers[0].config.batch_shape;
  };

  test("are fixed where all of them are wanted side by side, and only there", async () => {
    expect(await shape(toKeras(await net(1)))).toEqual([null, 4, 3]);
    expect(await shape(toKeras(await model(features(3), lstm(4))))).toEqual([null, null, 3]);
    expect(await shape(toKeras(await model(features(3), lstm(4)), { steps: 9 }))).toEqual([null, 9, 3]);
  });

  test("are fixed for the input that they are of, and no other", async () => {
    const both = await model(
      inputs({ first: features(3), second: features(3) }),
      wiring({
        nodes: [
          { name: "flat", of: flatten(4), inputs: ["second"] },
          { name: "end", of: lstm(2), inputs: ["input"] },
          { name: "last", of: { op: "last" }, inputs: ["end"] },
          { name: "both", of: { op: "concat" }, inputs: ["flat", "last"] },
        ],
      }),
    );
    const { layers } = JSON.parse(new TextDecoder().decode(unzipSync(toKeras(both))["config.json"])).config;
    const shapes = layers.map(({ name, config }: { name: string; config: object }) => [name, config]);
    expect(Object.fromEntries(shapes)).toMatchObject({
      first: { batch_shape: [null, null, 3] },
      second: { batch_shape: [null, 4, 3] },
    });
  });

  test("are asked for where several numbers would do", async () => {
    const strided = await net(2);
    expect(() => toKeras(strided)).toThrow(
      "1.flatten: expected steps that say how many the input has, got several numbers that would do — say it by options.steps",
    );
    for (const steps of [7, 8]) expect(await shape(toKeras(strided, { steps }))).toEqual([null, steps, 3]);
    for (const steps of [6, 9])
      expect(() => toKeras(strided, { steps })).toThrow("1.flatten: expected 4 steps");
    for (const steps of [0, 1.5]) expect(() => toKeras(strided, { steps })).toThrow(InputError);
    expect(() => toKeras(strided, { step: 8 } as ToKerasOptions)).toThrow(
      "toKeras: expected only the options steps, got step",
    );
  });
});

test("the last step of many shortcuts is found once", async () => {
  const blocks = Array.from({ length: 40 }, () => residual(dense(4)));
  const net = await model(features(3), lstm(4), ...blocks, last());
  expect((await fromKeras(toKeras(net))).model.size).toBe(net.size);
});

test("a graph may be as deep as it is long", async () => {
  const nodes: WiringNode[] = [{ name: "reader", of: lstm(1), inputs: ["input"] }];
  const next = (of: WiringNode["of"]) =>
    nodes.push({ name: `node${nodes.length}`, of, inputs: [nodes.at(-1)!.name] });
  while (nodes.length < 4095) next(activation("tanh"));
  next({ op: "last" });
  const net = await model(features(1), wiring({ nodes }));
  expect(toKeras(net).length).toBeGreaterThan(1_000_000);
});

test("a mask is made where a symbol only fills up and all layers pass it on", async () => {
  const masks = async (...layers: readonly Layer[]) => {
    const { "config.json": config } = unzipSync(toKeras(await model(tokens(5), ...layers)));
    return JSON.parse(new TextDecoder().decode(config)).config.layers[1].config.mask_zero;
  };
  const padded = embedding(3, { padding: 0 });
  expect(await masks(padded, dropout(0.1), bidirectional(lstm(3)), dense(2))).toBe(true);
  expect(await masks(embedding(3), lstm(3))).toBe(false);
  expect(await masks(embedding(3, { padding: 4 }), lstm(3))).toBe(false);
  expect(await masks(padded, conv1d(3, { size: 2 }), lstm(3))).toBe(false);
  expect(await masks(padded, flatten(4))).toBe(false);
});
