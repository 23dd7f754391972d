/** Wirings: the numbers of the same layers put together by hand, files, streams, training, and what is refused. */
import { describe, expect, test } from "vitest";
import {
  type AttentionLayer,
  activation,
  adam,
  add,
  attention,
  bidirectional,
  concat,
  dense,
  FormatError,
  features,
  flatten,
  gru,
  InputError,
  inputs,
  type Layer,
  learned,
  load,
  lstm,
  type Model,
  model,
  multiHeadAttention,
  type Named,
  type Operation,
  residual,
  slice,
  squaredError,
  type TransformerDecoderLayer,
  transformerDecoder,
  type Value,
  type WiringNode,
  wiring,
} from "../../ts/index.js";
import { normals } from "../reference/draw.js";

const input = ["input"];

function data(batch: number, steps: number, width: number): number[][][] {
  const values = normals(batch * steps * width, 5);
  return Array.from({ length: batch }, (_, row) =>
    Array.from({ length: steps }, (_, step) =>
      Array.from(values.subarray((row * steps + step) * width, (row * steps + step + 1) * width)),
    ),
  );
}

/** Gives a model the parameters of another in order, whatever their paths. */
function copyParameters(from: Model, to: Model): void {
  const given = from.network.values;
  const taken = to.network.values;
  const { count } = from.network;
  expect(to.network.count).toBe(count);
  const read = from.network.engine.view(given.address, count);
  to.network.engine.view(taken.address, count).set(read);
}

test("branches give the numbers of the same layers in a function", async () => {
  const layers = () => ({ gate: dense(8), memory: lstm(8), out: dense(3) });
  const wired = layers();
  const net = await model(
    features(5),
    wiring({
      nodes: [
        { name: "gate", of: wired.gate, inputs: input },
        { name: "memory", of: wired.memory, inputs: input },
        { name: "sum", of: { op: "add" }, inputs: ["gate", "memory"] },
        { name: "half", of: { op: "slice", from: 0, to: 4 }, inputs: ["memory"] },
        { name: "both", of: { op: "concat" }, inputs: ["sum", "half"] },
        { name: "out", of: wired.out, inputs: ["both"] },
      ],
    }),
  );
  const own = layers();
  const byHand = await model(features(5), (x: Value) => {
    const [gate, memory] = [own.gate(x), own.memory(x)];
    return own.out(concat(add(gate, memory), slice(memory, 0, 4)));
  });
  copyParameters(byHand, net);
  const batch = data(3, 4, 5);
  expect(await net.predict(batch)).toEqual(await byHand.predict(batch));
  expect(net.parameters().map(({ path }) => path)).toEqual([
    ...["0.wiring.gate.weight", "0.wiring.gate.bias", "0.wiring.memory.weightInput"],
    ...["0.wiring.memory.weightHidden", "0.wiring.memory.bias", "0.wiring.out.weight", "0.wiring.out.bias"],
  ]);
  const stream = net.stream();
  const whole = await net.predict(batch[0]!);
  const steps = batch[0]!.flatMap((row) => [...stream.step(row)]);
  expect(steps).toEqual([...whole.data]);
});

/** An encoder whose states a decoder begins with, both directions of a layer, and a layer that is used twice. */
function everything(): Layer {
  const shared = dense(6);
  return wiring({
    nodes: [
      { name: "encoder", of: lstm(6), inputs: input },
      { name: "hidden", of: { op: "state", index: 0 }, inputs: ["encoder"] },
      { name: "cell", of: { op: "state", index: 1 }, inputs: ["encoder"] },
      { name: "first", of: shared, inputs: input },
      { name: "decoder", of: lstm(6), inputs: ["first"], initial: ["hidden", "cell"] },
      { name: "twice", of: shared, inputs: ["decoder"] },
      { name: "start", of: learned(6), inputs: ["hidden"] },
      {
        name: "both",
        of: bidirectional(gru(6), { merge: "sum" }),
        inputs: ["twice"],
        initial: ["start", "hidden"],
      },
      { name: "back", of: { op: "state", index: 1 }, inputs: ["both"] },
      { name: "again", of: { op: "repeat" }, inputs: ["back", "input"] },
      { name: "shift", of: { op: "constant", values: [1, 2, 3, 4, 5, 6] }, inputs: input },
      {
        name: "inner",
        of: wiring({ nodes: [{ name: "f", of: dense(6), inputs: input }] }),
        inputs: ["again"],
      },
      { name: "difference", of: { op: "subtract" }, inputs: ["inner", "shift"] },
      { name: "out", of: { op: "average" }, inputs: ["difference", "both", "twice"] },
      { name: "unread", of: { op: "last" }, inputs: ["out"] },
    ],
    output: "out",
  });
}

