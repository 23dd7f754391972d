/** Convolutions over the steps: numbers in float64, gradients by central differences, rows of their own length, and sizes. */
import { describe, expect, test } from "vitest";
import { createEngine } from "../../ts/engine/create.js";
import { type Conv1dOptions, conv1d, dense, features, flatten, load, model } from "../../ts/index.js";
import { probe } from "../ops/probe.js";
import { expectClose } from "../reference/compare.js";
import { normalMatrix } from "../reference/draw.js";
import { type Matrix, matrix } from "../reference/matrix.js";

const engine = await createEngine({ memory: 16 });
const batch = 3;

/** The formula as it stands, with the padding of Keras and TensorFlow. */
function convolved(x: Matrix, weight: Matrix, bias: Matrix, options: Conv1dOptions): Matrix {
  const { size, dilation = 1, stride = 1, padding = "causal" } = options;
  const steps = x.rows / batch;
  const reach = (size - 1) * dilation;
  const count =
    padding === "valid" ? Math.floor((steps - reach - 1) / stride) + 1 : Math.ceil(steps / stride);
  const missing = Math.max(0, (count - 1) * stride + reach + 1 - steps);
  const before = { causal: reach, same: Math.floor(missing / 2), valid: 0 }[padding];
  const y = matrix(count * batch, weight.columns);
  for (let t = 0; t < count; t++) {
    for (let row = 0; row < batch; row++) {
      for (let unit = 0; unit < weight.columns; unit++) {
        let sum = bias.values[unit]!;
        for (let k = 0; k < size; k++) {
          const step = t * stride - before + k * dilation;
          if (step < 0 || step >= steps) continue;
          for (let i = 0; i < x.columns; i++) {
            const at = (k * x.columns + i) * weight.columns + unit;
            sum += x.values[(step * batch + row) * x.columns + i]! * weight.values[at]!;
          }
        }
        y.values[(t * batch + row) * y.columns + unit] = sum;
      }
    }
  }
  return y;
}

const variants: readonly Conv1dOptions[] = [
  { size: 1 },
  { size: 3 },
  { size: 2, dilation: 3 },
  { size: 9 },
  { size: 3, padding: "same" },
  { size: 4, padding: "same", dilation: 2 },
  { size: 3, padding: "same", stride: 2 },
  { size: 3, padding: "valid" },
  { size: 2, padding: "valid", stride: 3 },
  { size: 2, stride: 5 },
];

describe.each(variants)("%j", (options) => {
  test.each([
    [1, 1],
    [3, 5],
    [5, 4],
    [13, 8],
    [8, 64],
  ])("of %i columns to %i, and the gradients", (width, units) => {
    const x = normalMatrix(7 * batch, width, 1);
    const weight = normalMatrix(options.size * width, units, 2);
    const bias = normalMatrix(1, units, 3);
    const run = () => convolved(x, weight, bias, options);
    const expected = run();
    const upstream = normalMatrix(expected.rows, units, 4);
    const { outputs, gradients, parameters } = probe(engine, {
      batch,
      inputs: [x],
      parameters: new Map([
        ["0.conv1d.weight", weight],
        ["0.conv1d.bias", bias],
      ]),
      record: (value) => [conv1d(units, options)(value)],
      upstream: [upstream],
    });
    expectClose(outputs[0]!.values, expected.values, 1e-6, "output");
    const loss = () => run().values.reduce((sum, value, i) => sum + value * upstream.values[i]!, 0);
    for (const [name, { values }, found] of [
      ["x", x, gradients[0]!.values],
      ["weight", weight, parameters.get("0.conv1d.weight")!.values],
      ["bias", bias, parameters.get("0.conv1d.bias")!.values],
    ] as const) {
      for (let i = 0; i < values.length; i += Math.ceil(values.length / 7)) {
        const value = values[i]!;
        values[i] = value + 1e-4;
        const above = loss();
        values[i] = value - 1e-4;
        const slope = (above - loss()) / 2e-4;
        values[i] = value;
        expect(Math.abs(found[i]! - slope), `${name}[${i}]`).toBeLessThanOrEqual(
          1e-5 * Math.abs(slope) + 1e-5,
        );
      }
    }
  });
});

