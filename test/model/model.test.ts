/** Models: definition, prediction, streaming, saving and loading, and what they refuse. */
import { expect, test } from "vitest";
import {
  adam,
  crossEntropy,
  dense,
  dropout,
  EngineError,
  embedding,
  FormatError,
  features,
  InputError,
  load,
  lstm,
  type Model,
  model,
  tensor,
  tokens,
  vocabulary,
  windows,
} from "../../ts/index.js";
import { readSafetensors, writeSafetensors } from "../../ts/io/safetensors.js";
import { writeSealed } from "../../ts/io/sealed.js";
import { random } from "../../ts/random.js";

const { integer, uniform } = random(11);

function bits({ data }: { data: Float32Array }): Uint32Array {
  return new Uint32Array(data.buffer, data.byteOffset, data.length).slice();
}

function noise(...shape: number[]) {
  return tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => uniform() - 0.5),
    shape,
  );
}

test("a model infers widths and names its parameters by layer", async () => {
  const net = await model(tokens(7), embedding(3), lstm(5), dropout(0.1), dense(2));
  expect(net.parameters().map(({ path, shape }) => [path, shape])).toEqual([
    ["0.embedding.weight", [7, 3]],
    ["1.lstm.weightInput", [3, 20]],
    ["1.lstm.weightHidden", [5, 20]],
    ["1.lstm.bias", [20]],
    ["3.dense.weight", [5, 2]],
    ["3.dense.bias", [2]],
  ]);
  expect(net.size).toBe(21 + 60 + 100 + 20 + 10 + 2);
});

test("the forget gate begins open and hidden weights begin orthogonal", async () => {
  const net = await model(features(3), lstm(6), { seed: 5 });
  const [, hidden, bias] = net.parameters();
  expect([...bias!.data]).toEqual([...Array(6).fill(0), ...Array(6).fill(1), ...Array(12).fill(0)]);
  for (let gate = 0; gate < 4; gate++) {
    const row = (r: number) => [...hidden!.data.subarray(r * 24 + gate * 6, r * 24 + gate * 6 + 6)];
    for (let a = 0; a < 6; a++) {
      for (let b = 0; b < 6; b++) {
        const product = row(a).reduce((sum, x, i) => sum + x * row(b)[i]!, 0);
        expect(product).toBeCloseTo(a === b ? 1 : 0, 6);
      }
    }
  }
});

test("a composition of layers in a function is a model too", async () => {
  const chain = await model(features(4), lstm(3), dense(2), { seed: 2 });
  const composed = await model(features(4), (x) => dense(2)(lstm(3)(x)), { seed: 2 });
  const data = noise(2, 5, 4);
  expect(bits(await composed.predict(data))).toEqual(bits(await chain.predict(data)));
});

test("a batch predicts what each of its rows predicts alone, to the bit", async () => {
  const net = await model(features(5), lstm(13), dense(3));
  const data = noise(5, 9, 5);
  const together = await net.predict(data);
  expect(together.shape).toEqual([5, 9, 3]);
  for (let row = 0; row < 5; row++) {
    const alone = await net.predict(tensor(data.data.slice(row * 45, row * 45 + 45), [1, 9, 5]));
    expect(bits(alone)).toEqual(bits({ data: together.data.slice(row * 27, row * 27 + 27) }));
  }
});

test("nested arrays and tensors are the same data", async () => {
  const net = await model(features(2), lstm(4), dense(3));
  const flat = [0.5, -1, 2, 0.25, 1, -0.75];
  const nested = [flat.slice(0, 2), flat.slice(2, 4), flat.slice(4)];
  const expected = bits(await net.predict(tensor(Float32Array.from(flat), [1, 3, 2])));
  expect(bits(await net.predict(nested))).toEqual(expected);
  expect(bits(await net.predict([nested]))).toEqual(expected);
  const text = await model(tokens(4), embedding(3));
  const ids = bits(await text.predict([0, 3, 1]));
  expect(bits(await text.predict([[0, 3, 1]]))).toEqual(ids);
  expect(bits(await text.predict(Uint32Array.of(0, 3, 1)))).toEqual(ids);
});

