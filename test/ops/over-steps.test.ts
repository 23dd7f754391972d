/** The operations of wirings beside the primitives: numbers in float64, gradients by central differences, lengths through models. */
import { describe, expect, test } from "vitest";
import { createEngine } from "../../ts/engine/create.js";
import type { Value } from "../../ts/graph/graph.js";
import { features, type Layer, model, type Operation, wiring } from "../../ts/index.js";
import { divide } from "../../ts/ops/divide.js";
import { maximum, minimum } from "../../ts/ops/extreme.js";
import { greatestOfSteps, meanOfSteps, repeat, reverse, sumOfSteps } from "../../ts/ops/over-steps.js";
import { expectClose } from "../reference/compare.js";
import { normalMatrix } from "../reference/draw.js";
import { type Matrix, matrix } from "../reference/matrix.js";
import { probe } from "./probe.js";

const engine = await createEngine({ memory: 16 });

/** What an operation makes of numbers [steps][batch][width]. */
interface Case {
  /** How many values it takes, each of all steps or of one. */
  readonly inputs: readonly ("all" | "one")[];
  readonly record: (...values: readonly Value[]) => Value;
  /** The output at a step, row and column from the inputs there: `read(input, step)`. */
  readonly expected: (read: (input: number, step: number) => number, step: number, steps: number) => number;
  readonly gives: "all" | "one";
}

const each = (steps: number) => Array.from({ length: steps }, (_, step) => step);
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

const cases: Readonly<Record<string, Case>> = {
  divide: {
    inputs: ["all", "all"],
    record: (a, b) => divide(a!, b!),
    expected: (read, step) => read(0, step) / read(1, step),
    gives: "all",
  },
  "divide a value by its square": {
    inputs: ["all"],
    record: (a) => divide(a!, divide(a!, divide(a!, a!))),
    expected: () => 1,
    gives: "all",
  },
  "maximum of three": {
    inputs: ["all", "all", "all"],
    record: (...values) => maximum(...values),
    expected: (read, step) => Math.max(read(0, step), read(1, step), read(2, step)),
    gives: "all",
  },
  "minimum of two": {
    inputs: ["all", "all"],
    record: (...values) => minimum(...values),
    expected: (read, step) => Math.min(read(0, step), read(1, step)),
    gives: "all",
  },
  "mean of the steps": {
    inputs: ["all"],
    record: (x) => meanOfSteps(x!),
    expected: (read, _, steps) => sum(each(steps).map((step) => read(0, step))) / steps,
    gives: "one",
  },
  "sum of the steps": {
    inputs: ["all"],
    record: (x) => sumOfSteps(x!),
    expected: (read, _, steps) => sum(each(steps).map((step) => read(0, step))),
    gives: "one",
  },
  "greatest of the steps": {
    inputs: ["all"],
    record: (x) => greatestOfSteps(x!),
    expected: (read, _, steps) => Math.max(...each(steps).map((step) => read(0, step))),
    gives: "one",
  },
  reverse: {
    inputs: ["all"],
    record: (x) => reverse(x!),
    expected: (read, step, steps) => read(0, steps - 1 - step),
    gives: "all",
  },
  repeat: {
    inputs: ["one", "all"],
    record: (x, like) => repeat(x!, like!),
    expected: (read) => read(0, 0),
    gives: "all",
  },
};

/** In float64: outputs, and the derivative of their sum with `upstream` by one number of one input. */
function inFloat64({ expected, gives }: Case, inputs: readonly Matrix[], steps: number, batch: number) {
  const { columns } = inputs[0]!;
  return () => {
    const made = matrix((gives === "all" ? steps : 1) * batch, columns);
    made.values.forEach((_, i) => {
      const [row, column] = [Math.floor(i / columns), i % columns];
      const [step, lane] = [Math.floor(row / batch), row % batch];
      const read = (input: number, at: number) =>
        inputs[input]!.values[(at * batch + lane) * columns + column]!;
      made.values[i] = expected(read, step, steps);
    });
    return made;
  };
}

describe.each(Object.entries(cases))("%s", (_, operation) => {
  test.each([1, 3, 4, 5, 8, 13, 64])("of %i columns, and its gradient", (columns) => {
    for (const [steps, batch] of [
      [1, 1],
      [4, 3],
      [2, 5],
    ] as const) {
      const inputs = operation.inputs.map((of, index) =>
        normalMatrix((of === "all" ? steps : 1) * batch, columns, index + 1),
      );
      const run = inFloat64(operation, inputs, steps, batch);
      const expected = run();
      const upstream = normalMatrix(expected.rows, columns, 9);
      const record = (...values: readonly Value[]) => [operation.record(...values)];
      const { outputs, gradients } = probe(engine, { batch, inputs, record, upstream: [upstream] });
      expectClose(outputs[0]!.values, expected.values, 2e-6, "output");
      const loss = () => sum([...run().values].map((value, i) => value * upstream.values[i]!));
      for (const [index, { values }] of inputs.entries()) {
        const stride = Math.ceil(values.length / 12);
        for (let i = 0; i < values.length; i += stride) {
          const [value, step] = [values[i]!, 1e-6];
          values[i] = value + step;
          const above = loss();
          values[i] = value - step;
          const slope = (above - loss()) / (2 * step);
          values[i] = value;
          const error = Math.abs(gradients[index]!.values[i]! - slope);
          expect(error, `${index}[${i}]`).toBeLessThanOrEqual(1e-4 * Math.abs(slope) + 2e-6);
        }
      }
    }
  });
});

test("of equal numbers the first has the gradient", () => {
  const same = matrix(4, 3, new Float64Array(12).fill(2));
  const upstream = normalMatrix(4, 3, 1);
  const record = (a: Value, b: Value) => [maximum(a, b)];
  const both = probe(engine, { batch: 2, inputs: [same, same], record, upstream: [upstream] });
  expectClose(both.gradients[0]!.values, upstream.values, 1e-7);
  expect([...both.gradients[1]!.values]).toEqual(new Array(12).fill(0));
  const first = normalMatrix(2, 3, 2);
  const greatest = probe(engine, {
    batch: 2,
    inputs: [same],
    record: (x) => [greatestOfSteps(x)],
    upstream: [first],
  });
  expectClose(greatest.gradients[0]!.values, [...first.values, 0, 0, 0, 0, 0, 0], 1e-7);
});

test.each<[Operation["op"], number[][]]>([
  ["mean", [[1], [2.5]]],
  ["sum", [[1], [5]]],
  ["greatest", [[1], [3]]],
  [
    "reverse",
    [
      [1, 0, 0],
      [3, 2, 0],
    ],
  ],
  [
    "repeat",
    [
      [1, 0, 0],
      [2, 2, 0],
    ],
  ],
])("%s looks at the steps that count, and at no other", async (op, expected) => {
  const first = { name: "first", of: { op: "at", step: 0 }, inputs: ["input"] } as const;
  const layer: Layer = wiring({
    nodes: [
      ...(op === "repeat" ? [first] : []),
      { name: "made", of: { op } as Operation, inputs: op === "repeat" ? ["first", "input"] : ["input"] },
    ],
  });
  const net = await model(features(1), layer);
  const data = [
    [[1], [Number.NaN], [7]],
    [[2], [3], [Number.NaN]],
  ];
  const { data: made, shape } = await net.predict(data, { lengths: [1, 2] });
  expect(shape).toEqual([2, expected[0]!.length, 1]);
  expect([...made]).toEqual(expected.flat());
  expect(() => net.stream()).toThrow(/whole sequences/);
});