const rows = (steps: number) =>
  Array.from({ length: steps }, (_, t) => [((t * 5) % 7) / 7, ((t * 3) % 5) / 5]);

describe.each(["causal", "same"] as const)("with %s padding", (padding) => {
  test("a padded row gives what it gives alone, whatever its padding holds", async () => {
    const net = await model(features(2), dense(3), conv1d(4, { size: 3, padding }), { seed: 2 });
    const alone = await net.predict([rows(3)]);
    const filled = rows(5).map((row, t) => (t < 3 ? row : [9, 9]));
    const { data } = await net.predict([filled, rows(5)], { lengths: [3, 5] });
    expect([...data.subarray(0, 12)]).toEqual([...alone.data]);
  });
});

test("fewer steps than the kernel, or rows of their own length where steps become fewer, are refused", async () => {
  const net = await model(features(2), conv1d(4, { size: 3, padding: "valid" }));
  expect((await net.predict(rows(3))).shape).toEqual([1, 1, 4]);
  await expect(net.predict(rows(2))).rejects.toThrow("0.conv1d frames: expected at least 3 steps, got 2");
  await expect(net.predict([rows(4)], { lengths: [3] })).rejects.toThrow("expected rows of one length");
});

test("a kernel of one step can be streamed, a longer one cannot", async () => {
  const one = await model(features(2), conv1d(4, { size: 1 }));
  const { data } = await one.predict(rows(2));
  const stream = one.stream();
  expect(rows(2).flatMap((row) => [...stream.step(row)])).toEqual([...data]);
  const three = await model(features(2), conv1d(4, { size: 3 }));
  expect(() => three.stream()).toThrow("0.conv1d, which needs whole sequences");
});

test("flatten puts the steps of each row side by side, for just so many", async () => {
  const net = await model(features(2), flatten(3));
  const { data, shape } = await net.predict([rows(3), rows(4).slice(1)]);
  expect(shape).toEqual([2, 1, 6]);
  expectClose(data, [...rows(3), ...rows(4).slice(1)].flat(), 1e-7);
  await expect(net.predict(rows(2))).rejects.toThrow("0.flatten: expected sequences of 3 steps, got 2");
});

test("flatten of one step leaves it as it is, streams, and refuses a second", async () => {
  const net = await model(features(2), flatten(1));
  const { data } = await net.predict([rows(1)]);
  expect([...data]).toEqual([...Float32Array.from(rows(1)[0]!)]);
  expect(net.stream().step(rows(1)[0]!)).toEqual(data);
  await expect(net.predict(rows(2))).rejects.toThrow("0.flatten: expected sequences of 1 steps, got 2");
});

test("both are saved with the model", async () => {
  const net = await model(
    features(2),
    conv1d(4, { size: 2, dilation: 2, padding: "same", bias: false }),
    flatten(5),
  );
  const again = await load(net.save());
  expect(again.definition).toEqual(net.definition);
  expect(await again.predict(rows(5))).toEqual(await net.predict(rows(5)));
});

test.each<[Partial<Conv1dOptions>, string]>([
  [{}, "conv1d.size: expected a whole number from 1 to 65536, got undefined"],
  [{ size: 0 }, "conv1d.size: expected a whole number from 1 to 65536, got 0"],
  [{ size: 2, stride: 1.5 }, "conv1d.stride: expected a whole number from 1 to 65536, got 1.5"],
  [{ size: 2, padding: "full" as "same" }, "conv1d.padding: expected causal, same or valid, got full"],
  [
    { size: 2, kernel: 3 } as object,
    "conv1d: expected only the options size, dilation, stride, padding, bias, got kernel",
  ],
])("%j is refused", (options, message) => {
  expect(() => conv1d(4, options as Conv1dOptions)).toThrow(message);
});
