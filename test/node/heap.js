/** Measures the heap of a fresh process while the built library works: run with --expose-gc, prints JSON. */
import { adam, crossEntropy, dense, embedding, lstm, model, tokens, windows } from "recurra";

const collect = /** @type {() => void} */ (globalThis.gc);
const heap = () => process.memoryUsage().heapUsed;
const net = await model(tokens(11), embedding(8), lstm(16), dense(11));

const stream = net.stream();
/** @param {number} steps */
const run = (steps) => {
  for (let i = 0; i < steps; i++) stream.step(i % 11);
};
run(50_000);
run(100_000);
collect();
const before = heap();
run(100_000);
const stepping = (heap() - before) / 100_000;

const ids = Uint32Array.from({ length: 401 }, (_, i) => (i * 7) % 11);
const examples = windows(ids, { batch: 2, steps: 4 });
/** @type {number[]} */
const heaps = [];
/** @type {number[]} */
const engine = [];
for await (const { step } of net.train(examples, {
  loss: crossEntropy(),
  optimiser: adam(0.001),
  steps: 60_000,
})) {
  if (step % 5000 !== 4999) continue;
  collect();
  heaps.push(heap());
  engine.push(net.memory);
}
const training = (Math.min(...heaps.slice(-2)) - /** @type {number} */ (heaps[5])) / 30_000;
console.log(
  JSON.stringify({
    stepping,
    training,
    engine: engine.map((bytes) => bytes - /** @type {number} */ (engine[0])),
  }),
);
