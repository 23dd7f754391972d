/** An embedding begins as it is told, and learns what it may. */
import { describe, expect, test } from "vitest";
import {
  adamw,
  crossEntropy,
  dense,
  embedding,
  features,
  InputError,
  load,
  lstm,
  type Model,
  model,
  sgd,
  tensor,
  tokens,
} from "../../ts/index.js";
import { writeSafetensors } from "../../ts/io/safetensors.js";
import { oneHot } from "../../ts/words/one-hot.js";
import { wordVectors } from "../../ts/words/vectors.js";
import { expectSameBits } from "../reference/compare.js";
import { normals } from "../reference/draw.js";

const vectors = tensor(normals(5 * 3, 1), [5, 3]);
const tableOf = (net: Model) => net.parameters().find(({ path }) => path.endsWith("embedding.weight"))!.data;
const row = (table: Float32Array, symbol: number) => table.slice(3 * symbol, 3 * symbol + 3);
const inputs = [
  [1, 4, 1],
  [0, 1, 4],
];
const example = {
  inputs,
  targets: [
    [1, 0, 1],
    [0, 0, 1],
  ],
};
const training = { loss: crossEntropy(), optimiser: adamw(0.05), epochs: 20 };

describe("an embedding", () => {
  test("begins as the vectors it is given", async () => {
    const net = await model(tokens(5), embedding(3, { vectors }));
    expectSameBits(tableOf(net), vectors.data);
    const { data } = await net.predict([[2, 0]]);
    expectSameBits(data, [...row(vectors.data, 2), ...row(vectors.data, 0)]);
  });

  test("gives, bit for bit, what a product with one-hot rows gives", async () => {
    const ids = [3, 0, 4, 4, 1];
    const byIndex = await model(tokens(5), embedding(3, { vectors }));
    const byProduct = await model(features(5), dense(3, { bias: false }));
    const bytes = new Uint8Array(vectors.data.buffer);
    byProduct.assign(writeSafetensors([["0.dense.weight", { dtype: "F32", shape: [5, 3], bytes }]]));
    const rows = tensor(oneHot(ids, 5).data, [1, 5, 5]);
    expectSameBits((await byProduct.predict(rows)).data, (await byIndex.predict([ids])).data);
  });

  test("is fine-tuned from there: rows that were used move, the others do not", async () => {
    const net = await model(tokens(5), embedding(3, { vectors }), dense(2));
    await net.fit([example], { ...training, optimiser: sgd(0.1) });
    const table = tableOf(net);
    for (const used of [0, 1, 4]) expect(row(table, used)).not.toEqual(row(vectors.data, used));
    for (const unused of [2, 3]) expectSameBits(row(table, unused), row(vectors.data, unused));
  });

  test("that is frozen stays as it is while the layers behind it learn", async () => {
    const net = await model(tokens(5), embedding(3, { vectors, frozen: true }), lstm(4), dense(2));
    const { loss: losses } = await net.fit([example], { ...training, clip: 1 });
    expectSameBits(tableOf(net), vectors.data);
    expect(losses.at(-1)).toBeLessThan(losses[0]! - 0.1);
    expect(net.size).toBe(4 * 4 * (3 + 4 + 1) + 4 * 2 + 2); // what is learned
  });

  test("that is frozen gives the layers behind it the gradients that a learned one would", async () => {
    const first = async (frozen: boolean) => {
      const net = await model(tokens(5), embedding(3, { vectors, frozen }), lstm(4), dense(2), { seed: 3 });
      await net.fit([example], { ...training, optimiser: sgd(0.1), epochs: 1 });
      return net.parameters().filter(({ path }) => !path.includes("embedding"));
    };
    expect(await first(true)).toEqual(await first(false));
  });

  test("alone in a model, and frozen, has nothing to learn", async () => {
    const net = await model(tokens(5), embedding(3, { vectors, frozen: true }));
    const target = {
      inputs,
      targets: [
        [0, 1, 2],
        [0, 0, 0],
      ],
    };
    const { loss: losses } = await net.fit([target], { ...training, epochs: 2 });
    expect(losses[1]).toBe(losses[0]);
    expectSameBits(tableOf(net), vectors.data);
  });

  test.each([
    ["given vectors", { vectors }],
    ["given nothing", {}],
  ])("%s has zeros for its padding, and keeps them", async (_, options) => {
    const net = await model(tokens(5), embedding(3, { ...options, padding: 4 }), lstm(4), dense(2));
    expectSameBits(row(tableOf(net), 4), [0, 0, 0]);
    await net.fit([example], training);
    expectSameBits(row(tableOf(net), 4), [0, 0, 0]);
    expect(row(tableOf(net), 1)).not.toEqual(row(vectors.data, 1));
  });

  test("is saved with what it is, and its vectors as its weight", async () => {
    const net = await model(tokens(5), embedding(3, { vectors, frozen: true, padding: 0 }), dense(2));
    const again = await load(net.save());
    expect(again.definition!.layers[0]).toEqual({ layer: "embedding", units: 3, frozen: true, padding: 0 });
    expectSameBits(tableOf(again), tableOf(net));
    await again.fit([example], training);
    expectSameBits(tableOf(again), tableOf(net));
  });

  test("takes the vectors of words for its vocabulary, and their mean where there are none", async () => {
    const words = await wordVectors(
      ["sea", "ship", "law"],
      tensor(Float32Array.of(1, 2, 3, 6, 9, 9), [3, 2]),
    );
    const table = words.embedding({ symbols: ["<?>", "ship", "sea", "xyz"] });
    expect(table).toEqual({ shape: [4, 2], data: Float32Array.of(2, 4, 3, 6, 1, 2, 2, 4) });
    expect(words.embedding({ symbols: ["none"] }).data).toEqual(new Float32Array(2));
  });

  test.each<[string, Parameters<typeof embedding>[1], string]>([
    [
      "vectors for another number of symbols",
      { vectors: tensor(normals(12, 1), [4, 3]) },
      "0.embedding: expected vectors [5, 3]: a row for each symbol, got [4,3]",
    ],
    ["vectors of another width", { vectors: tensor(normals(20, 1), [5, 4]) }, "got [5,4]"],
    [
      "padding that is no symbol",
      { padding: 5 },
      "0.embedding padding: expected a symbol from 0 to 4, got 5",
    ],
    ["an unknown option", { freeze: true } as object, "only the options vectors, frozen, padding"],
    ["frozen that is no truth", { frozen: 1 } as object, "embedding.frozen: expected true or false, got 1"],
  ])("with %s is refused", async (_, options, message) => {
    const make = async () => model(tokens(5), embedding(3, options));
    await expect(make()).rejects.toThrow(InputError);
    await expect(make()).rejects.toThrow(message);
  });
});
