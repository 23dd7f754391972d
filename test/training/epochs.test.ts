/** A model trains on batches in the order of each epoch, and padded rows teach it what they would alone. */
import { expect, test } from "vitest";
import {
  adam,
  batches,
  crossEntropy,
  dense,
  embedding,
  features,
  gru,
  last,
  lstm,
  type Model,
  model,
  type PaddedBatch,
  prefetch,
  type Row,
  random,
  squaredError,
  tokens,
  windows,
} from "../../ts/index.js";

const { integer } = random(3);
/** Is there more of 1 than of 2? Each sequence of its own length. */
const rows: Row[] = Array.from({ length: 50 }, () => {
  const inputs = Uint32Array.from({ length: 1 + integer(12) }, () => 1 + integer(2));
  return { inputs, targets: inputs.filter((id) => id === 1).length > inputs.length / 2 ? 1 : 0 };
});
const options = { loss: crossEntropy(), optimiser: adam(0.02) };
const small = () => model(tokens(3), embedding(4), lstm(8), last(), dense(2), { seed: 1 });

function bits(net: Model): number[] {
  return net.parameters().flatMap(({ data }) => [...new Uint32Array(data.buffer)]);
}

test("each epoch has its own order, which is a function of its number: the passes one by one give the same bits", async () => {
  const set = batches(rows, { batch: 8, seed: 7, buckets: 2 });
  const [whole, ahead, parts] = [await small(), await small(), await small()];
  await whole.fit(set, { ...options, epochs: 3 });
  await ahead.fit(prefetch(set), { ...options, epochs: 3 });
  const order: PaddedBatch[] = [0, 1, 2].flatMap((epoch) => [...set.epoch(epoch)]);
  expect(order.map(({ rows }) => [...rows]).slice(0, set.length)).not.toEqual(
    order.map(({ rows }) => [...rows]).slice(set.length, 2 * set.length),
  );
  await parts.fit(order, options);
  expect(bits(whole)).toEqual(bits(parts));
  expect(bits(ahead)).toEqual(bits(parts));
});

test("the mean loss does not depend on batches, buckets and padding", async () => {
  const net = await small();
  const alone = await net.evaluate(batches(rows, { batch: 1, buckets: 99 }), options);
  for (const [batch, buckets] of [
    [50, 1],
    [7, 1],
    [7, 3],
    [16, 5],
  ] as const)
    expect(await net.evaluate(batches(rows, { batch, buckets }), options)).toBeCloseTo(alone, 6);
});

test("windows of numbers carry the state: their loss is that of the whole series at once", async () => {
  const series = Array.from({ length: 90 }, () => [integer(3) - 1, integer(3) - 1]);
  let sum = 0;
  const targets = series.map(([x]) => {
    sum = (sum + x) / 2;
    return [sum];
  });
  const net = await model(features(2), lstm(6), dense(1), { seed: 1 });
  const short = { loss: squaredError(), optimiser: adam(0.02), epochs: 20 };
  const { loss: losses } = await net.fit(windows(series, { batch: 3, steps: 7, targets }), short);
  expect(losses.at(-1)!).toBeLessThan(losses[0]! / 2);
  const whole = await net.evaluate([{ inputs: [series], targets: [targets] }], { loss: squaredError() });
  for (const steps of [1, 7, 90])
    expect(
      await net.evaluate(windows(series, { batch: 1, steps, targets }), { loss: squaredError() }),
    ).toBeCloseTo(whole, 6);
});

test("rows of weight 0 teach nothing", async () => {
  const [with0, without] = [await small(), await small()];
  const wrong = rows.slice(0, 20).map((row) => ({ ...row, targets: 1 - (row.targets as number), weight: 0 }));
  await with0.fit(batches([...rows, ...wrong], { batch: rows.length + 20 }), { ...options, epochs: 3 });
  await without.fit(batches(rows, { batch: rows.length }), { ...options, epochs: 3 });
  const before = without.parameters();
  for (const [i, { data }] of with0.parameters().entries())
    for (const [j, value] of data.entries()) expect(value).toBeCloseTo(before[i].data[j], 4);
});

test("it learns from buckets what sequences of many lengths have in common", async () => {
  const net = await model(tokens(3), embedding(4), gru(8), last(), dense(2), { seed: 1 });
  await net.fit(batches(rows, { batch: 10, seed: 1, buckets: 3 }), { ...options, epochs: 60 });
  expect(await net.evaluate(batches(rows, { batch: 10 }), options)).toBeLessThan(0.1);
});
