/** What tests of sparse embeddings share: texts, models, and optimisers with all that they can do. */
import {
  adadelta,
  adagrad,
  adam,
  adamax,
  adamw,
  dense,
  type Example,
  type Layer,
  lion,
  lstm,
  type Model,
  model,
  nadam,
  type Optimiser,
  radam,
  rmsprop,
  sgd,
  sparseEmbedding,
  tokens,
} from "../../ts/index.js";

export const dataOf = (net: Model, name = "mbedding.weight") =>
  net.parameters().find(({ path }) => path.endsWith(name))!.data;
export const flat = (net: Model) => Float32Array.from(net.parameters().flatMap(({ data }) => [...data]));
export const row = (table: Float32Array, symbol: number, units: number) =>
  table.slice(units * symbol, units * (symbol + 1));

export const optimisers: Record<string, () => Optimiser> = {
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

/** Text in which every symbol but the last comes in every batch, in another order each time and some twice. */
export const everywhere: Example[] = [
  [0, 1, 2, 3, 4, 5, 5, 0],
  [5, 3, 1, 0, 2, 4, 2, 1],
  [4, 0, 5, 5, 3, 1, 2, 2],
].map((ids) => ({ inputs: [ids.slice(0, 4), ids.slice(4)], targets: [ids.slice(4), ids.slice(0, 4)] }));

/** Text in which symbols stay away. */
export const here: Example[] = [
  { inputs: [[0, 1, 1]], targets: [[1, 2, 3]] },
  { inputs: [[2, 1, 4]], targets: [[0, 0, 5]] },
  { inputs: [[0, 3, 0]], targets: [[5, 4, 1]] },
];

export const make = (layer: (units: number) => Layer = sparseEmbedding, threads = 1) =>
  model(tokens(7), layer(5), lstm(6), dense(7), { seed: 3, threads });
