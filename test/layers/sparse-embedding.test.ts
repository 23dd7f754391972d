/** A sparse embedding learns the rows that a batch touches, and leaves the others alone. */
import { describe, expect, test } from "vitest";
import {
  adam,
  adamw,
  averaged,
  crossEntropy,
  diagnose,
  embedding,
  InputError,
  load,
  model,
  quantise,
  sgd,
  sparseEmbedding,
  squaredError,
  tensor,
  tokens,
} from "../../ts/index.js";
import { expectClose, expectSameBits } from "../reference/compare.js";
import { normals } from "../reference/draw.js";
import { dataOf, flat, here, make, optimisers, row } from "./sparse.js";

describe("a symbol that does not come", () => {
  test.each(Object.entries(optimisers))("stays as it is with %s", async (_, optimiser) => {
    const net = await make();
    const before = dataOf(net);
    await net.fit(here, { loss: crossEntropy(), optimiser: optimiser(), l1: 0.01, epochs: 3 });
    for (const symbol of [5, 6]) expectSameBits(row(dataOf(net), symbol, 5), row(before, symbol, 5));
    for (const symbol of [0, 1, 2, 3, 4]) {
      expect(row(dataOf(net), symbol, 5)).not.toEqual(row(before, symbol, 5));
    }
  });

  test("keeps its moments: after a rest it goes on as if there had been none", async () => {
    const tables = [];
    for (const rest of [[], [here[1]!]]) {
      const net = await model(tokens(7), sparseEmbedding(5), { seed: 3 });
      const wanted = (inputs: number[][]) =>
        tensor(normals(inputs[0]!.length * 5, 8), [1, inputs[0]!.length, 5]);
      const batches = [[[0, 3]], ...rest.map(() => [[1, 2]]), [[0, 3]]].map((inputs) => ({
        inputs,
        targets: wanted(inputs),
      }));
      await net.fit(batches, { loss: squaredError(), optimiser: sgd(0.1, { momentum: 0.9 }) });
      tables.push(row(dataOf(net), 0, 5));
    }
    expectSameBits(tables[1]!, tables[0]!);
  });

  test("is not touched by steps past the length of a row", async () => {
    const net = await make();
    const before = dataOf(net);
    const example = {
      inputs: [
        [1, 2, 0],
        [3, 0, 0],
      ],
      targets: [
        [2, 3, 0],
        [1, 0, 0],
      ],
      lengths: [2, 1],
    };
    await net.fit([example], { loss: crossEntropy(), optimiser: adamw(0.1, { decay: 0.5 }), epochs: 3 });
    expectSameBits(row(dataOf(net), 0, 5), row(before, 0, 5));
    expect(row(dataOf(net), 3, 5)).not.toEqual(row(before, 3, 5));
  });

  test("moves in the average all the same, towards where it is", async () => {
    const net = await make();
    const before = row(dataOf(net), 6, 5);
    await net.fit(here, { loss: crossEntropy(), optimiser: adam(0.1), average: 0.5 });
    expectClose(await averaged(net, () => row(dataOf(net), 6, 5)), before, 1e-6);
  });
});

test("padding is zeros and stays so, whoever it stands between", async () => {
  const nets = [];
  for (const layer of [sparseEmbedding, embedding]) {
    const net = await make((units) => layer(units, { padding: 0 }));
    await net.fit(here, { loss: crossEntropy(), optimiser: sgd(1), epochs: 2 });
    nets.push(net);
  }
  expectSameBits(row(dataOf(nets[0]!), 0, 5), [0, 0, 0, 0, 0]);
  expectClose(flat(nets[0]!), flat(nets[1]!), 1e-6);
});

test("a diagnosis finds in it what it finds in a dense embedding", async () => {
  const [sparse, dense] = [await make(), await make(embedding)];
  const options = { loss: crossEntropy(), optimiser: sgd(0.1), steps: 3 };
  const [found, wanted] = [await diagnose(sparse, here, options), await diagnose(dense, here, options)];
  expectClose(found.gradientNorms, wanted.gradientNorms, 1e-6);
  for (const [index, { gradientNorm, updateRatio, dead }] of found.layers.entries()) {
    const other = wanted.layers[index]!;
    expectClose([gradientNorm, updateRatio, dead], [other.gradientNorm, other.updateRatio, other.dead], 1e-6);
  }
});

test("is saved, loaded and quantised as what it is", async () => {
  const vectors = tensor(normals(7 * 5, 1), [7, 5]);
  const net = await make((units) => sparseEmbedding(units, { vectors, padding: 6 }));
  const again = await load(net.save());
  expect(again.definition!.layers[0]).toEqual({ layer: "sparseEmbedding", units: 5, padding: 6 });
  expectSameBits(dataOf(again), dataOf(net));
  const before = row(dataOf(again), 5, 5);
  await again.fit(here, { loss: crossEntropy(), optimiser: adamw(0.1, { decay: 0.5 }) });
  expectSameBits(row(dataOf(again), 5, 5), before);
  const { model: small } = await quantise(net);
  const [{ data: rounded }, { data: exact }] = [await small.predict([[1, 2]]), await net.predict([[1, 2]])];
  expect(Math.max(...rounded.map((x, i) => Math.abs(x - exact[i]!)))).toBeLessThan(0.05);
});

test.each([
  ["frozen", { frozen: true }, "sparseEmbedding: expected only the options vectors, padding, got frozen"],
  [
    "padding that is no symbol",
    { padding: 7 },
    "0.sparseEmbedding padding: expected a symbol from 0 to 6, got 7",
  ],
])("with %s it is refused", async (_, options, message) => {
  const make = async () => model(tokens(7), sparseEmbedding(5, options as object));
  await expect(make()).rejects.toThrow(InputError);
  await expect(make()).rejects.toThrow(message);
});
