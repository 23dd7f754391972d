/** Values that several nodes read, or none: their gradients are added up, and what the loss does not need is left alone. */
import { expect, test } from "vitest";
import { createEngine } from "../../ts/engine/create.js";
import type { Value } from "../../ts/graph/graph.js";
import { dense } from "../../ts/layers/dense.js";
import { features } from "../../ts/layers/input.js";
import { lstm } from "../../ts/layers/recurrent.js";
import { expectClose, expectZeros } from "../reference/compare.js";
import { add, type Matrix, matrix } from "../reference/matrix.js";
import { tolerance } from "../reference/network.js";
import { type Parameters, runInReference, runOnEngine } from "./comparison.js";

const engine = await createEngine({ memory: 16 });
const trial = { input: features(5), batch: 3, steps: 4 };
const layers = [lstm(6), dense(4)].map(({ definition }) => definition);
const recurrent = ["weightInput", "weightHidden", "bias"].map((name) => `0.lstm.${name}`);

/** A node of our own: a + b. */
function sum(a: Value, b: Value): Value {
  const { graph, steps, batch, width, stride } = a;
  const count = steps * batch * stride;
  const output = graph.value({ steps, batch, width });
  return graph.apply({
    inputs: [a, b],
    output,
    forward(emit) {
      emit("add", { a: a.place, b: b.place, y: output.place, count });
    },
    backward({ emit, dOutput, gradient }) {
      for (const input of [a, b]) {
        const target = gradient(input);
        if (target) emit("copy", { from: dOutput, to: target, count });
      }
    },
  });
}

/** The parameters of the plain network of `layers`, with these in its dense layer. */
function withDense(parameters: Parameters, weight: Matrix, bias: Matrix): Parameters {
  return new Map([...parameters, ["1.dense.weight", weight], ["1.dense.bias", bias]]);
}

test("the gradient of a value with two readers is the sum of theirs", () => {
  const actual = runOnEngine(engine, trial, [lstm(6), (hidden) => sum(dense(4)(hidden), dense(4)(hidden))]);
  const { parameters } = actual;
  const both = (name: string) => add(parameters.get(`1.dense.${name}`)!, parameters.get(`2.dense.${name}`)!);
  const expected = runInReference(trial, layers, 4, withDense(parameters, both("weight"), both("bias")));
  expectClose(actual.losses, expected.losses, tolerance);
  for (const path of [...recurrent, "1.dense.weight", "1.dense.bias"]) {
    expectClose(actual.gradients.get(path)!, expected.gradients.get(path)!.values, tolerance, path);
  }
  for (const name of ["weight", "bias"]) {
    expect(actual.gradients.get(`2.dense.${name}`)).toEqual(actual.gradients.get(`1.dense.${name}`));
  }
});

test("a node may read one value twice", () => {
  const actual = runOnEngine(engine, trial, [lstm(6), (hidden) => sum(hidden, hidden), dense(4)]);
  const { parameters } = actual;
  const { rows, columns, values } = parameters.get("1.dense.weight")!;
  const doubled = matrix(
    rows,
    columns,
    values.map((value) => 2 * value),
  );
  const expected = runInReference(
    trial,
    layers,
    4,
    withDense(parameters, doubled, parameters.get("1.dense.bias")!),
  );
  expectClose(actual.losses, expected.losses, tolerance);
  for (const path of [...recurrent, "1.dense.bias"]) {
    expectClose(actual.gradients.get(path)!, expected.gradients.get(path)!.values, tolerance, path);
  }
  const weight = expected.gradients.get("1.dense.weight")!.values.map((value) => 2 * value);
  expectClose(actual.gradients.get("1.dense.weight")!, weight, tolerance);
});

test("what the loss does not depend on has a gradient of zero and changes nothing", () => {
  const actual = runOnEngine(engine, trial, [
    (x) => {
      const hidden = lstm(6)(x);
      const output = dense(4)(hidden);
      lstm(7)(hidden);
      return output;
    },
  ]);
  const expected = runInReference(trial, layers, 4, actual.parameters);
  expectClose(actual.losses, expected.losses, tolerance);
  for (const [path, { values }] of expected.gradients) {
    expectClose(actual.gradients.get(path)!, values, tolerance, path);
  }
  for (const [path, gradient] of actual.gradients) {
    if (path.startsWith("2.")) expectZeros(gradient, path);
  }
});