test.each([1, 3, 4, 5, 8, 13, 64])("a stream of %i units gives the bits of a batch", async (units) => {
  const net = await model(tokens(9), embedding(units), lstm(units), lstm(units + 1), dense(units), {
    seed: units,
  });
  const ids = Array.from({ length: 20 }, () => integer(9));
  const expected = (await net.predict(ids)).data;
  const stream = net.stream();
  for (const repeat of [0, 1]) {
    ids.forEach((id, step) => {
      const row = Float32Array.from(stream.step(id));
      expect(bits({ data: row }), `repeat ${repeat} step ${step}`).toEqual(
        bits({ data: expected.slice(step * units, step * units + units) }),
      );
    });
    stream.reset();
  }
});

test("streams of one model do not disturb each other, predictions or training", async () => {
  const net = await model(features(3), lstm(4), dense(2));
  const data = noise(1, 6, 3);
  const expected = (await net.predict(data)).data;
  const [a, b] = [net.stream(), net.stream()];
  for (let step = 0; step < 6; step++) {
    const row = data.data.subarray(step * 3, step * 3 + 3);
    const output = [...a.step(row)];
    b.step([1, 2, 3]);
    await net.predict(noise(2, step + 1, 3));
    expect(output).toEqual([...expected.subarray(step * 2, step * 2 + 2)]);
  }
});

test("a closed stream gives its memory back and refuses to step", async () => {
  const net = await model(features(3), lstm(64));
  net.stream().close();
  const taken = net.memory;
  for (let i = 0; i < 200; i++) net.stream().close();
  expect(net.memory).toBe(taken);
  const stream = net.stream();
  stream.close();
  stream.close();
  expect(() => stream.step([1, 2, 3])).toThrow("stream.step: expected an open stream, got a closed one");
});

test("predicting many sizes does not take more and more memory", async () => {
  const net = await model(features(3), lstm(32), dense(3));
  for (let steps = 1; steps <= 60; steps++) await net.predict(noise(1, steps, 3));
  const taken = net.memory;
  for (let steps = 1; steps <= 60; steps++) await net.predict(noise(1, steps, 3));
  expect(net.memory).toBe(taken);
});

test("a saved model loads to the same bits, with its definition and vocabulary", async () => {
  const words = vocabulary("call me ishmael 🐋");
  const net = await model(
    tokens(words),
    embedding(4),
    lstm(6, { biasHidden: true }),
    dropout(0.2),
    dense(words.size, { bias: false }),
  );
  await net.fit(windows(words.encode("call me ishmael ".repeat(4)), { batch: 2, steps: 5 }), {
    loss: crossEntropy(),
    optimiser: adam(0.01),
  });
  const bytes = net.save();
  const again = await load(bytes);
  expect(again.definition).toEqual(net.definition);
  expect(again.vocabulary!.symbols).toEqual(words.symbols);
  expect(again.save()).toEqual(bytes);
  const ids = words.encode("me");
  expect(bits(await again.predict(ids))).toEqual(bits(await net.predict(ids)));
});

test("a model with a function among its layers saves parameters and assigns them again", async () => {
  const make = (seed: number) => model(features(4), (x) => dense(2)(lstm(3)(x)), { seed });
  const [a, b] = [await make(1), await make(2)];
  const bytes = a.save();
  expect(a.definition).toBeUndefined();
  await expect(load(bytes)).rejects.toThrow(/model file: expected a definition, got parameters only/);
  b.assign(bytes);
  expect(b.save()).toEqual(bytes);
});

const saved = async () => (await model(features(2), lstm(3), dense(1), { seed: 3 })).save();

test("a file of another program is refused", async () => {
  const other = writeSafetensors([], new Map([["format", "pt"]]));
  await expect(load(other)).rejects.toThrow(/expected a file saved by this library.*got format "pt"/);
  await expect(load(writeSafetensors([]))).rejects.toThrow(FormatError);
  await expect(load(new TextEncoder().encode("PK\u0003\u0004 something else"))).rejects.toThrow(FormatError);
});

