/** Tokens are hidden as the paper says, by seed and epoch alone, and can be found by a small model. */
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  adam,
  batches,
  crossEntropy,
  dense,
  embedding,
  InputError,
  layerNorm,
  maskedTokens,
  model,
  positions,
  random,
  tensor,
  tokens,
  transformerEncoder,
} from "../../ts/index.js";

const ids = (rows: number, steps: number, seed: number) => {
  const { integer } = random(seed);
  return tensor(
    Uint32Array.from({ length: rows * steps }, () => 3 + integer(97)),
    [rows, steps],
  );
};

test("of many tokens 15 % are to be found: 80 % of them hidden, 10 % others, 10 % themselves", () => {
  const inputs = ids(200, 100, 1);
  const [batch] = [...maskedTokens([{ inputs }], { tokens: 100, mask: 0, special: [1, 2], seed: 1 })];
  const counts = { found: 0, hidden: 0, same: 0, other: 0 };
  for (const [at, token] of inputs.data.entries()) {
    const [read, target] = [batch.inputs.data[at], batch.targets.data[at]];
    if (target === 0) {
      expect(read).toBe(token);
      continue;
    }
    expect(target).toBe(token);
    counts.found++;
    counts[read === 0 ? "hidden" : read === token ? "same" : "other"]++;
    expect([1, 2]).not.toContain(read);
  }
  expect(Math.abs(counts.found / 20000 - 0.15)).toBeLessThan(0.01);
  expect(Math.abs(counts.hidden / counts.found - 0.8)).toBeLessThan(0.03);
  expect(Math.abs(counts.other / counts.found - 0.1)).toBeLessThan(0.02);
  expect(Math.abs(counts.same / counts.found - 0.1)).toBeLessThan(0.02);
});

test("each epoch hides others", () => {
  const made = maskedTokens([{ inputs: ids(10, 20, 1) }], { tokens: 100, mask: 0, seed: 1 });
  const [[first], [second]] = [[...made], [...made.epoch(1)]];
  expect(second.targets).not.toEqual(first.targets);
});

test("padding and special tokens are never to be found, something always is, and the same by seed and epoch", () => {
  const batch = fc.integer({ min: 1, max: 6 }).chain((steps) =>
    fc.record({
      steps: fc.constant(steps),
      rows: fc.array(fc.array(fc.nat(9), { minLength: steps, maxLength: steps }), {
        minLength: 1,
        maxLength: 4,
      }),
      share: fc.constantFrom(0.001, 0.3, 1),
      seed: fc.nat(),
    }),
  );
  fc.assert(
    fc.property(batch, ({ steps, rows, share, seed }) => {
      rows[0][0] = 5;
      const lengths = rows.map((_, row) => (row === 0 ? steps : 1 + (row % steps)));
      const inputs = tensor(Uint32Array.from(rows.flat()), [rows.length, steps]);
      const made = maskedTokens([{ inputs, lengths }], { tokens: 10, mask: 0, special: [1, 2], share, seed });
      const [[first], [again], [next]] = [[...made.epoch(3)], [...made.epoch(3)], [...made.epoch(4)]];
      expect(again).toEqual(first);
      expect(next.lengths).toBe(lengths);
      let found = 0;
      first.targets.data.forEach((target, at) => {
        if (target === 0) return;
        found++;
        expect(target).toBeGreaterThan(2);
        expect(at % steps).toBeLessThan(lengths[Math.floor(at / steps)]);
      });
      expect(found).toBeGreaterThan(0);
      if (share === 1) expect(next.targets).toEqual(first.targets);
    }),
  );
});

test("a small transformer learns to find hidden tokens of sequences that count", async () => {
  const rows = Array.from({ length: 256 }, (_, row) => {
    const inputs = Array.from({ length: 8 }, (_, step) => 1 + ((row * 5 + step * (1 + (row % 3))) % 12));
    return { inputs, targets: inputs };
  });
  const examples = maskedTokens(batches(rows, { batch: 16, seed: 1 }), { tokens: 13, mask: 0, seed: 2 });
  const net = await model(
    ...([tokens(13), embedding(32), positions(8)] as const),
    transformerEncoder(32, { heads: 4, blocks: 2, norm: "before", activation: "gelu" }),
    ...([layerNorm(), dense(13)] as const),
    { seed: 1, threads: 1 },
  );
  const loss = crossEntropy({ ignore: 0 });
  const before = await net.evaluate(examples, { loss });
  await net.fit(examples, { loss, optimiser: adam(0.003), clip: 1, epochs: 25 });
  expect(before).toBeGreaterThan(2);
  expect(await net.evaluate(examples.epoch(99), { loss })).toBeLessThan(0.8);
});

test.each([
  [{ tokens: 10, mask: 10, seed: 1 }, "maskedTokens.mask"],
  [{ tokens: 10, mask: 0, share: 0, seed: 1 }, "maskedTokens.share"],
  [{ tokens: 2, mask: 0, special: [1], seed: 1 }, "a token that is not special"],
  [{ tokens: 10, mask: 0, seed: -1 }, "maskedTokens.seed"],
])("%j is refused", (options, message) => {
  expect(() => maskedTokens([], options)).toThrow(InputError);
  expect(() => maskedTokens([], options)).toThrow(message);
});

test("batches with nothing to hide, or of another shape, are refused", () => {
  const options = { tokens: 10, mask: 0, seed: 1 };
  const zeros = tensor(new Uint32Array(4), [2, 2]);
  expect(() => [...maskedTokens([{ inputs: zeros }], options)]).toThrow(
    "expected a token that is not special",
  );
  const flat = tensor(Uint32Array.of(1, 2), [2]);
  expect(() => [...maskedTokens([{ inputs: flat }], options)]).toThrow("expected tokens [batch, steps]");
});
