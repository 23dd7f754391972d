/** Steps with sparse gradients: those of dense ones wherever all rows are touched, with the same bits each time. */
import { describe, expect, test } from "vitest";
import {
  adam,
  adamw,
  averaged,
  type Clip,
  checkpoint,
  clipEach,
  clipNorm,
  clipValue,
  crossEntropy,
  DivergedError,
  dense,
  embedding,
  inspect,
  type Layer,
  lstm,
  model,
  resume,
  sgd,
  sparseEmbedding,
  type TrainOptions,
  tensor,
  tokens,
} from "../../ts/index.js";
import { add } from "../../ts/ops/add.js";
import { dataOf, everywhere, flat, here, make, optimisers } from "../layers/sparse.js";
import { expectClose, expectSameBits } from "../reference/compare.js";
import { indices } from "../reference/draw.js";

describe("where every symbol comes in every batch, equal to a dense embedding bit for bit:", () => {
  test.each(Object.entries(optimisers))("%s", async (_, optimiser) => {
    // The last symbol never comes: decay would pull at it in the dense table.
    const [sparse, dense] = [await make(), await make(embedding)];
    const results = [];
    for (const net of [sparse, dense]) {
      results.push(await net.fit(everywhere, { loss: crossEntropy(), optimiser: optimiser(), epochs: 4 }));
    }
    expect(results[0]!.loss).toEqual(results[1]!.loss);
    expectSameBits(dataOf(sparse).subarray(0, 30), dataOf(dense).subarray(0, 30));
  });

  test.each<[string, Partial<TrainOptions>]>([
    ["batches that are accumulated", { accumulate: 2 }],
    ["a penalty on absolute weights", { l1: 0.01 }],
    ["a moving average", { average: 0.9 }],
    ["a rate of its own", { groups: [{ parameters: "0", rate: 0.3, decays: false }] }],
    ["a table that is frozen for now", { groups: [{ parameters: "0", rate: 0 }] }],
    ["values that are clipped", { clip: clipValue(0.001) }],
  ])("%s", async (_, options) => {
    const nets = [await make(), await make(embedding)] as const;
    const tables = [];
    for (const net of nets) {
      await net.fit(everywhere, { loss: crossEntropy(), optimiser: adamw(0.01), epochs: 4, ...options });
      const now = dataOf(net);
      tables.push([now, options.average ? await averaged(net, () => dataOf(net)) : now]);
    }
    for (const i of [0, 1]) expectSameBits(tables[0]![i]!.subarray(0, 30), tables[1]![i]!.subarray(0, 30));
    expectSameBits(dataOf(nets[0], "lstm.weightHidden"), dataOf(nets[1], "lstm.weightHidden"));
  });
});

describe("a step of plain gradient descent, whichever symbols come, is that of a dense embedding", () => {
  test.each<[string, number | Clip | undefined]>([
    ["as it is", undefined],
    ["clipped by the norm over all", 0.1],
    ["clipped by another norm", clipNorm(0.1, { order: 3 })],
    ["clipped by the greatest", clipNorm(0.01, { order: Infinity })],
    ["clipped by each parameter", clipEach(0.03)],
    ["clipped by value", clipValue(0.002)],
  ])("%s", async (_, clip) => {
    const [sparse, dense] = [await make(), await make(embedding)];
    const training = { loss: crossEntropy(), optimiser: sgd(1), ...(clip && { clip }), epochs: 2 };
    const norms: number[][] = [];
    for (const net of [sparse, dense]) {
      const all = [];
      for await (const { gradientNorm } of net.train(here, training)) all.push(gradientNorm);
      norms.push(all);
    }
    expectClose(norms[0]!, norms[1]!, 1e-6);
    expectClose(flat(sparse), flat(dense), 1e-6);
  });

  test("with the table frozen by a group, whose gradient then counts for no norm", async () => {
    const norms = [];
    for (const net of [await make(), await make(embedding)]) {
      const groups = [{ parameters: "0", rate: 0 }];
      const { gradientNorm } = (
        await net.train(here, { loss: crossEntropy(), optimiser: sgd(1), groups }).next()
      ).value!;
      norms.push(gradientNorm);
    }
    expectClose([norms[0]!], [norms[1]!], 1e-6);
  });

  test("with more rows than are brought together at a time, used twice in a graph", async () => {
    const symbols = 1000;
    const twice = (layer: Layer) => [(ids: Parameters<Layer>[0]) => add(layer(ids), layer(ids))];
    const nets = [];
    for (const layer of [sparseEmbedding(3), embedding(3)]) {
      const net = await model(tokens(symbols), ...twice(layer), dense(2), { seed: 1 });
      const ids = indices(900, symbols, 4);
      const example = {
        inputs: tensor(ids, [9, 100]),
        targets: tensor(
          ids.map((id) => id % 2),
          [9, 100],
        ),
      };
      await net.fit([example], { loss: crossEntropy(), optimiser: sgd(5), epochs: 3 });
      nets.push(net);
    }
    expectSameBits(dataOf(nets[0]!), dataOf(nets[1]!));
  });
});

test.each(Object.entries(optimisers))(
  "a training that is resumed has the same bits with %s",
  async (_, of) => {
    const training = { loss: crossEntropy(), optimiser: of(), average: 0.9, epochs: 4 };
    const whole = await make();
    await whole.fit(here, training);
    let saved: Uint8Array | undefined;
    const first = await make();
    for await (const { step } of first.train(here, training)) if (step === 6) saved = checkpoint(first);
    const second = await model(tokens(7), sparseEmbedding(5), lstm(6), dense(7), { seed: 9 });
    await second.fit(here, { ...training, start: resume(saved!) });
    expectSameBits(flat(second), flat(whole));
  },
);

test("training gives the same bits on one, two and three threads", async () => {
  const results = [];
  for (const threads of [1, 2, 3]) {
    const net = await model(tokens(3000), sparseEmbedding(64), lstm(64), dense(50), { threads, seed: 3 });
    const examples = [1, 2].map((seed) => ({
      inputs: tensor(indices(24 * 16, 3000, seed), [24, 16]),
      targets: tensor(indices(24 * 16, 50, seed + 2), [24, 16]),
    }));
    await net.fit(examples, { loss: crossEntropy(), optimiser: adam(0.01), clip: 0.1, steps: 4 });
    expect(net.threads.count).toBe(threads);
    results.push(flat(net));
    await net.close();
  }
  for (const other of results.slice(1)) expectSameBits(other, results[0]!);
});

test("a step that diverges moves nothing, and the next begins without its rows", async () => {
  const [net, plain] = [await make(), await make()];
  const other = { inputs: [[5, 6, 5]], targets: [[0, 0, 0]] };
  const training = { loss: crossEntropy(), optimiser: adam(0.1) };
  const before = flat(net);
  const broken = net.fit([other], { ...training, optimiser: sgd(1e30) });
  await expect(broken).rejects.toThrow(DivergedError);
  expectSameBits(flat(net), before);
  await net.fit(here, training);
  await plain.fit(here, training);
  expectSameBits(flat(net), flat(plain));
});

test("a look at the gradients between two trainings leaves none behind", async () => {
  const [net, plain] = [await make(), await make()];
  await inspect(net, [[5, 6]], { loss: crossEntropy(), targets: [[1, 2]] });
  const training = { loss: crossEntropy(), optimiser: adam(0.1) };
  await net.fit(here, training);
  await plain.fit(here, training);
  expectSameBits(flat(net), flat(plain));
});