test("a file cut short at any byte is refused", async () => {
  const bytes = await saved();
  for (let length = 0; length < bytes.length; length += length < 900 ? 1 : 37) {
    await expect(load(bytes.subarray(0, length))).rejects.toThrow(FormatError);
  }
});

test.each<[string, (definition: { input: object; layers: object[] }) => unknown, RegExp]>([
  ["no layers", ({ input }) => ({ input }), /definition.layers: expected a list/],
  ["a null", () => null, /definition.layers/],
  [
    "an unknown layer",
    ({ input }) => ({ input, layers: [{ layer: "eval" }] }),
    /expected a layer that this version knows, got "eval"/,
  ],
  [
    "a name from the prototype",
    ({ input }) => ({ input, layers: [{ layer: "constructor" }] }),
    /got "constructor"/,
  ],
  ["a string for a layer", ({ input }) => ({ input, layers: ["lstm"] }), /layers\[0\]: expected a layer/],
  [
    "an impossible width",
    ({ input }) => ({ input, layers: [{ layer: "dense", units: -1 }] }),
    /layers\[0\]: expected a whole number/,
  ],
  [
    "a width of another type",
    ({ input }) => ({ input, layers: [{ layer: "lstm", units: "3" }] }),
    /layers\[0\]/,
  ],
  [
    "another width",
    ({ input }) => ({
      input,
      layers: [
        { layer: "lstm", units: 4 },
        { layer: "dense", units: 1 },
      ],
    }),
    /tensor 0.lstm.weightInput: expected shape \[2,16\], got \[2,12\]/,
  ],
  [
    "fewer layers",
    ({ input, layers }) => ({ input, layers: layers.slice(0, 1) }),
    /expected only the model's tensors, got "1.dense/,
  ],
  [
    "more layers",
    ({ input, layers }) => ({ input, layers: [...layers, { layer: "dense", units: 2 }] }),
    /2.dense.weight: expected shape \[1,2\], got no such tensor/,
  ],
  [
    "an input of tokens",
    ({ layers }) => ({ input: { layer: "tokens", size: 5 }, layers }),
    /expected rows of numbers, got tokens/,
  ],
])("a definition with %s is refused", async (_, change, message) => {
  const { tensors, metadata } = readSafetensors(await saved());
  const definition = JSON.stringify(change(JSON.parse(metadata.get("definition")!)));
  const changed = writeSealed(tensors, new Map([...metadata, ["definition", definition]]));
  await expect(load(changed)).rejects.toThrow(message);
});

test("a definition that is not JSON is refused", async () => {
  const { tensors, metadata } = readSafetensors(await saved());
  const changed = writeSealed(tensors, new Map([...metadata, ["definition", "{"]]));
  await expect(load(changed)).rejects.toThrow(/definition: expected JSON/);
});

test("assigning parameters that do not fit changes nothing", async () => {
  const net = await model(features(2), lstm(3), dense(1));
  const before = net.save();
  const other = (await model(features(2), lstm(3), dense(2))).save();
  expect(() => net.assign(other)).toThrow(/1.dense.weight: expected shape \[3,1\], got \[3,2\]/);
  expect(() => net.assign(before.subarray(1))).toThrow(FormatError);
  expect(net.save()).toEqual(before);
});

test.each<[string, () => Promise<unknown>, RegExp]>([
  [
    "tokens into an lstm",
    () => model(tokens(5), lstm(4)),
    /0.lstm: expected rows of numbers, got tokens — put embedding/,
  ],
  [
    "rows into an embedding",
    () => model(features(5), embedding(4)),
    /0.embedding: expected tokens, got rows of 5 numbers/,
  ],
  [
    "something that is no layer",
    () => model(features(5), 3 as never),
    /model layer 0: expected a layer, got 3/,
  ],
  ["no input", () => model(lstm(3) as never), /model: expected tokens\(...\) or features\(...\) first/],
])("a model of %s is refused", async (_, make, message) => {
  await expect(make()).rejects.toThrow(message);
  await expect(make()).rejects.toThrow(InputError);
});

