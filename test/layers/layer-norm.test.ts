/** Layer normalisation is PyTorch's, at any width and with or without a gain and a shift. */
import { describe, expect, test } from "vitest";
import { createEngine } from "../../ts/engine/create.js";
import { dense, features, layerNorm, load, model, tokens } from "../../ts/index.js";
import golden from "../golden/torch/layer-norm.json" with { type: "json" };
import { probe } from "../ops/probe.js";
import { expectAllClose, expectSameBits } from "../reference/compare.js";
import { normalMatrix, normals } from "../reference/draw.js";
import { type Matrix, matrix } from "../reference/matrix.js";
import { Tape } from "../reference/tape.js";

const engine = await createEngine({ memory: 32 });

test.each(golden.cases)("$name", ({ config, inputs, params, upstream, outputs, grads }) => {
  const width = config.normalized_shape.reduce((product, size) => product * size, 1);
  const rows = (tensor: { data: number[] }): Matrix => matrix(tensor.data.length / width, width, tensor.data);
  const names = [
    ["weight", "gain"],
    ["bias", "shift"],
  ] as const;
  const learned: Partial<Record<string, { data: number[] }>> = params;
  const slopes: Partial<Record<string, { data: number[] }>> = grads;
  const x = rows(inputs.x);
  const result = probe(engine, {
    batch: x.rows,
    inputs: [x],
    parameters: new Map(
      names.flatMap(([theirs, ours]) => {
        const values = learned[theirs];
        return values ? [[`0.layerNorm.${ours}`, rows(values)]] : [];
      }),
    ),
    record: (x) => [layerNorm({ epsilon: config.eps, affine: learned.weight !== undefined })(x)],
    upstream: [rows(upstream.G)],
  });
  expectAllClose(
    [
      ["y", result.outputs[0]!.values, outputs.y.data],
      ["dx", result.gradients[0]!.values, grads.x.data],
      ...names.flatMap(([theirs, ours]): [string, ArrayLike<number>, ArrayLike<number>][] => {
        const expected = slopes[theirs];
        return expected ? [[ours, result.parameters.get(`0.layerNorm.${ours}`)!.values, expected.data]] : [];
      }),
    ],
    1e-6,
  );
});

describe.each([3, 4, 5, 8, 13, 16, 17, 64])("of width %i", (width) => {
  test("it is the tape's, forward and backward, and leaves zeros past the width", () => {
    const x = normalMatrix(10, width, 1, 3);
    const slope = normalMatrix(10, width, 2);
    const tape = new Tape();
    const variable = tape.variable(x, 5);
    const y = tape.normalise(variable);
    tape.backward([y], [slope]);
    const result = probe(engine, {
      batch: 5,
      inputs: [x],
      record: (x) => [layerNorm({ affine: false })(x)],
      upstream: [slope],
    });
    expectAllClose(
      [
        ["y", result.outputs[0]!.values, y.value.values],
        ["dx", result.gradients[0]!.values, variable.gradient.values],
      ],
      2e-6,
    );
  });
});

test("numbers that are all the same come out as the shift", async () => {
  const net = await model(features(5), layerNorm());
  const { data } = await net.predict([[3, 3, 3, 3, 3]]);
  expect([...data]).toEqual([0, 0, 0, 0, 0]);
});

test("it is saved and loaded with its options", async () => {
  const net = await model(features(4), dense(5), layerNorm({ epsilon: 0.1 }), layerNorm({ affine: false }));
  const again = await load(net.save());
  expect(again.definition).toEqual(net.definition);
  const x = [[...normals(4, 1)]];
  expectSameBits((await again.predict(x)).data, (await net.predict(x)).data);
});

test("what it cannot do is refused", async () => {
  expect(() => layerNorm({ epsilon: 0 })).toThrow(/layerNorm.epsilon: expected a number above 0/);
  expect(() => layerNorm({ eps: 1 } as object)).toThrow(/only the options/);
  await expect(model(tokens(3), layerNorm())).rejects.toThrow(/expected rows of numbers/);
});
