/** The simple recurrent network in the five spellings of the lecture notes: the same numbers, and the same gradients. */
import { describe, expect, test } from "vitest";
import { createEngine } from "../../ts/engine/create.js";
import {
  activation,
  add,
  at,
  concat,
  dense,
  features,
  type Layer,
  model,
  rnn,
  softmax,
  stack,
  type Value,
  zeros,
} from "../../ts/index.js";
import notes from "../golden/notes/rnn.json" with { type: "json" };
import { modelFile } from "../golden/torch.js";
import { probe } from "../ops/probe.js";
import { cellOnTape } from "../reference/cells.js";
import { expectAllClose, expectClose } from "../reference/compare.js";
import { normalMatrix } from "../reference/draw.js";
import { type Matrix, matrix } from "../reference/matrix.js";
import { transpose } from "../reference/product.js";

const engine = await createEngine({ memory: 16 });

/** Of the input, [inputs, units]; of the state, [units, units]; the bias, [1, units], if there is one. */
interface Weights {
  readonly input: Matrix;
  readonly hidden: Matrix;
  readonly bias: Matrix | undefined;
}

interface Spelling {
  /** The weights, or their gradients, by path: layers are numbered as they are first called. */
  place(weights: Weights): readonly (readonly [string, Matrix | undefined])[];
  record(x: Value, units: number, name: "tanh" | "sigmoid" | "relu", bias: boolean): Value;
}

const below = (above: Matrix, below: Matrix) =>
  matrix(above.rows + below.rows, above.columns, [...above.values, ...below.values]);

/** The states of s(t) = next(x(t), s(t-1)) from s(0) = 0. */
function unrolled(x: Value, units: number, next: (x: Value, state: Value) => Value): Value {
  let state = zeros(x, units);
  return stack(
    Array.from({ length: x.steps }, (_, t) => {
      state = next(at(x, t), state);
      return state;
    }),
  );
}

const spellings: Readonly<Record<string, Spelling>> = {
  "the layer": {
    place: ({ input, hidden, bias }) => [
      ["0.rnn.weightInput", input],
      ["0.rnn.weightHidden", hidden],
      ["0.rnn.bias", bias],
    ],
    record: (x, units, name, bias) => rnn(units, { activation: name, bias })(x),
  },
  "000: o(t) = f(w x(t) + w' o(t-1))": {
    place: ({ input, hidden, bias }) => [
      ["0.dense.weight", input],
      ["0.dense.bias", bias],
      ["1.dense.weight", hidden],
    ],
    record(x, units, name, bias) {
      const [w, v, f] = [dense(units, { bias }), dense(units, { bias: false }), activation(name)];
      return unrolled(x, units, (x, o) => f(add(w(x), v(o))));
    },
  },
  "000, merged: O(t) = f([w', w] [x, o])": {
    place: ({ input, hidden, bias }) => [
      ["0.dense.weight", below(input, hidden)],
      ["0.dense.bias", bias],
    ],
    record(x, units, name, bias) {
      const [w, f] = [dense(units, { bias }), activation(name)];
      return unrolled(x, units, (x, o) => f(w(concat(x, o))));
    },
  },
  "001: a(t) = g(Waa a(t-1) + Wax x(t) + ba)": {
    place: ({ input, hidden, bias }) => [
      ["0.dense.weight", hidden],
      ["1.dense.weight", input],
      ["1.dense.bias", bias],
    ],
    record(x, units, name, bias) {
      const [waa, wax, g] = [dense(units, { bias: false }), dense(units, { bias }), activation(name)];
      return unrolled(x, units, (x, a) => g(add(waa(a), wax(x))));
    },
  },
  "001, stacked: a(t) = g(Wa [a(t-1), x(t)] + ba)": {
    place: ({ input, hidden, bias }) => [
      ["0.dense.weight", below(hidden, input)],
      ["0.dense.bias", bias],
    ],
    record(x, units, name, bias) {
      const [wa, g] = [dense(units, { bias }), activation(name)];
      return unrolled(x, units, (x, a) => g(wa(concat(a, x))));
    },
  },
  "002: h(t) = f(h(t-1), x(t)), a function of one's own": {
    place: ({ input, hidden, bias }) => [
      ["0.rnn.weightInput", input],
      ["0.rnn.weightHidden", hidden],
      ["0.rnn.bias", bias],
    ],
    record(x, units, name, bias) {
      const step = rnn(units, { activation: name, bias });
      return unrolled(x, units, (x, h) => step.sequence(x, [h]).output);
    },
  },
  "003: s(t) = f(x(t) wx + s(t-1) ws), the inputs of all steps at once": {
    place: ({ input, hidden, bias }) => [
      ["0.dense.weight", input],
      ["0.dense.bias", bias],
      ["1.dense.weight", hidden],
    ],
    record(x, units, name, bias) {
      const [wx, ws, f] = [dense(units, { bias }), dense(units, { bias: false }), activation(name)];
      return unrolled(wx(x), units, (product, s) => f(add(product, ws(s))));
    },
  },
  "004: O(1) = f(x(1) w), O(2) = f(x(2) w + O(1) w'), and so on": {
    place: ({ input, hidden, bias }) => [
      ["0.dense.weight", input],
      ["0.dense.bias", bias],
      ["2.dense.weight", hidden], // f is the layer between
    ],
    record(x, units, name, bias) {
      const [w, v, f] = [dense(units, { bias }), dense(units, { bias: false }), activation(name)];
      let o = f(w(at(x, 0)));
      const outputs = [o];
      for (let t = 1; t < x.steps; t++) {
        o = f(add(w(at(x, t)), v(o)));
        outputs.push(o);
      }
      return stack(outputs);
    },
  },
};

