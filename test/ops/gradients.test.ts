/** The gradient of every parameter of whole networks: the reference's by central differences, the engine's by the reference. */
import { describe, expect, test } from "vitest";
import { createEngine } from "../../ts/engine/create.js";
import { dense } from "../../ts/layers/dense.js";
import { dropout } from "../../ts/layers/dropout.js";
import { embedding } from "../../ts/layers/embedding.js";
import { features, type Input, tokens } from "../../ts/layers/input.js";
import type { Layer } from "../../ts/layers/layer.js";
import { lstm } from "../../ts/layers/recurrent.js";
import { expectAllClose, expectClose } from "../reference/compare.js";
import { tolerance } from "../reference/network.js";
import { runInReference, runOnEngine } from "./comparison.js";

const engine = await createEngine({ memory: 64 });

const sizes = [1, 3, 5, 8, 13, 64].flatMap((units) => [
  { units, batch: 1, steps: 1 },
  { units, batch: 1, steps: 5 },
  { units, batch: 5, steps: 1 },
  { units, batch: 4, steps: 7 },
]);

type Shape = (units: number) => readonly [Input, ...Layer[]];

const networks: readonly (readonly [string, Shape])[] = [
  ["embedding, dense", (units) => [tokens(7), embedding(units), dense(5)]],
  ["embedding, lstm, dense", (units) => [tokens(7), embedding(5), lstm(units), dense(17)]],
  ["features, lstm, dense", (units) => [features(3), lstm(units), dense(4)]],
  ["features, lstm", (units) => [features(units), lstm(units)]],
  ["features, dense without bias", (units) => [features(units), dense(9, { bias: false })]],
  ["features, dense, lstm, lstm, dense", (units) => [features(5), dense(4), lstm(units), lstm(6), dense(3)]],
  [
    "embedding, lstm with two biases, dense",
    (units) => [tokens(7), embedding(4), lstm(units, { biasHidden: true }), dense(5)],
  ],
  [
    "features, lstm, dropout, lstm with two biases, dropout, dense",
    (units) => [
      features(4),
      lstm(5),
      dropout(0.3),
      lstm(units, { biasHidden: true }),
      dropout(0.5),
      dense(5),
    ],
  ],
  [
    "embedding, dropout, dense without bias, dropout, dense",
    (units) => [
      tokens(7),
      embedding(units),
      dropout(0.2),
      dense(units, { bias: false }),
      dropout(0.4),
      dense(6),
    ],
  ],
];

/** At most `most` indices, spread over `count`. */
function spread(count: number, most: number): number[] {
  const stride = Math.ceil(count / most);
  return Array.from({ length: Math.ceil(count / stride) }, (_, i) =>
    Math.min(i * stride + (i % stride), count - 1),
  );
}

describe.each(networks)("%s", (_, shape) => {
  test.each(sizes)("gradients for $units units, $batch rows, $steps steps", ({ units, batch, steps }) => {
    const [input, ...layers] = shape(units);
    const trial = { input, batch, steps };
    const { classes, parameters, ...actual } = runOnEngine(engine, trial, layers);
    const definitions = layers.map(({ definition }) => definition);
    const { lossOf, ...expected } = runInReference(trial, definitions, classes, parameters);

    expectClose(actual.losses, expected.losses, tolerance, "losses");
    expect([...expected.gradients.keys()].sort()).toEqual([...actual.gradients.keys()].sort());
    expectAllClose(
      [...expected.gradients].map(([path, { values }]) => [path, actual.gradients.get(path)!, values]),
      tolerance,
    );

    const step = 1e-6;
    for (const [path, gradient] of expected.gradients) {
      const { values } = parameters.get(path)!;
      for (const i of spread(values.length, 12)) {
        const value = values[i];
        values[i] = value + step;
        const above = lossOf(parameters);
        values[i] = value - step;
        const below = lossOf(parameters);
        values[i] = value;
        const difference = (above - below) / (2 * step);
        const error = Math.abs(gradient.values[i] - difference);
        expect(error, `${path}[${i}]`).toBeLessThanOrEqual(1e-4 * Math.abs(difference) + 1e-9);
      }
    }
  });
});
