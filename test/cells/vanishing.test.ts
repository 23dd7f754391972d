/** Gradients vanish and explode as the lecture notes have it: step by step, in numbers. */
import { expect, test } from "vitest";
import { createEngine } from "../../ts/engine/create.js";
import { activation, rnn } from "../../ts/index.js";
import compound from "../golden/notes/compound.json" with { type: "json" };
import flattening from "../golden/notes/flattening.json" with { type: "json" };
import vanishing from "../golden/notes/vanishing.json" with { type: "json" };
import { probe } from "../ops/probe.js";
import { expectClose } from "../reference/compare.js";
import { type Matrix, matrix } from "../reference/matrix.js";
import { product, transpose } from "../reference/product.js";

const engine = await createEngine({ memory: 16 });

const identity = (size: number) =>
  matrix(
    size,
    size,
    Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0)),
  );

/** The largest singular value: G = JᵀJ, squared again and again, is soon nothing but its largest part. */
function spectralNorm(jacobian: Matrix): number {
  let power = product(transpose(jacobian), jacobian);
  let logarithm = 0;
  for (let share = 0.5; share > 1e-12; share /= 2) {
    const size = Math.hypot(...power.values);
    logarithm += share * Math.log(size);
    const scaled = matrix(
      power.rows,
      power.columns,
      power.values.map((value) => value / size),
    );
    power = product(scaled, scaled);
  }
  return Math.exp(logarithm);
}

/** Norms of ds(t) / ds(0) of a network without a bias, after each step of these inputs. */
function jacobianNorms(
  name: "sigmoid" | "tanh",
  weightHidden: Matrix,
  inputs: readonly (readonly number[])[],
): number[] {
  const steps = inputs.length;
  const units = weightHidden.rows;
  const batch = steps * units; // a row for each unit of each step: its gradient is a row of that step's Jacobian
  const upstream = matrix(steps * batch, units);
  for (let row = 0; row < batch; row++) {
    upstream.values[(Math.floor(row / units) * batch + row) * units + (row % units)] = 1;
  }
  const { gradients } = probe(engine, {
    batch,
    inputs: [
      matrix(
        steps * batch,
        units,
        inputs.flatMap((input) => Array(batch).fill(input).flat()),
      ),
      matrix(batch, units),
    ],
    parameters: new Map([
      ["0.rnn.weightInput", identity(units)],
      ["0.rnn.weightHidden", weightHidden],
    ]),
    record: (x, initial) => [rnn(units, { activation: name, bias: false }).sequence(x, [initial]).output],
    upstream: [upstream],
  });
  return inputs.map((_, step) => {
    const from = step * units * units;
    return spectralNorm(matrix(units, units, gradients[1].values.subarray(from, from + units * units)));
  });
}

const { orthogonal, noise, series } = vanishing;

test.each(Object.entries(series))("the Jacobian's norms of %s over 20 steps", (name, expected) => {
  const [activation, gain] = name.split("_gain");
  const weight = matrix(
    16,
    16,
    orthogonal.flat().map((value) => value * Number(gain)),
  );
  const norms = jacobianNorms(activation as "tanh", transpose(weight), noise);
  norms.forEach((norm, step) => {
    expect(Math.abs(norm / expected[step] - 1), `step ${step}: ${norm}`).toBeLessThan(1e-4);
  });
});

test("a sigmoid's gradient is below a millionth after 10 steps, and a tanh's with a gain of 1.5 grows at first", () => {
  expect(series["sigmoid_gain0.9"][9]).toBeLessThan(1e-6);
  expect(series["tanh_gain1.5"][1]).toBeGreaterThan(series["tanh_gain1.5"][0]);
});

test.each(compound.value_after)(
  "a state that keeps 97 cents of every euro has $v after $n steps",
  ({ n, v }) => {
    const { outputs, gradients } = probe(engine, {
      batch: 1,
      inputs: [matrix(n, 1), matrix(1, 1, [1])],
      parameters: new Map([["0.rnn.weightHidden", matrix(1, 1, [0.97])]]),
      record: (x, initial) => [
        rnn(1, { activation: "identity", bias: false }).sequence(x, [initial]).states[0],
      ],
      upstream: [matrix(1, 1, [1])],
    });
    expectClose(outputs[0].values, [v], 1e-5);
    expectClose(gradients[1].values, [v], 1e-5); // and so has its gradient
  },
);

test("sigmoids upon sigmoids become flat", () => {
  const { x, iterates, slope_at_0 } = flattening;
  const depths = slope_at_0.map((_, index) => index + 1);
  const at0 = x.indexOf(0);
  for (const depth of depths) {
    const { outputs, gradients } = probe(engine, {
      batch: 1,
      inputs: [matrix(x.length, 1, x)],
      record: (x) => [Array.from({ length: depth }).reduce((y: typeof x) => activation("sigmoid")(y), x)],
      upstream: [matrix(x.length, 1, Array(x.length).fill(1))],
    });
    expectClose(outputs[0].values, iterates[depth], 1e-6);
    expectClose([gradients[0].values[at0]], [slope_at_0[depth - 1]], 1e-6);
  }
});
