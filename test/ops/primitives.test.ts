/** Every primitive operation: its numbers and gradients on the engine by the tape's, the tape's by central differences. */
import { describe, expect, test } from "vitest";
import { createEngine } from "../../ts/engine/create.js";
import { differentiate } from "../../ts/graph/differentiate.js";
import { type Emit, Graph, type Value } from "../../ts/graph/graph.js";
import {
  activation,
  add,
  at,
  average,
  dense,
  embedding,
  features,
  learned,
  load,
  model,
  stack,
  tokens,
  zeros,
} from "../../ts/index.js";
import { activations } from "../reference/activation.js";
import { expectClose } from "../reference/compare.js";
import { normalMatrix } from "../reference/draw.js";
import { type Matrix, matrix } from "../reference/matrix.js";
import { Tape } from "../reference/tape.js";
import { type Primitives, primitives } from "../reference/unrolled.js";
import { probe } from "./probe.js";

const engine = await createEngine({ memory: 16 });

interface Shape {
  readonly steps: number;
  readonly width: number;
}

/** Inputs of [steps, width] for a number of units and steps, and what is made of them. */
interface Composition {
  readonly inputs: (units: number, steps: number) => readonly (readonly [steps: number, width: number])[];
  record<V extends Shape>(p: Primitives<V>, ...inputs: readonly V[]): readonly V[];
}

const compositions: Readonly<Record<string, Composition>> = {
  "add of three": {
    inputs: (units, steps) => [1, 2, 3].map(() => [steps, units]),
    record: (p, ...values) => [p.add(...values)],
  },
  "add of a value to itself": {
    inputs: (units, steps) => [[steps, units]],
    record: (p, x) => [p.add(x, x)],
  },
  "multiply of three": {
    inputs: (units, steps) => [1, 2, 3].map(() => [steps, units]),
    record: (p, ...values) => [p.multiply(...values)],
  },
  "multiply of a value by itself": {
    inputs: (units, steps) => [[steps, units]],
    record: (p, x) => [p.multiply(x, x)],
  },
  "concat of three, one of them twice": {
    inputs: (units, steps) => [
      [steps, units],
      [steps, 3],
      [steps, units + 1],
    ],
    record: (p, a, b, c) => [p.concat(a, b, a, c)],
  },
  "slices that overlap, and one column": {
    inputs: (units, steps) => [[steps, units + 5]],
    record: (p, x) => [p.slice(x, 1, x.width), p.slice(x, 0, x.width - 1), p.slice(x, 2, 3)],
  },
  "a slice of one sequence that another op reads whole": {
    inputs: (units, steps) => [[steps, units + 2]],
    record: (p, x) => [p.slice(p.multiply(x, x), 1, x.width), p.add(x, x)],
  },
  "every step by itself, from the end, and stacked in another order with one twice": {
    inputs: (units, steps) => [[steps, units]],
    record(p, x) {
      const values = Array.from({ length: x.steps }, (_, step) => p.at(x, -1 - step));
      return [p.stack([...values, values[0]]), p.multiply(values[0], values[0])];
    },
  },
  "a step of what is read whole too": {
    inputs: (units, steps) => [[steps, units]],
    record(p, x) {
      const squares = p.multiply(x, x);
      return [p.at(squares, 0), p.add(squares, x), p.at(squares, -1)];
    },
  },
  "a sum that goes on to several readers": {
    inputs: (units, steps) => [
      [steps, units],
      [steps, units],
    ],
    record(p, a, b) {
      const sum = p.add(a, b);
      return [p.multiply(sum, a), p.add(sum, b, sum), p.activate(sum, "tanh")];
    },
  },
  ...Object.fromEntries(
    activations.map(([name, options]): [string, Composition] => [
      `${name} ${JSON.stringify(options)}`,
      {
        inputs: (units, steps) => [[steps, units]],
        record: (p, x) => [p.activate(x, name, options)],
      },
    ]),
  ),
};

/** In float64, with the derivative of the sum of outputs x upstream by one number of one input. */
function onTape({ record }: Composition, batch: number, inputs: readonly Matrix[]) {
  const tape = new Tape();
  const variables = inputs.map((input) => tape.variable(input, batch));
  const outputs = record(tape, ...variables);
  const upstream = outputs.map(({ value }, index) => normalMatrix(value.rows, value.columns, 50 + index));
  const loss = () => {
    const fresh = new Tape();
    const again = record(fresh, ...inputs.map((input) => fresh.variable(input, batch)));
    return again.reduce(
      (sum, { value }, index) =>
        value.values.reduce((sum, number, i) => sum + number * upstream[index].values[i], sum),
      0,
    );
  };
  tape.backward(outputs, upstream);
  return {
    outputs: outputs.map(({ value }) => value),
    gradients: variables.map(({ gradient }) => gradient),
    upstream,
    difference(values: Float64Array, i: number): number {
      const step = 1e-6;
      const value = values[i];
      values[i] = value + step;
      const above = loss();
      values[i] = value - step;
      const below = loss();
      values[i] = value;
      return (above - below) / (2 * step);
    },
  };
}

