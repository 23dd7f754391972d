/** The node tests of Attention of the onnx package: those without masks of their own pass, and the others are refused. */
import { describe, expect, test } from "vitest";
import { FormatError } from "../../ts/index.js";
import { fromOnnx } from "../../ts/onnx/index.js";
import golden from "../golden/onnx/attention.json" with { type: "json" };
import { bytesOf, type Numbers, toOnnx, toOurs } from "./run.js";

interface Floats {
  readonly shape: readonly number[];
  readonly floats: string;
}

const cases = golden.cases as unknown as readonly {
  readonly name: string;
  readonly bytes: string;
  readonly inputs?: Readonly<Record<string, Floats>>;
  readonly output?: Floats;
}[];
const passing = cases.filter(({ inputs }) => inputs);

function numbersOf({ shape, floats }: Floats): Numbers {
  return { shape, data: new Float32Array(bytesOf(floats).buffer) };
}

test("there are 23 of 82 that are rows, heads and a scale, causal or not, in windows or not", () => {
  expect([passing.length, cases.length]).toEqual([23, 82]);
});

test.each(passing)("$name has its numbers", async ({ bytes, inputs, output }) => {
  const made = await fromOnnx(bytesOf(bytes), { memory: 16 });
  const data = Object.fromEntries(
    [made.input, ...made.sources].map(({ name, axes }) => {
      const own = axes.map((extent) => (String(extent).startsWith("steps") ? "steps" : extent));
      return [name, toOurs(numbersOf(inputs![name]!), own)];
    }),
  );
  const actual = toOnnx((await made.model.predict(data as never)) as Numbers, made.output.axes);
  const expected = numbersOf(output!).data;
  expect(actual.length).toBe(expected.length);
  expect(Math.max(...actual.map((value, i) => Math.abs(value - expected[i]!)))).toBeLessThan(1e-6);
});

describe("is refused:", () => {
  const reasons = new RegExp(
    [
      "a mask that hides later steps, or nothing, got another",
      "scores as they are, got a softcap of",
      "whole sequences, got a past",
      "the lengths of the model's own rows, all of which is seen, got a mask besides",
      "a window of some steps to either side, or before the own one, got 1 and 2",
      "1 or 2 axes of indices, got",
    ].join("|"),
  );

  test.each(cases.filter(({ inputs }) => !inputs))("$name", async ({ bytes }) => {
    const made = fromOnnx(bytesOf(bytes));
    await expect(made).rejects.toThrow(FormatError);
    await expect(made).rejects.toThrow(reasons);
  });
});
