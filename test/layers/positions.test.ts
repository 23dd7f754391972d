/** Positions: the paper's waves, learned vectors with their gradients, and how many there are. */
import { describe, expect, test } from "vitest";
import { createEngine } from "../../ts/engine/create.js";
import { features, InputError, model, positions, type Value } from "../../ts/index.js";
import { probe } from "../ops/probe.js";
import { expectClose } from "../reference/compare.js";
import { normalMatrix } from "../reference/draw.js";
import { matrix } from "../reference/matrix.js";

const engine = await createEngine({ memory: 16 });

describe.each([1, 3, 4, 5, 8, 13, 16, 64])("of %i numbers", (width) => {
  const [steps, batch] = [5, 3];
  const x = normalMatrix(steps * batch, width, 1);
  const upstream = normalMatrix(steps * batch, width, 2);

  test("sinusoidal ones are the paper's", () => {
    const record = (value: Value) => [positions(100, { kind: "sinusoidal" })(value)];
    const { outputs, gradients } = probe(engine, { batch, inputs: [x], record, upstream: [upstream] });
    const expected = x.values.map((value, i) => {
      const [column, step] = [i % width, Math.floor(i / width / batch)];
      const angle = step / 10000 ** ((column - (column % 2)) / width);
      return value + (column % 2 === 0 ? Math.sin(angle) : Math.cos(angle));
    });
    expectClose(outputs[0].values, expected, 1e-6);
    expect(gradients[0].values).toEqual(upstream.values);
  });

  test("learned ones are added, and their gradients are sums over the batch", () => {
    const vectors = normalMatrix(9, width, 3);
    const { outputs, gradients, parameters } = probe(engine, {
      batch,
      inputs: [x],
      parameters: new Map([["0.positions.vectors", vectors]]),
      record: (value) => [positions(9)(value)],
      upstream: [upstream],
    });
    const step = (i: number) => Math.floor(i / width / batch) * width + (i % width);
    expectClose(
      outputs[0].values,
      x.values.map((value, i) => value + vectors.values[step(i)]),
      1e-6,
    );
    const sums = matrix(9, width);
    upstream.values.forEach((slope, i) => {
      sums.values[step(i)] += slope;
    });
    expectClose(parameters.get("0.positions.vectors")!.values, sums.values, 1e-6);
    expect(gradients[0].values).toEqual(upstream.values);
  });
});

test("more steps than positions are refused", async () => {
  const net = await model(features(1), positions(3));
  expect((await net.predict([[1], [2], [3]])).shape).toEqual([1, 3, 1]);
  await expect(net.predict([[1], [2], [3], [4]])).rejects.toThrow(InputError);
});
