/**
 * RNN, LSTM and GRU of ONNX over directions, activations, clips, lengths, peepholes, initial states and sizes: this library and
 * onnxruntime give the same numbers, for every output.
 */
import { describe, expect, test } from "vitest";
import { fileOf, node } from "../test/onnx/build.js";
import { toOnnx, toOurs } from "../test/onnx/run.js";
import { normals } from "../test/reference/draw.js";
import { fromOnnx } from "../ts/onnx/index.js";
import { run, worst } from "./onnxruntime.js";

const gates = { RNN: 1, LSTM: 4, GRU: 3 };
type Operator = keyof typeof gates;

interface Case {
  readonly operator: Operator;
  readonly units: number;
  readonly direction?: string;
  readonly lengths?: boolean;
  readonly peepholes?: boolean;
  readonly initial?: boolean;
  readonly bias?: boolean;
  readonly attributes?: Readonly<Record<string, number | readonly number[] | readonly string[]>>;
  readonly opset?: number;
  readonly steps?: number;
}

const [batch, inputs] = [3, 4];

/** The largest difference of any output, relative to its largest number where that is above 1. */
async function difference(given: Case): Promise<number> {
  const { operator, units, direction = "forward", attributes = {}, opset = 17, steps = 6 } = given;
  const count = direction === "bidirectional" ? 2 : 1;
  const width = gates[operator] * units;
  const isLstm = operator === "LSTM";
  const numbers = (seed: number, shape: readonly number[], deviation = 0.35): [number[], Float32Array] => [
    [...shape],
    normals(
      shape.reduce((a, b) => a * b, 1),
      seed,
      deviation,
    ),
  ];
  const row = (seed: number): [number[], Float32Array] => {
    const [, values] = numbers(seed, [count, 1, units]);
    const rows = Float32Array.from({ length: count * batch * units }, (_, i) => {
      const direction = Math.floor(i / (batch * units));
      return values[direction * units + (i % units)]!;
    });
    return [[count, batch, units], rows];
  };
  const tensors = {
    W: numbers(1, [count, width, inputs]),
    R: numbers(2, [count, width, units]),
    ...(given.bias !== false && { B: numbers(3, [count, 2 * width]) }),
    ...(given.initial && { h: row(4), ...(isLstm && { c: row(5) }) }),
    ...(given.peepholes && { P: numbers(6, [count, 3 * units]) }),
  };
  const named = (name: string) => (name in tensors ? name : "");
  const names = ["X", "W", "R", named("B"), given.lengths ? "lens" : "", named("h"), named("c"), named("P")];
  const outputs = isLstm ? ["Y", "Y_h", "Y_c"] : ["Y", "Y_h"];
  while (names.at(-1) === "") names.pop();
  const bytes = fileOf({
    nodes: [node(operator, names, outputs, { hidden_size: units, direction, ...attributes })],
    inputs: { X: ["steps", "batch", inputs], ...(given.lengths && { lens: ["batch"] }) },
    outputs,
    tensors,
    opset,
  });
  const [shape, data] = numbers(7, [steps, batch, inputs], 1);
  const lengths = [6, 2, 4];
  const expected = await run(bytes, {
    X: { type: "float32", shape, data },
    ...(given.lengths && { lens: { type: "int32", shape: [batch], data: lengths } }),
  });
  let most = 0;
  for (const output of outputs) {
    const made = await fromOnnx(bytes, { output, memory: 16 });
    expect(made.lengths).toBe(given.lengths ? "lens" : undefined);
    const predicted = await made.model.predict(toOurs({ shape, data }, made.input.axes), {
      lengths: given.lengths ? lengths : undefined,
    });
    const { data: numbers } = expected[output]!;
    const scale = Math.max(1, ...numbers.map(Math.abs)); // functions without bounds make large states
    most = Math.max(most, worst(toOnnx(predicted, made.output.axes), numbers) / scale);
  }
  return most;
}

const directions = ["forward", "reverse", "bidirectional"];
const sizes = [1, 3, 5, 8, 17];
const yesOrNo = [false, true];

const kinds: readonly (readonly [name: string, Pick<Case, "operator" | "attributes">])[] = [
  ["RNN", { operator: "RNN" }],
  ["LSTM", { operator: "LSTM" }],
  ["LSTM whose gates are coupled", { operator: "LSTM", attributes: { input_forget: 1 } }],
  ["GRU", { operator: "GRU" }],
  [
    "GRU whose reset gate comes after the product",
    { operator: "GRU", attributes: { linear_before_reset: 1 } },
  ],
];

describe.each(kinds)("%s", (_, kind) => {
  describe.each(directions)("%s", (direction) => {
    test.each(sizes)(
      "of %i units, with clips, lengths, peepholes, initial states, biases or without",
      async (units) => {
        for (const clip of [0, 0.5]) {
          for (const lengths of yesOrNo) {
            for (const initial of yesOrNo) {
              for (const peepholes of kind.operator === "LSTM" ? yesOrNo : [false]) {
                for (const bias of yesOrNo) {
                  const attributes = { ...kind.attributes, ...(clip > 0 && { clip }) };
                  const given = { ...kind, units, direction, lengths, initial, peepholes, bias, attributes };
                  expect(await difference(given), JSON.stringify(given)).toBeLessThan(2e-6);
                }
              }
            }
          }
        }
      },
    );
  });
});

