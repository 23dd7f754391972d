/** ONNX graphs that show what every operator around the recurrent ones does, with the order of axes that each expects. */
import { normals } from "../reference/draw.js";
import { attending } from "./attending-graphs.js";
import { type Described, fileOf, node } from "./build.js";

export interface TestGraph {
  readonly bytes: Uint8Array;
  readonly input: {
    readonly shape: readonly number[];
    readonly data: ArrayLike<number>;
    readonly tokens: boolean;
  };
}

type Tensors = NonNullable<Described["tensors"]>;

const weight = (seed: number, ...shape: number[]): Tensors[string] => [
  shape,
  normals(
    shape.reduce((a, b) => a * b, 1),
    seed,
    0.5,
  ),
];
const whole = (...values: number[]): Tensors[string] => [[values.length], values, true];
const scalar = (value: number): Tensors[string] => [[], [value]];

/** A graph on x, whose last node makes y. */
function graph(
  shape: readonly (number | string)[],
  nodes: Described["nodes"],
  tensors: Tensors = {},
  opset = 17,
  symbols?: number,
): TestGraph {
  const lengths = { steps: 4, batch: 3 } as Record<string, number>;
  const given = shape.map((length) => (typeof length === "number" ? length : lengths[length]!));
  const count = given.reduce((a, b) => a * b, 1);
  const data = symbols ? Array.from({ length: count }, (_, i) => (i * 7) % symbols) : normals(count, 9);
  const described = {
    nodes,
    tensors,
    opset,
    inputs: { x: shape },
    outputs: ["y"],
    whole: symbols ? ["x"] : [],
  };
  return { bytes: fileOf(described), input: { shape: given, data, tokens: symbols !== undefined } };
}

const sequence = ["batch", "steps", 4] as const;
const stepsFirst = ["steps", "batch", 4] as const;
const rnn = (x: string, y: string) => node("RNN", [x, "W", "R"], [y], { hidden_size: 4 });
const rnnWeights: Tensors = { W: weight(1, 1, 4, 4), R: weight(2, 1, 4, 4) };

