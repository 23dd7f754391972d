/** The layers of attention in models: streamed, padded, saved, trained and refused. */
import { describe, expect, test } from "vitest";
import {
  adam,
  attention,
  crossEntropy,
  dense,
  embedding,
  features,
  InputError,
  inputs,
  type Layer,
  layerNorm,
  load,
  lstm,
  model,
  multiHeadAttention,
  type Named,
  positions,
  quantise,
  random,
  residual,
  sgd,
  squaredError,
  tokens,
  transformerDecoder,
  transformerEncoder,
  type Value,
  wiring,
} from "../../ts/index.js";
import { modelFile } from "../golden/torch.js";
import { expectSameBits } from "../reference/compare.js";
import { normals } from "../reference/draw.js";
import { matrix } from "../reference/matrix.js";

/** [rows][steps][width] */
function sequences(rows: number, steps: number, width: number, seed = 1): number[][][] {
  const numbers = normals(rows * steps * width, seed);
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: steps }, (_, step) =>
      Array.from(numbers.subarray((row * steps + step) * width, (row * steps + step + 1) * width)),
    ),
  );
}

const causal: Readonly<Record<string, (units: number) => readonly Layer[]>> = {
  "attention with additive scores": (units) => [attention({ units, causal: true, longest: 70 })],
  "attention without products": () => [attention({ projected: false, causal: true, longest: 70 })],
  "attention with products": () => [attention({ score: "general", scaled: true, causal: true, longest: 70 })],
  "attention of several heads": (units) => [
    dense(2 * units),
    attention({ score: "dot", heads: 2, scaled: true, causal: true, longest: 70 }),
  ],
  "attention by location": () => [attention({ score: "location", causal: true, longest: 70 })],
  "attention in a window": () => [attention({ score: "dot", causal: true, window: 2, longest: 70 })],
  "attention around predicted centres": (units) => [
    attention({ units, causal: true, window: 3, longest: 70 }),
  ],
  "multi-head attention": (units) => [multiHeadAttention(3 * units, { heads: 3, causal: true, longest: 70 })],
  "multi-head attention of another width": (units) => [
    multiHeadAttention(2 * units, { heads: 2, width: 3, causal: true, longest: 70 }),
  ],
  "learned positions": () => [positions(70)],
  "sinusoidal positions": () => [positions(70, { kind: "sinusoidal" })],
  "a transformer": (units) => [
    dense(2 * units),
    positions(70),
    transformerEncoder(2 * units, {
      ...{ heads: 2, blocks: 2, causal: true, longest: 70 },
      ...{ norm: "before", activation: "gelu", dropout: 0.1 },
    }),
    layerNorm(),
  ],
  "a window of several heads among recurrences": (units) => [
    lstm(units),
    residual(multiHeadAttention(units, { causal: true, window: 3, longest: 70 })),
    lstm(units),
  ],
};

describe.each(Object.entries(causal))("%s", (_, layers) => {
  test.each([1, 3, 5, 8, 16])(
    "of %i units streams with the bits of a batch, each row from its own beginning",
    async (units) => {
      const net = await model(features(3), ...layers(units), { seed: 2, threads: 1 });
      const steps = 21;
      const data = sequences(2, steps, 3);
      const { data: expected } = await net.predict(data);
      const width = expected.length / steps / 2;
      const stream = net.stream({ rows: 2 });
      for (let i = 0; i < 3; i++) stream.step([1, 2, 3, 4, 5, 6]);
      stream.reset();
      stream.step([...data[0][0], 9, 9, 9]);
      stream.reset(1); // a step behind the other
      for (let t = 1; t < steps; t++) {
        const made = stream.step([...data[0][t], ...data[1][t - 1]]);
        const at = (row: number, step: number) =>
          expected.subarray((row * steps + step) * width, (row * steps + step + 1) * width);
        expectSameBits(made.subarray(0, width), at(0, t));
        expectSameBits(made.subarray(width), at(1, t - 1));
      }
      const other = net.stream({ rows: 3 });
      other.restore(stream.save(1), 2);
      const next = other.step([1, 1, 1, 2, 2, 2, ...data[1][steps - 1]]);
      expectSameBits(next.subarray(2 * width), expected.subarray((2 * steps - 1) * width));
      await net.close();
    },
  );

  test("is saved and loaded again", async () => {
    const net = await model(features(3), ...layers(4), { seed: 1, threads: 1 });
    const again = await load(net.save(), { threads: 1 });
    expect(again.definition).toEqual(net.definition);
    const data = sequences(2, 5, 3);
    expect((await again.predict(data)).data).toEqual((await net.predict(data)).data);
  });
});

