/** The weights of attention can be looked at. */
import { expect, test } from "vitest";
import {
  attention,
  dense,
  embedding,
  features,
  inputs,
  inspectAttention,
  lstm,
  model,
  multiHeadAttention,
  type Named,
  tokens,
  type Value,
} from "../../ts/index.js";

test("every attention shows which steps of its source it looks at, and none of its padding", async () => {
  const [own, across] = [multiHeadAttention(6, { heads: 2, causal: true }), attention({ units: 5 })];
  const net = await model(
    inputs({ target: features(3), source: tokens(5) }),
    (x: Value, { source }: Named<Value>) => across.over(own(dense(6)(x)), lstm(4)(embedding(4)(source!))),
    { threads: 1 },
  );
  const target = [0, 1].map((row) => [1, 2, 3].map((step) => [row, step, 1]));
  const source = [
    [1, 2, 3, 4, 0],
    [4, 3, 0, 0, 0],
  ];
  const lengths = { source: [4, 2] };
  const before = await net.predict({ target, source }, { lengths });
  const seen = await inspectAttention(net, { target, source }, { lengths });
  expect(seen.map(({ path, own, weights }) => [path, own, weights.shape])).toEqual([
    ["1.multiHeadAttention", true, [2, 2, 3, 3]],
    ["4.attention", false, [2, 1, 3, 5]],
  ]);
  for (const [index, { weights }] of seen.entries()) {
    const [, heads, steps, sources] = weights.shape;
    for (let row = 0; row < weights.data.length / sources; row++) {
      const shares = weights.data.subarray(row * sources, (row + 1) * sources);
      const [batchRow, step] = [Math.floor(row / heads / steps), row % steps];
      const end = index === 0 ? step + 1 : lengths.source[batchRow];
      expect(Math.abs(shares.reduce((sum, share) => sum + share, 0) - 1)).toBeLessThan(1e-6);
      for (const [s, share] of shares.entries()) expect(share > 0, `${s}`).toBe(s < end);
    }
  }
  expect(await net.predict({ target, source }, { lengths })).toEqual(before);
  expect(await inspectAttention(await model(features(2), dense(1)), [[1, 2]])).toEqual([]);
});
