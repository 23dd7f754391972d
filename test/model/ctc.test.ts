/** Connectionist temporal classification: every path counts, no loss or gradient is ever not a number. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createEngine } from "../../ts/engine/create.js";
import {
  adam,
  ctc,
  DivergedError,
  dense,
  features,
  inspect,
  lstm,
  model,
  sgd,
  tensor,
} from "../../ts/index.js";
import { expectClose } from "../reference/compare.js";
import { normals } from "../reference/draw.js";
import { ctcByPaths } from "../reference/losses.js";
import { onOutputs } from "./on-outputs.js";

const engine = await createEngine({ memory: 16 });

interface Row {
  readonly length: number;
  readonly labels: readonly number[];
}

/** Up to three rows of up to six steps over up to four classes, labels and lengths of every kind. */
const trials = fc
  .record({
    steps: fc.integer({ min: 1, max: 6 }),
    classes: fc.integer({ min: 2, max: 4 }),
    batch: fc.integer({ min: 1, max: 3 }),
  })
  .chain((size) =>
    fc.record({
      size: fc.constant(size),
      blank: fc.integer({ min: 0, max: size.classes - 1 }),
      seed: fc.integer({ min: 0, max: 1000 }),
      deviation: fc.constantFrom(0, 1, 5, 30),
      rows: fc.array(
        fc.record({
          length: fc.integer({ min: 0, max: size.steps }),
          labels: fc.array(fc.integer({ min: 1, max: size.classes - 1 }), { maxLength: 5 }),
        }),
        { minLength: size.batch, maxLength: size.batch },
      ),
    }),
  );

test("losses and gradients are those of all paths tried one by one, for up to six steps", () => {
  fc.assert(
    fc.property(trials, ({ size: { steps, classes, batch }, blank, seed, deviation, rows }) => {
      const outputs = tensor(normals(batch * steps * classes, seed, deviation), [batch, steps, classes]);
      const targets = rows.map(({ labels }) => labels.map((label) => (label + blank) % classes));
      const result = onOutputs(engine, ctc({ blank, perLabel: false }), {
        outputs,
        targets,
        lengths: rows.map(({ length }) => length),
        slopes: rows.map(() => 1),
      });
      rows.forEach(({ length }: Row, row) => {
        const at = (step: number) => (row * steps + step) * classes;
        const given = Array.from({ length }, (_, step) => outputs.data.slice(at(step), at(step + 1)));
        const expected = ctcByPaths(given, targets[row], blank);
        if (expected.loss === Infinity) expect(result.losses[row]).toBe(Infinity);
        else
          expect(Math.abs(result.losses[row] - expected.loss)).toBeLessThanOrEqual(
            1e-5 * (1 + expected.loss),
          );
        const gradient = result.gradient.slice(at(0), at(steps));
        gradient.forEach((slope, i) => {
          expect(Math.abs(slope - (expected.gradient[i] ?? 0)), `slope ${i}`).toBeLessThanOrEqual(2e-5);
        });
      });
    }),
    { seed: 5, numRuns: 300 },
  );
});

test("the gradient is that of central differences", () => {
  const [steps, classes] = [5, 4];
  const outputs = tensor(normals(steps * classes, 7), [1, steps, classes]);
  const { gradient } = onOutputs(engine, ctc(), { outputs, targets: [[1, 3, 3]] });
  const rows = (data: Float64Array) =>
    Array.from({ length: steps }, (_, t) => data.subarray(t * classes, (t + 1) * classes));
  const values = Float64Array.from(outputs.data);
  const differences = Array.from(values, (value, i) => {
    const [above, below] = [1e-6, -1e-6].map((step) => {
      values[i] = value + step;
      return ctcByPaths(rows(values), [1, 3, 3], 0).loss / 3;
    });
    values[i] = value;
    return (above - below) / 2e-6;
  });
  expectClose(gradient, differences, 1e-5);
});