export const graphs: Readonly<Record<string, TestGraph>> = {
  "Gemm with a transposed, scaled weight and a scaled bias": graph(
    ["batch", 4],
    [node("Gemm", ["x", "w", "b"], ["y"], { transB: 1, alpha: 0.5, beta: 2 })],
    { w: weight(1, 5, 4), b: weight(2, 5) },
  ),
  "Gemm with one number as bias, and Softmax of version 11": graph(
    ["batch", 4],
    [node("Gemm", ["x", "w", "b"], ["h"]), node("Softmax", ["h"], ["y"])],
    { w: weight(1, 4, 5), b: [[1], [0.3]] },
    11,
  ),
  "MatMul whose bias is added before it": graph(
    sequence,
    [node("MatMul", ["x", "w"], ["h"]), node("Add", ["b", "h"], ["y"])],
    { w: weight(1, 4, 5), b: weight(2, 1, 1, 5) },
  ),
  "MatMul that is read twice": graph(
    sequence,
    [node("MatMul", ["x", "w"], ["h"]), node("Add", ["h", "b"], ["g"]), node("Mul", ["g", "h"], ["y"])],
    { w: weight(1, 4, 5), b: weight(2, 5) },
  ),
  "numbers before and behind every operator on two": graph(
    sequence,
    [
      node("Sub", ["one", "x"], ["a"]),
      node("Sub", ["a", "row"], ["b"]),
      node("Sub", ["row", "b"], ["c"]),
      node("Mul", ["c", "two"], ["d"]),
      node("Div", ["d", "two"], ["e"]),
      node("Div", ["e", "row"], ["f"]),
      node("Mul", ["row", "f"], ["g"]),
      node("Max", ["g", "x", "one"], ["h"]),
      node("Min", ["h", "two"], ["i"]),
      node("Add", ["i", "one"], ["j"]),
      node("Div", ["two", "j"], ["k"]),
      node("Mean", ["k", "x"], ["l"]),
      node("Neg", ["l"], ["y"]),
    ],
    { one: scalar(1), two: scalar(2.5), row: [[4], [1, -2, 0.5, 3]] },
  ),
  "every activation and clip": graph(
    sequence,
    [
      node("LeakyRelu", ["x"], ["a"], { alpha: 0.3 }),
      node("Elu", ["a"], ["b"], { alpha: 0.7 }),
      node("HardSigmoid", ["x"], ["c"], { alpha: 0.3, beta: 0.6 }),
      node("Softplus", ["b"], ["d"]),
      node("Softsign", ["d"], ["e"]),
      node("ThresholdedRelu", ["x"], ["f"], { alpha: 0.4 }),
      node("Relu", ["f"], ["g"]),
      node("Sigmoid", ["g"], ["h"]),
      node("Tanh", ["h"], ["i"]),
      node("Clip", ["x", "less", "more"], ["j"]),
      node("Clip", ["x", "zero", ""], ["k"]),
      node("Clip", ["x", "", "more"], ["l"]),
      node("Clip", ["x", "low", "more"], ["m"]),
      node("Concat", ["c", "e", "i", "j", "k", "l", "m"], ["y"], { axis: 2 }),
    ],
    { less: scalar(-0.5), more: scalar(0.5), zero: scalar(0), low: scalar(-0.2) },
  ),
  "Gelu in both forms": graph(
    sequence,
    [node("Gelu", ["x"], ["a"]), node("Gelu", ["a"], ["y"], { approximate: "tanh" })],
    {},
    20,
  ),
  "LayerNormalization and LogSoftmax": graph(
    sequence,
    [
      node("LayerNormalization", ["x", "g", "s"], ["a"], { epsilon: 0.01 }),
      node("LayerNormalization", ["a", "g"], ["b"], { axis: 2 }),
      node("LogSoftmax", ["b"], ["y"], { axis: -1 }),
    ],
    { g: weight(1, 4), s: weight(2, 4) },
  ),
  "Split, Squeeze, Unsqueeze and Transpose, in the form of version 11": graph(
    stepsFirst,
    [
      node("Split", ["x"], ["a", "b"], { axis: -1, split: [1, 3] }),
      node("Squeeze", ["a"], ["c"], { axes: [2] }),
      node("Unsqueeze", ["c"], ["d"], { axes: [0, 3] }),
      node("Transpose", ["d"], ["e"], { perm: [1, 2, 0, 3] }),
      node("Squeeze", ["e"], ["f"], { axes: [2] }),
      node("Concat", ["b", "f"], ["g"], { axis: 2 }),
      rnn("g", "h"),
      node("Squeeze", ["h"], ["y"], { axes: [1] }),
    ],
    rnnWeights,
    11,
  ),
  "Split, Squeeze and Unsqueeze in the form of version 13": graph(
    stepsFirst,
    [
      rnn("x", "h"),
      node("Squeeze", ["h", "first"], ["s"]),
      node("Split", ["s", "sizes"], ["a", "b"], { axis: 2 }),
      node("Concat", ["b", "a"], ["c"], { axis: -1 }),
      node("Unsqueeze", ["c", "first"], ["y"]),
    ],
    { ...rnnWeights, first: whole(1), sizes: whole(3, 1) },
  ),
  "one column for all, copied": graph(
    sequence,
    [
      node("Slice", ["x", "from", "to", "last"], ["a"]),
      node("Mul", ["x", "a"], ["b"]),
      node("Add", ["a", "row"], ["c"]),
      node("Sub", ["b", "c"], ["y"]),
    ],
    { from: whole(1), to: whole(2), last: whole(-1), row: weight(3, 4) },
  ),
  "rows of steps and batch together": graph(
    stepsFirst,
    [
      rnn("x", "h"),
      node("Squeeze", ["h", "first"], ["s"]),
      node("Reshape", ["s", "flat"], ["a"]),
      node("MatMul", ["a", "w"], ["b"]),
      node("Shape", ["x"], ["shape"]),
      node("Slice", ["shape", "zero", "two"], ["outer"]),
      node("Concat", ["outer", "six"], ["target"], { axis: 0 }),
      node("Reshape", ["b", "target"], ["c"]),
      node("Reshape", ["c", "parts"], ["d"]),
      node("ReduceMax", ["d"], ["e"], { axes: [2], keepdims: 0 }),
      node("ReduceSum", ["d", "last"], ["f"], { keepdims: 0 }),
      node("Concat", ["e", "f"], ["y"], { axis: 2 }),
    ],
    {
      ...rnnWeights,
      ...{
        first: whole(1),
        flat: whole(-1, 4),
        w: weight(3, 4, 6),
        zero: whole(0),
        two: whole(2),
        six: whole(6),
      },
      ...{ parts: whole(0, 0, 2, 3), last: whole(3) },
    },
  ),
  "functions of its own for each direction, with constants of their own": graph(
    stepsFirst,
    [
      node("LSTM", ["x", "W", "R"], ["h"], {
        hidden_size: 3,
        direction: "bidirectional",
        activations: ["HardSigmoid", "LeakyRelu", "Tanh", "Sigmoid", "Elu", "Affine"],
        activation_alpha: [0.3, 0.2, 0.6, 0.7],
        activation_beta: [0.4, 0.1],
      }),
      node("Transpose", ["h"], ["t"], { perm: [0, 2, 1, 3] }),
      node("Reshape", ["t", "rows"], ["y"]),
    ],
    { W: weight(1, 2, 12, 4), R: weight(2, 2, 12, 3), rows: whole(0, 0, -1) },
  ),
  "a part of numbers that do not lie together": graph(
    sequence,
    [
      node("Reshape", ["x", "parts"], ["a"]),
      node("Gather", ["a", "one"], ["b"], { axis: 3 }),
      node("ReduceProd", ["a"], ["c"], { axes: [3], keepdims: 0 }),
      node("ReduceMin", ["a"], ["d"], { axes: [2], keepdims: 0 }),
      node("Concat", ["b", "c", "d"], ["y"], { axis: -1 }),
    ],
    { parts: whole(0, 0, 2, 2), one: [[], [1], true] },
  ),
  "steps: one, the last, backwards, their mean, sum and greatest": graph(
    stepsFirst,
    [
      rnn("x", "h"),
      node("Squeeze", ["h", "first"], ["s"]),
      node("Slice", ["s", "end", "start", "zero", "back"], ["r"]),
      node("Gather", ["r", "one"], ["a"], { axis: 0 }),
      node("Gather", ["s", "minus"], ["b"], { axis: 0 }),
      node("ReduceMean", ["r"], ["c"], { axes: [0], keepdims: 0 }),
      node("ReduceSum", ["r", "zero"], ["d"], { keepdims: 0 }),
      node("ReduceMax", ["s"], ["e"], { axes: [0], keepdims: 0 }),
      node("Slice", ["s", "end", "past", "zero"], ["f"]),
      node("Squeeze", ["f", "zero"], ["g"]),
      node("Concat", ["a", "b", "c", "d", "e", "g"], ["y"], { axis: 1 }),
    ],
    {
      ...rnnWeights,
      ...{
        first: whole(1),
        end: whole(-1),
        start: whole(-9223372036854775000),
        zero: whole(0),
        back: whole(-1),
      },
      ...{ one: [[], [1], true], minus: [[], [-1], true], past: whole(9223372036854775000) },
    },
  ),
  "one step for all again": graph(
    stepsFirst,
    [
      rnn("x", "h"),
      node("Squeeze", ["h", "first"], ["s"]),
      node("Slice", ["s", "end", "past", "zero"], ["a"]),
      node("Add", ["s", "a"], ["b"]),
      node("Shape", ["s"], ["shape"]),
      node("Expand", ["a", "shape"], ["c"]),
      node("Mul", ["b", "c"], ["y"]),
    ],
    {
      ...rnnWeights,
      ...{ first: whole(1), end: whole(-1), zero: whole(0), past: whole(9223372036854775000) },
    },
  ),
  "a table, and lengths that are computed with": graph(
    ["batch", "steps"],
    [
      node("Cast", ["x"], ["ids"], { to: 7 }),
      node("Gather", ["table", "ids"], ["e"]),
      node("Shape", ["e"], ["shape"]),
      node("Gather", ["shape", "index"], ["batch"]),
      node("Unsqueeze", ["batch", "zero"], ["b"]),
      node("Concat", ["one", "b", "four"], ["initial"], { axis: 0 }),
      node("ConstantOfShape", ["initial"], ["h0"]),
      node("Transpose", ["e"], ["t"], { perm: [1, 0, 2] }),
      node("RNN", ["t", "W", "R", "", "", "h0"], ["h"], { hidden_size: 4 }),
      node("Dropout", ["h", "rate"], ["d"]),
      node("Identity", ["d"], ["i"]),
      node("Squeeze", ["i", "one"], ["y"]),
    ],
    {
      ...rnnWeights,
      ...{
        table: weight(5, 11, 4),
        index: [[], [0], true],
        zero: whole(0),
        one: whole(1),
        four: whole(4),
        rate: scalar(0.3),
      },
    },
    17,
    11,
  ),
  "Flatten of one step, and numbers of the file that are computed with": graph(
    stepsFirst,
    [
      rnn("x", "h"),
      node("Gather", ["h", "minus"], ["a"], { axis: 0 }),
      node("Transpose", ["a"], ["b"], { perm: [1, 0, 2] }),
      node("Flatten", ["b"], ["c"]),
      node("Transpose", ["w"], ["v"]),
      node("Mul", ["v", "half"], ["u"]),
      node("Split", ["u"], ["p", "q"], { axis: 1 }),
      node("Concat", ["q", "p"], ["z"], { axis: 1 }),
      node("MatMul", ["c", "z"], ["y"]),
    ],
    { ...rnnWeights, minus: [[], [-1], true], w: weight(3, 6, 4), half: scalar(0.5) },
  ),
  ...Object.fromEntries(
    Object.entries(attending).map(([name, { nodes, tensors, fixed }]) => [
      name,
      graph(fixed ? [3, 4, 4] : sequence, nodes, tensors),
    ]),
  ),
};