test("states, initial states, shared layers and wirings in wirings are saved and loaded", async () => {
  const net = await model(features(6), everything(), dense(2));
  const paths = net.parameters().map(({ path }) => path);
  expect(paths).toContain("0.wiring.first.weight");
  expect(paths).not.toContain("0.wiring.twice.weight");
  expect(paths).toContain("0.wiring.both.1.gru.biasHidden");
  expect(paths).toContain("0.wiring.inner.f.weight");
  const loaded = await load(net.save());
  expect(loaded.definition).toEqual(net.definition);
  const batch = data(2, 5, 6);
  const options = { lengths: [5, 3] };
  expect(await loaded.predict(batch, options)).toEqual(await net.predict(batch, options));
});

test("a row is cut into steps by slices and a stack", async () => {
  const slice = (step: number): WiringNode => ({
    ...{ name: `step${step}`, of: { op: "slice", from: 2 * step, to: 2 * step + 2 }, inputs: ["row"] },
  });
  const net = await model(
    features(6),
    wiring({
      nodes: [
        { name: "row", of: flatten(1), inputs: input },
        ...[slice(0), slice(1), slice(2)],
        { name: "steps", of: { op: "stack" }, inputs: ["step2", "step0", "step1"] },
      ],
    }),
  );
  const { shape, data } = await (await load(net.save())).predict([
    [[1, 2, 3, 4, 5, 6]],
    [[7, 8, 9, 10, 11, 12]],
  ]);
  expect(shape).toEqual([2, 3, 2]);
  expect([...data]).toEqual([5, 6, 1, 2, 3, 4, 11, 12, 7, 8, 9, 10]);
});

test("a wiring learns: a step of training makes its loss smaller", async () => {
  const net = await model(features(6), everything());
  const example = { inputs: data(4, 5, 6), targets: data(4, 5, 6) };
  const { loss } = await net.fit([example], {
    loss: squaredError(),
    optimiser: adam(0.01),
    epochs: 60,
  });
  expect(loss.at(-1)!).toBeLessThan(0.5 * loss[0]!);
});

test("the states of a decoder are those that it is given", async () => {
  const decoder = lstm(3);
  const net = await model(
    features(3),
    wiring({
      nodes: [
        { name: "encoder", of: lstm(3), inputs: input },
        { name: "hidden", of: { op: "state", index: 0 }, inputs: ["encoder"] },
        { name: "cell", of: { op: "state", index: 1 }, inputs: ["encoder"] },
        { name: "decoder", of: decoder, inputs: input, initial: ["hidden", "cell"] },
      ],
    }),
  );
  const [encoder, own] = [lstm(3), lstm(3)];
  const byHand = await model(features(3), (x: Value) => own.sequence(x, encoder.sequence(x).states).output);
  copyParameters(byHand, net);
  const batch = data(2, 4, 3);
  expect(await net.predict(batch)).toEqual(await byHand.predict(batch));
});

const attending: Readonly<Record<string, () => AttentionLayer | TransformerDecoderLayer>> = {
  "additive attention": () => attention({ units: 5 }),
  "multi-head attention": () => multiHeadAttention(4, { heads: 2 }),
  "a transformer's decoder": () => transformerDecoder(4, { heads: 2 }),
};