test("a stream ends where a layer has no more room, and begins anew", async () => {
  const net = await model(
    tokens(5),
    embedding(4),
    positions(3),
    multiHeadAttention(4, { causal: true, longest: 7 }),
  );
  const stream = net.stream({ rows: 2 });
  for (let t = 0; t < 3; t++) stream.step([1, 2]);
  const before = stream.save(0);
  expect(() => stream.step([1, 2])).toThrow(
    "stream.step row 0: expected at most 3 steps from its beginning, got one more",
  );
  expect(stream.save(0)).toEqual(before);
  stream.reset(0);
  expect(() => stream.step([1, 2])).toThrow("row 1");
  stream.select([0, 0]);
  stream.step([1, 2]);
  await expect(net.predict([1, 2, 3, 4])).rejects.toThrow("expected at most 3 steps, got 4");
});

/** A translator of sequences into sequences: the target sees the source through a decoder. */
function translator(decoder: (x: Value, memory: Value) => Value) {
  const of = inputs({ target: tokens(7), source: tokens(6) });
  const [look, encode, place] = [embedding(8), transformerEncoder(8, { heads: 2 }), positions(32)];
  const part = (x: Value, { source }: Named<Value>) =>
    decoder(place(embedding(8)(x)), encode(positions(32)(look(source))));
  return model(of, part, dense(7), { seed: 3, threads: 1 });
}

const readers: Readonly<Record<string, () => (x: Value, memory: Value) => Value>> = {
  "a transformer's decoder": () => {
    const blocks = transformerDecoder(8, { heads: 2, blocks: 2, longest: 32 });
    return (x, memory) => blocks.over(x, memory);
  },
  "attention with coverage": () => {
    const layer = attention({ coverage: true });
    return (x, memory) => layer.over(x, memory);
  },
  "attention in an aligned window": () => {
    const layer = attention({ window: 1 });
    return (x, memory) => layer.over(x, memory);
  },
};

describe.each(Object.entries(readers))("%s", (_, reader) => {
  const target = [
    [1, 2, 3, 4],
    [5, 6, 1, 2],
    [2, 2, 1, 6],
  ];
  const source = [
    [1, 2, 3, 4, 5, 0],
    [3, 2, 0, 0, 0, 0],
    [5, 5, 1, 4, 0, 0],
  ];
  const lengths = { target: [4, 2, 4], source: [5, 2, 4] };

  test("never sees padding", async () => {
    const net = await translator(reader());
    const together = await net.predict({ target, source }, { lengths });
    for (const row of [0, 1, 2]) {
      const [ends, begins] = [lengths.target[row]!, lengths.source[row]!];
      const alone = await net.predict({
        target: target[row]!.slice(0, ends),
        source: source[row]!.slice(0, begins),
      });
      expectSameBits(together.data.subarray(row * 28, row * 28 + ends * 7), alone.data);
    }
  });

  test("streams with the bits of a batch", async () => {
    const net = await translator(reader());
    // What begins as zeros shall count too.
    const example = { inputs: { target, source }, targets: target, lengths };
    await net.fit([example], { loss: crossEntropy(), optimiser: adam(0.3), epochs: 3 });
    const { data } = await net.predict({ target, source }, { lengths: { source: lengths.source } });
    const stream = net.stream({ rows: 3, others: { source }, lengths: { source: lengths.source } });
    for (const again of [0, 1]) {
      for (let t = 0; t < 4; t++) {
        const made = stream.step(target.map((row) => row[t]!));
        for (const row of [0, 1, 2]) {
          const at = (row * 4 + t) * 7;
          expectSameBits(made.subarray(row * 7, row * 7 + 7), data.subarray(at, at + 7), `${again}: ${row}`);
        }
      }
      stream.reset();
    }
  });
});