describe("labels that no path gives", () => {
  const example = {
    outputs: tensor(normals(2 * 3 * 3, 1), [2, 3, 3]),
    targets: [
      [1, 1, 2],
      [1, 2],
    ],
    slopes: [0.5, 0.5],
  };

  test("cost infinitely much, or nothing, and have no gradient", () => {
    for (const [impossible, cost] of [
      ["infinite", Infinity],
      ["zero", 0],
    ] as const) {
      const { losses, gradient } = onOutputs(engine, ctc({ impossible }), example);
      expect(losses[0]).toBe(cost);
      expect(losses[1]).toBeGreaterThan(0);
      expect(gradient.slice(0, 9)).toEqual(new Float32Array(9));
      expect(gradient.slice(9).some((slope) => slope !== 0)).toBe(true);
    }
  });

  test("stop training, or are left out of it", async () => {
    const net = await model(features(2), dense(3));
    const examples = [{ inputs: tensor(normals(12, 2), [2, 3, 2]), targets: example.targets }];
    await expect(net.fit(examples, { loss: ctc(), optimiser: sgd(0.1) })).rejects.toThrow(DivergedError);
    const { loss } = await net.fit(examples, { loss: ctc({ impossible: "zero" }), optimiser: sgd(0.1) });
    expect(loss[0]).toBeGreaterThan(0);
  });

  test("and do not count, because of a weight of 0, cost nothing", () => {
    const { losses, gradient } = onOutputs(engine, ctc(), { ...example, slopes: [0, 1] });
    expect(losses[0]).toBe(0);
    expect(gradient.slice(0, 9)).toEqual(new Float32Array(9));
  });

  test("are more than the steps of the row, however many the batch has", () => {
    const { losses } = onOutputs(engine, ctc(), {
      ...example,
      targets: [
        [1, 2],
        [1, 2, 1, 2],
      ],
      lengths: [1, 3],
    });
    expect([...losses]).toEqual([Infinity, Infinity]);
  });
});

test("logits of ±1000 give the loss of the one path that counts", () => {
  const high = (c: number) => [0, 1, 2].map((i) => (i === c ? 1000 : -1000));
  const outputs = tensor(Float32Array.from([1, 0, 2, 2].flatMap(high)), [1, 4, 3]);
  const sure = onOutputs(engine, ctc({ perLabel: false }), { outputs, targets: [[1, 2]] });
  expect(sure.loss).toBeCloseTo(0, 6);
  const wrong = onOutputs(engine, ctc({ perLabel: false }), { outputs, targets: [[2, 1]] });
  expect(wrong.loss).toBe(4000);
  for (const { gradient } of [sure, wrong]) expect(gradient.every(Number.isFinite)).toBe(true);
});

test("a thousand steps lose no precision: the gradient of every step sums to 0", () => {
  const [steps, classes] = [1000, 6];
  const outputs = tensor(normals(steps * classes, 3, 2), [1, steps, classes]);
  const labels = Array.from({ length: 200 }, (_, i) => 1 + ((i * i) % 5));
  const { loss, gradient } = onOutputs(engine, ctc({ perLabel: false }), { outputs, targets: [labels] });
  expect(loss).toBeGreaterThan(500);
  for (let t = 0; t < steps; t++) {
    const slopes = gradient.slice(t * classes, (t + 1) * classes);
    expect(Math.abs(slopes.reduce((a, b) => a + b))).toBeLessThan(1e-6);
  }
});

test("rows of a batch do not disturb each other", () => {
  const shape = [5, 7, 4] as const;
  const outputs = tensor(normals(5 * 7 * 4, 9), shape);
  const targets = [[1], [2, 3, 1], [], [3, 3], [1, 2, 3, 1, 2]];
  const lengths = [7, 6, 5, 3, 7];
  const together = onOutputs(engine, ctc(), { outputs, targets, lengths, slopes: [1, 1, 1, 1, 1] });
  targets.forEach((labels, row) => {
    const own = tensor(outputs.data.slice(row * 28, row * 28 + 28), [1, 7, 4]);
    const alone = onOutputs(engine, ctc(), { outputs: own, targets: [labels], lengths: [lengths[row]] });
    expect(alone.losses[0]).toBe(together.losses[row]);
    expect(alone.gradient).toEqual(together.gradient.slice(row * 28, row * 28 + 28));
  });
});

test("inspection shows how the loss reaches back", async () => {
  const net = await model(features(2), lstm(3), dense(3));
  const inputs = tensor(normals(16, 2), [2, 4, 2]);
  const [seen] = await inspect(net, inputs, { loss: ctc(), targets: [[1, 2], [2]], lengths: [4, 3] });
  expect(seen.gradients!.hidden.shape).toEqual([2, 4, 3]);
  expect([...seen.gradients!.norms].every((norm) => norm > 0)).toBe(true);
});

test("a network learns to write labels without being told when", async () => {
  const net = await model(features(3), lstm(16), dense(4), { seed: 2 });
  const rows = 6;
  const inputs = tensor(normals(rows * 12 * 3, 4), [rows, 12, 3]);
  const targets = [[1, 2], [3], [2, 2, 1], [], [1, 3, 2], [3, 1]];
  const { loss: losses } = await net.fit([{ inputs, targets }], {
    loss: ctc(),
    optimiser: adam(0.02),
    epochs: 200,
    clip: 1,
  });
  expect(losses.at(-1)!).toBeLessThan(0.05);
});