test.each<[string, () => unknown]>([
  ["no units", () => lstm(0)],
  ["half a unit", () => dense(1.5)],
  ["units in words", () => embedding("4" as never)],
  ["a dropout of 1", () => dropout(1)],
  ["no symbols", () => tokens(0)],
  ["a vocabulary of nothing", () => tokens(undefined as never)],
  ["a width of NaN", () => features(NaN)],
])("%s is refused where it is written", (_, make) => {
  expect(make).toThrow(InputError);
});

const wrong: [string, (net: { text: Model; rows: Model }) => Promise<unknown>, RegExp][] = [
  [
    "rows of another width",
    ({ rows }) => rows.predict(noise(1, 4, 3)),
    /predict: expected rows of 2 numbers, got rows of 3/,
  ],
  [
    "a rank of 1 for rows",
    ({ rows }) => rows.predict([1, 2]),
    /predict: expected features of shape .*, got shape \[2\]/,
  ],
  ["a rank of 4", ({ rows }) => rows.predict(noise(1, 1, 1, 2)), /got shape \[1,1,1,2\]/],
  ["a rank of 3 for tokens", ({ text }) => text.predict(noise(1, 1, 1)), /expected tokens of shape/],
  [
    "a token outside",
    ({ text }) => text.predict([0, 4]),
    /predict\[0\]\[1\]: expected a token from 0 to 3, got 4/,
  ],
  ["a negative token", ({ text }) => text.predict([-1]), /predict\[0\]\[0\]/],
  ["half a token", ({ text }) => text.predict([0.5]), /got 0.5/],
  ["no steps", ({ text }) => text.predict([]), /at least one row and one step/],
  ["a string", ({ text }) => text.predict("call" as never), /predict: expected an array.*got string call/],
  ["strings", ({ text }) => text.predict(["a"] as never), /predict\[0\]: expected a number, got string a/],
  ["nothing", ({ text }) => text.predict(undefined as never), /got undefined/],
  [
    "ragged rows",
    ({ text }) => text.predict([[1, 2], [1]]),
    /predict\[1\]: expected shape \[2\] as at \[0\], got \[1\]/,
  ],
];

test.each(wrong)("data that is %s is refused", async (_, use, message) => {
  const nets = { text: await model(tokens(4), embedding(2)), rows: await model(features(2), lstm(2)) };
  await expect(use(nets)).rejects.toThrow(message);
  await expect(use(nets)).rejects.toThrow(InputError);
});

test("a stream refuses wrong input and keeps its state", async () => {
  const net = await model(tokens(4), embedding(2), lstm(3));
  const [a, b] = [net.stream(), net.stream()];
  a.step(1);
  b.step(1);
  for (const bad of [4, -1, 0.5, NaN, [1, 2]]) expect(() => a.step(bad as number)).toThrow(InputError);
  expect([...a.step(2)]).toEqual([...b.step(2)]);
});

test("too little memory is an EngineError that leaves the model usable", async () => {
  const net = await model(features(16), lstm(16), { memory: 2 });
  const data = noise(1, 4, 16);
  const before = bits(await net.predict(data));
  await expect(net.predict(noise(64, 1000, 16))).rejects.toThrow(EngineError);
  expect(bits(await net.predict(data))).toEqual(before);
  await expect(model(features(1000), lstm(1000), { memory: 1 })).rejects.toThrow(
    /parameters: expected at most 1 MiB, got a need of/,
  );
  await expect(model(features(1), { memory: 0 })).rejects.toThrow(InputError);
});

test("a layer used twice in one model has one set of parameters", async () => {
  const shared = dense(3);
  const net = await model(features(3), (x) => shared(shared(dense(3)(x))), { seed: 4 });
  expect(net.parameters().map(({ path }) => path)).toEqual([
    "0.dense.weight",
    "0.dense.bias",
    "1.dense.weight",
    "1.dense.bias",
  ]);
});

test("a layer that comes only with more steps is refused when they come", async () => {
  const net = await model(features(2), (x) => {
    const more = dense(2);
    return x.steps > 2 ? more(x) : x;
  });
  await expect(net.predict(noise(1, 3, 2))).rejects.toThrow(
    /0.dense.weight: expected only layers that the model was made with/,
  );
  expect((await net.predict(noise(1, 2, 2))).shape).toEqual([1, 2, 2]);
});