test("a transformer learns to copy the first half of a sequence to the second", async () => {
  const { integer } = random(4);
  const examples = Array.from({ length: 40 }, () => {
    const rows = Array.from({ length: 16 }, () => {
      const half = Array.from({ length: 4 }, () => 1 + integer(7));
      return { inputs: [...half, 0, ...half.slice(0, 3)], targets: [0, 0, 0, 0, ...half] };
    });
    const weights = rows.flatMap(() => [0, 0, 0, 0, 1, 1, 1, 1]);
    return { inputs: rows.map(({ inputs }) => inputs), targets: rows.map(({ targets }) => targets), weights };
  });
  const net = await model(
    ...([tokens(8), embedding(32), positions(8)] as const),
    transformerEncoder(32, { heads: 2, blocks: 2, causal: true, norm: "before" }),
    ...([layerNorm(), dense(8)] as const),
    { seed: 1, threads: 1 },
  );
  const [train, held] = [examples.slice(0, 36), examples.slice(36)];
  const { loss } = await net.fit(train, {
    loss: crossEntropy(),
    optimiser: adam(0.004),
    clip: 1,
    epochs: 12,
  });
  expect(loss[0]).toBeGreaterThan(1.5);
  expect(await net.evaluate(held, { loss: crossEntropy() })).toBeLessThan(0.05);
});

test("a transformer is trained with the same bits on two threads", async () => {
  const { integer } = random(5);
  const inputs = Array.from({ length: 12 }, () => Array.from({ length: 48 }, () => integer(20)));
  const lengths = inputs.map((_, row) => 48 - 3 * row);
  const trained = async (threads: number) => {
    const net = await model(
      ...([tokens(20), embedding(48), positions(48)] as const),
      transformerEncoder(48, { heads: 3, dropout: 0.1, causal: true }),
      ...([attention({ units: 24, window: 5, centre: "predicted", causal: true }), dense(20)] as const),
      { seed: 1, threads },
    );
    await net.fit([{ inputs, targets: inputs, lengths }], {
      loss: crossEntropy(),
      optimiser: adam(0.01),
      epochs: 3,
    });
    const parameters = net.parameters().map(({ data }) => data);
    await net.close();
    return parameters;
  };
  const [one, two] = [await trained(1), await trained(2)];
  for (const [index, parameter] of one.entries()) expectSameBits(two[index], parameter, `parameter ${index}`);
});

test("a transformer of int8 weights is close to the one it was made of", async () => {
  const net = await model(
    tokens(9),
    embedding(16),
    positions(9, { kind: "sinusoidal" }),
    transformerEncoder(16, { heads: 4 }),
    dense(9),
    {
      threads: 1,
    },
  );
  const { report } = await quantise(net, { data: [[1, 2, 3, 4, 5, 6, 7, 8]] });
  expect(report.outputs!.error).toBeLessThan(0.05);
});

test("attention drops its weights while it is trained, and then only", async () => {
  const make = (dropout = 0) => model(features(4), attention({ score: "dot", dropout }), dense(2));
  const [data, targets] = [sequences(3, 6, 4), sequences(3, 6, 2, 2)];
  const [all, dropped] = [await make(), await make(0.5)];
  expect(await dropped.predict(data)).toEqual(await all.predict(data));
  const options = { loss: squaredError(), optimiser: sgd(0), epochs: 2 };
  const [kept, other] = [
    await all.fit([{ inputs: data, targets }], options),
    await dropped.fit([{ inputs: data, targets }], options),
  ];
  expect(kept.loss[1]).toBe(kept.loss[0]);
  expect(other.loss[0]).not.toBe(kept.loss[0]);
  expect(other.loss[1]).not.toBe(other.loss[0]);
});

