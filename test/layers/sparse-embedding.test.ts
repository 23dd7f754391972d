/** A sparse embedding learns the rows that a batch touches, as PyTorch's SparseAdam does, and leaves the others alone. */
import { describe, expect, test } from "vitest";
import {
  adadelta,
  adagrad,
  adam,
  adamax,
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
  diagnose,
  type Example,
  embedding,
  InputError,
  inspect,
  type Layer,
  lion,
  load,
  lstm,
  type Model,
  model,
  nadam,
  type Optimiser,
  quantise,
  radam,
  resume,
  rmsprop,
  sgd,
  sparseEmbedding,
  squaredError,
  type TrainOptions,
  tensor,
  tokens,
} from "../../ts/index.js";
import { add } from "../../ts/ops/add.js";
import golden from "../golden/torch/sparse.json" with { type: "json" };
import { modelFile, optimiserOptions, ours } from "../golden/torch.js";
import { expectClose, expectSameBits } from "../reference/compare.js";
import { indices, normals } from "../reference/draw.js";
import { lazyAdam } from "../reference/optimisers.js";

const dataOf = (net: Model, name = "mbedding.weight") =>
  net.parameters().find(({ path }) => path.endsWith(name))!.data;
const flat = (net: Model) => Float32Array.from(net.parameters().flatMap(({ data }) => [...data]));
const row = (table: Float32Array, symbol: number, units: number) =>
  table.slice(units * symbol, units * (symbol + 1));

const optimisers: Record<string, () => Optimiser> = {
  sgd: () => sgd(0.1, { momentum: 0.9, nesterov: true, decay: 0.01 }),
  adam: () => adam(0.01, { decay: 0.01 }),
  amsgrad: () => adam(0.01, { amsgrad: true }),
  adamw: () => adamw(0.01, { decay: 0.1 }),
  nadam: () => nadam(0.01),
  radam: () => radam(0.01),
  adamax: () => adamax(0.01),
  rmsprop: () => rmsprop(0.01, { momentum: 0.5, centred: true }),
  adagrad: () => adagrad(0.1, { initial: 0.1 }),
  adadelta: () => adadelta(),
  lion: () => lion(0.01, { decay: 0.1 }),
};

describe("equal to PyTorch", () => {
  const ofTorch: Record<string, (options: { rate: number }) => Optimiser> = {
    SparseAdam: ({ rate, ...options }) => adam(rate, options),
    SGD: ({ rate, ...options }) => sgd(rate, options),
    Adagrad: ({ rate, ...options }) => adagrad(rate, options),
  };

  test.each(Object.entries(golden.cases))("%s", async (name, { options, losses, table }) => {
    const optimiser = ofTorch[name.replace(/_.*/, "")]!(optimiserOptions(options as object));
    const net = await model(tokens(9), sparseEmbedding(3), dense(4));
    net.assign(
      modelFile({
        "0.sparseEmbedding.weight": ours(golden.table, "table"),
        "1.dense.weight": ours(golden.weight, "product"),
        "1.dense.bias": ours(golden.bias, "bias"),
      }),
    );
    const examples = golden.batches.map(({ ids, targets }) => ({ inputs: ids, targets }));
    const { loss } = await net.fit(examples, {
      loss: crossEntropy(),
      optimiser,
      steps: golden.steps,
      groups: [{ parameters: "1.dense", rate: 0 }],
    });
    expectClose(loss, losses, 1e-6);
    expectClose(dataOf(net), table.data, 2e-6);
    expectSameBits(row(dataOf(net), 8, 3), golden.table.data.slice(24));
  });
});

describe("equal to lazy Adam in float64", () => {
  const sizes = [1, 3, 4, 5, 8, 13, 64].map((units) => [units, 40, 30] as const);

  test.each([...sizes, [5, 900, 1500] as const])(
    "of %i units, %i symbols, %i of them a batch",
    async (units, symbols, count) => {
      const settings = [
        [adam(0.01), { rate: 0.01 }],
        [
          adam(0.02, { beta1: 0.8, beta2: 0.9, decay: 0.1 }),
          { rate: 0.02, beta1: 0.8, beta2: 0.9, decay: 0.1 },
        ],
        [adamw(0.01, { decay: 0.3 }), { rate: 0.01, decoupled: 0.3 }],
      ] as const;
      for (const [optimiser, options] of settings) {
        const net = await model(tokens(symbols), sparseEmbedding(units), { seed: 2 });
        const table = Float64Array.from(dataOf(net));
        const update = lazyAdam(units, options);
        const examples = [1, 2, 3].map((seed) => ({
          ids: indices(count, symbols, seed),
          wanted: normals(count * units, seed + 10),
        }));
        const data = examples.map(({ ids, wanted }) => ({
          inputs: tensor(ids, [2, count / 2]),
          targets: tensor(wanted, [2, count / 2, units]),
        }));
        await net.fit(data, { loss: squaredError(), optimiser, epochs: 4 });
        for (let step = 0; step < 12; step++) {
          const { ids, wanted } = examples[step % 3]!;
          const gradients = new Map<number, Float64Array>();
          ids.forEach((id, at) => {
            const sum = gradients.get(id) ?? new Float64Array(units);
            gradients.set(id, sum);
            for (let i = 0; i < units; i++) {
              sum[i]! += ((2 / units) * (table[id * units + i]! - wanted[at * units + i]!)) / count;
            }
          });
          update(table, gradients);
        }
        expectClose(dataOf(net), table, 3e-6);
      }
    },
  );
});

/** Text in which every symbol but the last comes in every batch, in another order each time and some twice. */
const everywhere: Example[] = [
  [0, 1, 2, 3, 4, 5, 5, 0],
  [5, 3, 1, 0, 2, 4, 2, 1],
  [4, 0, 5, 5, 3, 1, 2, 2],
].map((ids) => ({ inputs: [ids.slice(0, 4), ids.slice(4)], targets: [ids.slice(4), ids.slice(0, 4)] }));

/** Text in which symbols stay away. */
const here: Example[] = [
  { inputs: [[0, 1, 1]], targets: [[1, 2, 3]] },
  { inputs: [[2, 1, 4]], targets: [[0, 0, 5]] },
  { inputs: [[0, 3, 0]], targets: [[5, 4, 1]] },
];

const make = (layer: (units: number) => Layer = sparseEmbedding, threads = 1) =>
  model(tokens(7), layer(5), lstm(6), dense(7), { seed: 3, threads });

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