const given = (weights: readonly (readonly [string, Matrix | undefined])[]) =>
  new Map(weights.flatMap(([path, weight]) => (weight ? [[path, weight]] : [])));

const rowsOf = (rows: readonly (readonly number[])[]) => matrix(rows.length, rows[0].length, rows.flat());

/** The notes write W x for a column x: their matrices are the transposes of ours. */
const ofNotes: Weights = {
  input: transpose(rowsOf(notes.w)),
  hidden: transpose(rowsOf(notes.w_prime)),
  bias: undefined,
};

describe.each(Object.entries(spellings))("%s", (_, { place, record }) => {
  test("gives the numbers of “My name is Ram”", () => {
    const { outputs } = probe(engine, {
      batch: 1,
      inputs: [rowsOf(notes.x)],
      parameters: given(place(ofNotes)),
      record: (x) => [record(x, 6, "tanh", false)],
      upstream: [matrix(4, 6)],
    });
    expectClose(outputs[0].values, notes.outputs.flat(), 1e-6);
  });

  test.each([
    ["tanh", false],
    ["tanh", true],
    ["sigmoid", true],
    ["relu", false],
  ] as const)("with %s, a bias: %s, has the states and gradients of all the others", (name, bias) => {
    const [batch, steps, inputs, units] = [3, 5, 4, 5];
    const x = normalMatrix(steps * batch, inputs, 1);
    const upstream = normalMatrix(steps * batch, units, 2);
    const weights = {
      input: normalMatrix(inputs, units, 3, 0.5),
      hidden: normalMatrix(units, units, 4, 0.4),
      bias: bias ? normalMatrix(1, units, 5) : undefined,
    };
    const expected = cellOnTape({
      cell: { cell: "rnn", options: { activation: name } },
      x,
      initial: [matrix(batch, units)],
      parameters: given([
        ["weightInput", weights.input],
        ["weightHidden", weights.hidden],
        ["bias", weights.bias],
      ]),
      upstream: [upstream],
    });
    const { outputs, gradients, parameters } = probe(engine, {
      batch,
      inputs: [x],
      parameters: given(place(weights)),
      record: (x) => [record(x, units, name, bias)],
      upstream: [upstream],
    });
    const slopes = given(
      place({
        input: expected.dParameters.get("weightInput")!,
        hidden: expected.dParameters.get("weightHidden")!,
        bias: expected.dParameters.get("bias"),
      }),
    );
    expect([...parameters.keys()].sort()).toEqual([...slopes.keys()].sort());
    expectAllClose(
      [
        ["states", outputs[0].values, expected.states[0].values],
        ["x", gradients[0].values, expected.dx.values],
        ...[...slopes].map(([path, { values }]): [string, Float64Array, Float64Array] => [
          path,
          parameters.get(path)!.values,
          values,
        ]),
      ],
      2e-6,
    );
  });
});

test("softmax(w'' o(t)) gives the notes' probabilities at every step", async () => {
  const layers: readonly Layer[] = [rnn(6, { bias: false }), dense(6, { bias: false }), softmax()];
  const net = await model(features(6), ...layers);
  net.assign(
    modelFile({
      "0.rnn.weightInput": ofNotes.input,
      "0.rnn.weightHidden": ofNotes.hidden,
      "1.dense.weight": transpose(rowsOf(notes.w_dprime)),
    }),
  );
  expectClose((await net.predict(notes.x)).data, notes.softmax.flat(), 1e-6);
});

test("100 units of 10,000 symbols have weights [10,000, 100] and [100, 100]: 10,100 rows when stacked", async () => {
  const net = await model(features(10_000), rnn(100));
  const shapes = Object.fromEntries(net.parameters().map(({ path, shape }) => [path, shape]));
  expect(shapes).toEqual({
    "0.rnn.weightInput": [10_000, 100],
    "0.rnn.weightHidden": [100, 100],
    "0.rnn.bias": [100],
  });
});