interface Function {
  readonly name: string;
  readonly alpha?: number;
  readonly beta?: number;
}

/** Every function, with constants where it takes some. */
const functions: readonly Function[] = [
  { name: "Relu" },
  { name: "Tanh" },
  { name: "Sigmoid" },
  { name: "Softsign" },
  { name: "Softplus" },
  { name: "Affine", alpha: 0.7, beta: 0.1 },
  { name: "LeakyRelu", alpha: 0.2 },
  { name: "ThresholdedRelu", alpha: 0.3 },
  { name: "ScaledTanh", alpha: 1.2, beta: 0.8 },
  { name: "HardSigmoid", alpha: 0.3, beta: 0.4 },
  { name: "Elu", alpha: 0.6 },
];

// Two steps: functions without bounds grow, and the Softplus of onnxruntime is infinite past 88.7.
describe.each(functions)("the activation $name", ({ name, alpha, beta }) => {
  test.each(directions)("of every gate, %s", async (direction) => {
    const count = direction === "bidirectional" ? 2 : 1;
    for (const [operator, functions] of [
      ["RNN", [[name]]],
      [
        "GRU",
        [
          [name, "Tanh"],
          ["Sigmoid", name],
          [name, name],
        ],
      ],
      [
        "LSTM",
        [
          [name, "Tanh", "Tanh"],
          ["Sigmoid", name, "Tanh"],
          ["Sigmoid", "Tanh", name],
          [name, name, name],
        ],
      ],
    ] as const) {
      for (const chosen of functions) {
        for (const units of sizes) {
          const uses = chosen.filter((other) => other === name).length * count;
          const activations = new Array<readonly string[]>(count).fill(chosen).flat();
          const attributes = {
            activations,
            ...(alpha !== undefined && { activation_alpha: new Array<number>(uses).fill(alpha) }),
            ...(beta !== undefined && { activation_beta: new Array<number>(uses).fill(beta) }),
          };
          const error = await difference({ operator, units, direction, attributes, steps: 2 });
          expect(error, `${operator} ${chosen} ${units}`).toBeLessThan(1e-5);
        }
      }
    }
  });
});

test.each([
  ["LSTM", "forward", ["h", "c"]],
  ["LSTM", "bidirectional", ["h", "c"]],
  ["LSTM", "bidirectional", ["c"]],
  ["GRU", "reverse", ["h"]],
  ["RNN", "bidirectional", ["h"]],
] as const)("%s %s begins with inputs of the model: %s", async (operator, direction, states) => {
  const [units, steps, count] = [5, 4, direction === "bidirectional" ? 2 : 1];
  const given = (seed: number, shape: number[]) => ({
    shape,
    data: normals(
      shape.reduce((a, b) => a * b, 1),
      seed,
      0.4,
    ),
  });
  const [W, R] = [
    given(1, [count, gates[operator] * units, inputs]),
    given(2, [count, gates[operator] * units, units]),
  ];
  const named = (name: "h" | "c") => ((states as readonly string[]).includes(name) ? name : "");
  const names = ["X", "W", "R", "", "", named("h"), ...(operator === "LSTM" ? [named("c")] : [])];
  const bytes = fileOf({
    nodes: [
      node(operator, names, ["Y"], {
        hidden_size: units,
        direction,
      }),
    ],
    inputs: {
      X: ["steps", "batch", inputs],
      ...Object.fromEntries(states.map((name) => [name, [count, "batch", units]])),
    },
    outputs: ["Y"],
    tensors: { W: [W.shape, W.data], R: [R.shape, R.data] },
  });
  const data = {
    X: given(3, [steps, batch, inputs]),
    h: given(4, [count, batch, units]),
    c: given(5, [count, batch, units]),
  };
  const feeds = ["X", ...states].map((name) => [name, { type: "float32", ...data[name as "X"] }] as const);
  const { Y } = await run(bytes, Object.fromEntries(feeds));
  const { model, ...made } = await fromOnnx(bytes, { memory: 16 });
  expect(made.states.map(({ name }) => name)).toEqual([...states]);
  const read = [made.input, ...made.states].map(
    ({ name, axes }) => [name, toOurs(data[name as "X"], axes)] as const,
  );
  const predicted = await model.predict(Object.fromEntries(read));
  expect(worst(toOnnx(predicted, made.output.axes), Y!.data)).toBeLessThan(2e-6);
});

test.each([7, 14, 22])("version %i of the operators is the same", async (opset) => {
  for (const operator of ["RNN", "LSTM", "GRU"] as const) {
    expect(await difference({ operator, units: 5, direction: "bidirectional", opset })).toBeLessThan(1e-6);
  }
});
