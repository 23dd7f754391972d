// Types of the package under both ways of resolving modules.
import {
  adam,
  crossEntropy,
  dense,
  embedding,
  type Model,
  model,
  type Stream,
  tokens,
  windows,
} from "recurra";
import { parseCsv } from "recurra/csv";
import { model as edge } from "recurra/edge-light";
import { saveFile } from "recurra/node";
import { model as slim } from "recurra/slim";
import { word2vec } from "recurra/words";

const net: Model = await model(tokens(5), embedding(3), dense(5), {
  threads: 1,
  kernels: "/kernels/",
  workerUrl: "/worker.js",
});
const { loss } = await net.fit(windows(Uint32Array.of(1, 2, 3, 4), { batch: 1, steps: 2 }), {
  loss: crossEntropy(),
  optimiser: adam(0.1),
  epochs: 1,
});
const last: number | undefined = loss.at(-1);
const stream: Stream = net.stream();
const row: Float32Array = stream.step(1);
console.log(last, row, parseCsv, saveFile, word2vec, slim, edge);
// @ts-expect-error there is no such layer
await model(tokens(5), "dense");
