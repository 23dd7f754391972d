/** The recurrent node tests of the onnx package: every one, at every version of its operator, each of its outputs. */
import { describe, expect, test } from "vitest";
import { fromOnnx } from "../../ts/onnx/index.js";
import golden from "../golden/onnx/official.json" with { type: "json" };
import { bytesOf, type Numbers, toOnnx, toOurs } from "./run.js";

const { cases } = golden as unknown as {
  cases: {
    name: string;
    models: { version: number; bytes: string }[];
    inputs: Record<string, Numbers>;
    outputs: Record<string, Numbers>;
  }[];
};

test("there are eighteen", () => {
  expect(cases.length).toBe(18);
});

describe.each(cases)("$name", ({ models, inputs, outputs }) => {
  test.each(models)("of version $version", async ({ bytes }) => {
    const { X, ...weights } = inputs;
    const constants = Object.fromEntries(
      Object.entries(weights).map(([name, { shape, data }]) => [
        name,
        { shape, data: Float32Array.from(data) },
      ]),
    );
    for (const [output, { shape, data }] of Object.entries(outputs)) {
      const made = await fromOnnx(bytesOf(bytes), { output, constants, memory: 16 });
      expect(made.input.name).toBe("X");
      const predicted = await made.model.predict(toOurs(X!, made.input.axes));
      const actual = toOnnx(predicted, made.output.axes);
      expect(made.output.axes.length).toBe(shape.length);
      expect(actual.length).toBe(data.length);
      const worst = Math.max(...actual.map((value, i) => Math.abs(value - data[i]!)));
      expect(worst, output).toBeLessThan(1e-6);
    }
  });
});