describe.each(Object.entries(compositions))("%s", (_, composition) => {
  test.each([1, 3, 4, 5, 8, 13, 16, 64])(
    "of %i units is the tape's, which is that of differences",
    (units) => {
      for (const [batch, steps] of [
        [1, 1],
        [3, 4],
        [5, 2],
      ]) {
        const shapes = composition.inputs(units, steps);
        const inputs = shapes.map(([steps, width], index) => normalMatrix(steps * batch, width, 1 + index));
        const expected = onTape(composition, batch, inputs);
        const actual = probe(engine, {
          batch,
          inputs,
          record: (...values) => composition.record(primitives, ...values),
          upstream: expected.upstream,
        });
        for (const [index, { values }] of expected.outputs.entries()) {
          expectClose(actual.outputs[index].values, values, 1e-6, `output ${index}`);
        }
        for (const [index, { values }] of expected.gradients.entries()) {
          expectClose(actual.gradients[index].values, values, 1e-6, `gradient of input ${index}`);
          const stride = Math.ceil(values.length / 8);
          for (let i = 0; i < values.length; i += stride) {
            const difference = expected.difference(inputs[index].values, i);
            const error = Math.abs(values[i] - difference);
            expect(error, `${index}[${i}]`).toBeLessThanOrEqual(1e-4 * Math.abs(difference) + 1e-8);
          }
        }
      }
    },
  );
});

describe("average", () => {
  test.each([1, 2, 5])("of %i values is their mean", (count) => {
    const inputs = Array.from({ length: count }, (_, seed) => normalMatrix(6, 5, seed));
    const upstream = normalMatrix(6, 5, 9);
    const record = (...values: readonly Value[]) => [average(...values)];
    const { outputs, gradients } = probe(engine, { batch: 3, inputs, record, upstream: [upstream] });
    const mean = (i: number) => inputs.reduce((sum, { values }) => sum + values[i], 0) / count;
    expectClose(
      outputs[0].values,
      outputs[0].values.map((_, i) => mean(i)),
      1e-6,
    );
    for (const { values } of gradients) {
      expectClose(
        values,
        upstream.values.map((value) => value / count),
        1e-6,
      );
    }
  });
});

describe("learned", () => {
  test.each([1, 3, 4, 5, 8, 13, 64])(
    "%i numbers are in every row, and their gradient is the sum",
    (width) => {
      const vector = normalMatrix(1, width, 1);
      const upstream = normalMatrix(12, width, 2);
      const { outputs, parameters } = probe(engine, {
        batch: 3,
        inputs: [normalMatrix(12, 2, 3)],
        parameters: new Map([["0.learned.vector", vector]]),
        record: (x) => [learned(width)(x)],
        upstream: [upstream],
      });
      expect(outputs[0].values).toEqual(
        Float64Array.from({ length: 12 * width }, (_, i) => vector.values[i % width]),
      );
      const sums = matrix(1, width);
      upstream.values.forEach((value, i) => {
        sums.values[i % width] += value;
      });
      expectClose(parameters.get("0.learned.vector")!.values, sums.values, 1e-6);
    },
  );
});

test("zeros are zero in every run, and have no gradient", async () => {
  const made = await model(features(2), (x) => {
    const begin = zeros(x, 3);
    return stack([begin, add(begin, dense(3)(at(x, 0)))]);
  });
  for (const input of [1, Number.NaN, 2]) {
    expect([...(await made.predict([[input, input]])).data.slice(0, 3)]).toEqual([0, 0, 0]);
  }
});

test("a step of tokens is one token for each row", async () => {
  const made = await model(tokens(5), (ids) => stack([embedding(2)(at(ids, -1))]));
  const table = made.parameters()[0].data;
  const { shape, data } = await made.predict([
    [4, 1, 3],
    [0, 2, 2],
  ]);
  expect(shape).toEqual([2, 1, 2]);
  expect([...data]).toEqual([...table.slice(6, 8), ...table.slice(4, 6)]);
});

test("an activation and a learned vector are saved with the model and loaded again", async () => {
  const made = await model(
    features(3),
    dense(4),
    activation("elu", { alpha: 0.5 }),
    learned(2),
    activation("sigmoid"),
  );
  expect(made.definition?.layers.slice(1)).toEqual([
    { layer: "activation", name: "elu", alpha: 0.5 },
    { layer: "learned", width: 2 },
    { layer: "activation", name: "sigmoid" },
  ]);
  const loaded = await load(made.save());
  expect(loaded.definition).toEqual(made.definition);
  expect(await loaded.predict([[1, -2, 3]])).toEqual(await made.predict([[1, -2, 3]]));
});

/** Floats that the backward pass of T single steps touches. */
function backwardWork(steps: number, read: (x: Value) => Value): number {
  const graph = new Graph(new Map(), { training: true, batch: 2 });
  const x = graph.value({ steps, batch: 2, width: 16 });
  const output = read(x);
  let floats = 0;
  const emit: Emit = (_, operands) => {
    floats += (operands as { count?: number }).count ?? 0;
  };
  differentiate(graph, output, () => emit);
  return floats;
}

test("the gradient of a sequence read step by step costs in proportion to its length", () => {
  const read = (x: Value) => stack(Array.from({ length: x.steps }, (_, step) => at(x, step)));
  expect(backwardWork(10, read)).toBe(2 * 10 * 32);
  expect(backwardWork(1000, read)).toBe(2 * 1000 * 32);
});