describe.each(Object.entries(attending))("%s in a wiring reads another sequence", (_, make) => {
  const read = () => inputs({ target: features(4), source: features(3) });
  const wired = () =>
    wiring({
      nodes: [
        { name: "decoder", of: dense(4), inputs: input },
        { name: "encoder", of: lstm(4), inputs: ["source"] },
        { name: "look", of: make(), inputs: ["decoder", "encoder"] },
        { name: "again", of: { op: "again", node: "look" }, inputs: ["look", "encoder"] },
      ],
    });
  const batch = { target: data(2, 3, 4), source: data(2, 5, 3) };
  const lengths = { source: [5, 2] };

  test("with the numbers of the same layers in a function", async () => {
    const net = await model(read(), wired());
    const [decoder, encoder, look] = [dense(4), lstm(4), make()];
    const byHand = await model(read(), (x: Value, { source }: Named<Value>) => {
      const [query, memory] = [decoder(x), encoder(source!)];
      return look.over(look.over(query, memory), memory);
    });
    copyParameters(byHand, net);
    const expected = await byHand.predict(batch, { lengths });
    expect(await net.predict(batch, { lengths })).toEqual(expected);
    const loaded = await load(net.save());
    expect(loaded.definition).toEqual(net.definition);
    expect(await loaded.predict(batch, { lengths })).toEqual(expected);
  });

  test("in a stream, whose source stands still", async () => {
    const net = await model(read(), wired());
    const whole = await net.predict({ target: [batch.target[0]!], source: [batch.source[0]!] });
    const stream = net.stream({ others: { source: batch.source[0]! } });
    expect(batch.target[0]!.flatMap((row) => [...stream.step(row)])).toEqual([...whole.data]);
  });
});

test.each([() => attention({ score: "dot" }), () => multiHeadAttention(4)])(
  "keys and values of attention may be apart",
  async (make) => {
    const net = await model(
      features(4),
      wiring({
        nodes: [
          { name: "keys", of: dense(4), inputs: input },
          { name: "values", of: dense(4), inputs: input },
          { name: "look", of: make(), inputs: ["input", "keys", "values"] },
        ],
      }),
    );
    const [keys, values, look] = [dense(4), dense(4), make()];
    const byHand = await model(features(4), (x: Value) => look.over(x, keys(x), values(x)));
    copyParameters(byHand, net);
    const batch = data(2, 3, 4);
    const expected = await byHand.predict(batch);
    expect(await net.predict(batch)).toEqual(expected);
    expect(await (await load(net.save())).predict(batch)).toEqual(expected);
  },
);

test("values of attention that are not of the steps of its keys are refused", async () => {
  const net = await model(
    inputs({ target: features(4), source: features(4), others: features(4) }),
    wiring({ nodes: [node({ of: multiHeadAttention(4), inputs: ["input", "source", "others"] })] }),
  );
  const batch = { target: data(1, 2, 4), source: data(1, 3, 4), others: data(1, 4, 4) };
  await expect(net.predict(batch)).rejects.toThrow(InputError);
  await expect(net.predict(batch)).rejects.toThrow(/values of the steps of the keys: 3 steps, 1 rows/);
});

const node = (part: Partial<WiringNode>): WiringNode =>
  ({ name: "a", of: activation("tanh"), inputs: input, ...part }) as WiringNode;
const op = (operation: object, inputs: readonly string[] = input) =>
  node({ of: operation as Operation, inputs });

describe("a wiring refuses, when it is defined,", () => {
  test.each<[string, unknown, RegExp]>([
    ["no nodes", { nodes: [] }, /wiring.nodes: expected 1 to 4096 nodes, got 0/],
    ["no list", { nodes: "a" }, /1 to 4096 nodes, got string/],
    ["an unknown option", { nodes: [node({})], outputs: "a" }, /wiring: .*outputs/],
    ["an output that is no node", { nodes: [node({})], output: "b" }, /wiring.output/],
    ["nothing for a node", { nodes: [null] }, /wiring node.name/],
    ["a name twice", { nodes: [node({}), node({})] }, /wiring node a.name/],
    ["the name of the input", { nodes: [node({ name: "input" })] }, /wiring node input.name/],
    ["a name with a dot", { nodes: [node({ name: "a.b" })] }, /wiring node.name/],
    ["a name of 129 letters", { nodes: [node({ name: "a".repeat(129) })] }, /wiring node.name/],
    ["an unknown field", { nodes: [{ ...node({}), extra: 1 }] }, /wiring node a: .*extra/],
    ["inputs that are no names", { nodes: [node({ inputs: [1] as never })] }, /wiring node a.inputs/],
    [
      "two inputs of a layer",
      { nodes: [node({ inputs: ["input", "input"] })] },
      /wiring node a.inputs: expected 1 for activation, got 2/,
    ],
    ["no inputs of a layer", { nodes: [node({ inputs: [] })] }, /1 for activation, got 0/],
    [
      "four inputs of attention",
      { nodes: [node({ of: attention(), inputs: Array(4).fill("input") })] },
      /1 to 3 for attention, got 4/,
    ],
    [
      "a third input of a transformer's decoder",
      { nodes: [node({ of: transformerDecoder(2), inputs: Array(3).fill("input") })] },
      /2 for transformerDecoder, got 3/,
    ],
    [
      "a transformer's decoder without a memory",
      { nodes: [node({ of: transformerDecoder(2) })] },
      /2 for transformerDecoder, got 1/,
    ],
    ["initial states of a dense layer", { nodes: [node({ initial: input })] }, /wiring node a.initial/],
    ["no layer", { nodes: [node({ of: undefined as never })] }, /wiring node a.of/],
    ["an unknown operation", { nodes: [op({ op: "constructor" })] }, /one of add, .*got constructor/],
    ["an option of another operation", { nodes: [op({ op: "last", from: 1 })] }, /wiring node a: .*from/],
    ["one value to add", { nodes: [op({ op: "add" })] }, /2 to 1024 for add, got 1/],
    [
      "three to divide",
      { nodes: [op({ op: "divide" }, ["input", "input", "input"])] },
      /2 for divide, got 3/,
    ],
    ["a constant without numbers", { nodes: [op({ op: "constant", values: [] })] }, /1 to 65536/],
    ["a constant that is not finite", { nodes: [op({ op: "constant", values: [1e39] })] }, /1 to 65536/],
    ["no steps", { nodes: [op({ op: "repeat", steps: 0 })] }, /wiring node a.steps/],
    ["a state of no layer", { nodes: [op({ op: "state", index: 0 })] }, /earlier recurrent node/],
    ["a layer that is not there", { nodes: [op({ op: "again", node: "b" })] }, /earlier node with a layer/],
  ])("%s", (_, options, message) => {
    expect(() => wiring(options as never)).toThrow(InputError);
    expect(() => wiring(options as never)).toThrow(message);
  });
});