test.each<[() => unknown, string]>([
  [
    () => multiHeadAttention(8, { heads: 3 }),
    "multiHeadAttention.heads: expected a number that divides 8 units, got 3",
  ],
  [() => multiHeadAttention(8, { dropout: 1 }), "multiHeadAttention.dropout"],
  [() => attention({ score: "sum" as never }), "attention.score"],
  [() => attention({ centre: "predicted" }), "attention.window: expected one around the centre, got none"],
  [() => attention({ score: "dot", coverage: true }), "attention.coverage"],
  [() => attention({ coverage: true, causal: true }), "attention.coverage"],
  [() => attention({ scaled: true }), "attention.scaled"],
  [() => attention({ window: 0 }), "attention.window"],
  [() => attention({ dropout: 1 }), "attention.dropout"],
  [() => attention({ score: "dot", projected: false }), "attention.projected: expected additive scores"],
  [() => attention({ units: 4, projected: false }), "attention.units: expected none without products, got 4"],
  [() => multiHeadAttention(8, { width: 0 }), "multiHeadAttention.width"],
  [() => attention({ heads: 2 }), "attention.heads: expected one for a score that is not by products, got 2"],
  [() => attention({ score: "dot", heads: 0.5 }), "attention.heads"],
  [() => positions(0), "positions.longest"],
  [() => positions(9, { kind: "rotary" as never }), "positions.kind"],
  [() => transformerEncoder(8, { blocks: 1000 }), "transformerEncoder.blocks"],
  [() => transformerEncoder(8, { norm: "both" as never }), "transformerEncoder.norm"],
  [() => transformerDecoder(8, { layers: 2 } as never), "transformerDecoder: expected only the options"],
])("%o is refused", (make, message) => {
  expect(make).toThrow(InputError);
  expect(make).toThrow(message);
});

test("heads without products of their own are those of multi-head attention", async () => {
  const given = { heads: 3, causal: true };
  const whole = await model(features(6), multiHeadAttention(6, given), { seed: 5 });
  const apart = await model(
    features(6),
    wiring({
      nodes: [
        ...["query", "key", "value"].map((name) => ({ name, of: dense(6), inputs: ["input"] })),
        {
          name: "look",
          of: attention({ score: "dot", scaled: true, ...given }),
          inputs: ["query", "key", "value"],
        },
        { name: "output", of: dense(6), inputs: ["look"] },
      ],
    }),
  );
  const from = whole.parameters();
  const nodes = ["Query", "Key", "Value", "Output"];
  apart.assign(
    modelFile(
      Object.fromEntries(
        nodes.flatMap((name) =>
          ["weight", "bias"].map((part) => {
            const { shape, data } = from.find(({ path }) => path.endsWith(part + name))!;
            return [
              `0.wiring.${name.toLowerCase()}.${part}`,
              matrix(shape.length > 1 ? 6 : 1, 6, data),
            ] as const;
          }),
        ),
      ),
    ),
  );
  const x = sequences(2, 5, 6);
  expectSameBits((await apart.predict(x)).data, (await whole.predict(x)).data);
});

test.each<[string, () => Promise<unknown>, string]>([
  ["a decoder without a memory", () => model(features(8), transformerDecoder(8)), "expected a memory"],
  [
    "heads that do not divide the rows",
    () => model(features(5), attention({ score: "dot", heads: 2 })),
    "expected a number of heads that divides 5 numbers, got 2",
  ],
  ["tokens", () => model(tokens(8), attention()), "expected rows of numbers, got tokens"],
  [
    "a query as wide as no key",
    () => model(features(4), (x) => attention({ score: "dot" }).over(x, dense(3)(x))),
    "expected keys of 4 numbers, as queries have, got 3",
  ],
  [
    "a source longer than the scores of its location",
    async () =>
      (await model(features(4), attention({ score: "location", longest: 3 }))).predict(sequences(1, 4, 4)),
    "expected a source of at most 3 steps, got 4",
  ],
  [
    "a stream that would have to see later steps",
    async () => (await model(features(4), transformerEncoder(4))).stream(),
    "multiHeadAttention, which needs whole sequences",
  ],
])("%s is refused", async (_, make, message) => {
  await expect(make()).rejects.toThrow(InputError);
  await expect(make()).rejects.toThrow(message);
});
