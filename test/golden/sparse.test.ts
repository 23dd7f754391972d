/** A sparse embedding learns what PyTorch's sparse optimisers give, and what lazy Adam gives in float64. */
import { describe, test } from "vitest";
import {
  adagrad,
  adam,
  adamw,
  crossEntropy,
  dense,
  type Model,
  model,
  type Optimiser,
  sgd,
  sparseEmbedding,
  squaredError,
  tensor,
  tokens,
} from "../../ts/index.js";
import { expectClose, expectSameBits } from "../reference/compare.js";
import { indices, normals } from "../reference/draw.js";
import { lazyAdam } from "../reference/optimisers.js";
import golden from "./torch/sparse.json" with { type: "json" };
import { modelFile, optimiserOptions, ours } from "./torch.js";

const tableOf = (net: Model) => net.parameters()[0]!.data;

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
    expectClose(tableOf(net), table.data, 2e-6);
    expectSameBits(tableOf(net).slice(24), golden.table.data.slice(24));
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
        const table = Float64Array.from(tableOf(net));
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
        expectClose(tableOf(net), table, 3e-6);
      }
    },
  );
});