describe("a wiring refuses, when the model is made,", () => {
  const memory = { name: "memory", of: lstm(2), inputs: input };
  test.each<[string, readonly WiringNode[], RegExp]>([
    ["a later node", [node({ inputs: ["b"] }), node({ name: "b" })], /wiring node a: expected one of input/],
    ["itself", [node({ inputs: ["a"] })], /wiring node a: expected one of input/],
    ["what every object has", [node({ inputs: ["constructor"] })], /wiring node a: expected one of input/],
    ["columns that are not there", [op({ op: "slice", from: 0, to: 3 })], /slice: expected columns/],
    ["a step that is not there", [op({ op: "at", step: 2 })], /at: expected a step/],
    ["to repeat many steps", [op({ op: "repeat", steps: 3 })], /repeat: expected a value of one step/],
    ["to stack sequences", [op({ op: "stack" }, ["input", "input"])], /stack: expected values of one step/],
    ["to repeat for nothing", [op({ op: "repeat" })], /a second value, or a number of steps, got neither/],
    ["a third state", [memory, op({ op: "state", index: 2 }, ["memory"])], /a state from 0 to 1, got 2/],
    [
      "one initial state of two",
      [node({ of: { op: "last" } }), { ...memory, name: "b", initial: ["a"] }],
      /wiring node b.initial: expected 2 states, got 1/,
    ],
  ])("%s", async (_, nodes, message) => {
    const made = model(features(2), wiring({ nodes }));
    await expect(made).rejects.toThrow(InputError);
    await expect(made).rejects.toThrow(message);
  });
});

test("a wiring takes 4096 nodes and not one more", () => {
  const nodes = Array.from({ length: 4097 }, (_, i) => node({ name: `n${i}` }));
  expect(() => wiring({ nodes: nodes.slice(0, 4096) })).not.toThrow();
  expect(() => wiring({ nodes })).toThrow(/1 to 4096 nodes, got 4097/);
});

test("a residual of layers is a wiring's node too", async () => {
  const net = await model(features(4), wiring({ nodes: [node({ of: residual(dense(4)) })] }));
  expect((await load(net.save())).definition).toEqual(net.definition);
});

test("a file may put 64 layers inside each other and not one more", async () => {
  const nested = (count: number): Layer => (count === 0 ? activation("tanh") : residual(nested(count - 1)));
  const deepest = await model(features(2), nested(64));
  expect((await load(deepest.save())).definition).toEqual(deepest.definition);
  const deeper = await model(features(2), nested(65));
  await expect(load(deeper.save())).rejects.toThrow(FormatError);
  await expect(load(deeper.save())).rejects.toThrow(/at most 64 layers inside each other/);
});
