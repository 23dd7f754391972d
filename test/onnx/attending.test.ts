/** What attends in a graph, and is refused; and rows of several lengths. */
import { describe, expect, test } from "vitest";
import { attention, FormatError, features, model, tensor } from "../../ts/index.js";
import { fromOnnx } from "../../ts/onnx/index.js";
import { normals } from "../reference/draw.js";
import { type Described, fileOf, node } from "./build.js";

type Nodes = Described["nodes"];

const sequence = { x: ["batch", "steps", 4] };
const one = (value: number): [number[], number[]] => [[], [value]];
const tensors: Described["tensors"] = {
  two: one(2),
  row: [[4], [1, 2, 3, 4]],
  first: [[], [1], true],
  zero: [[], [0], true],
  one: [[], [1], true],
  front: [[1], [0], true],
  back: [[1], [1], true],
  table: [[7, 4], Array.from({ length: 28 }, (_, i) => i / 8)],
  earlier: [[4, 4], Array.from({ length: 16 }, (_, at) => (at % 4 < Math.floor(at / 4) ? -1e9 : 0))],
  least: one(-1e9),
  little: one(-3),
};

const products = [
  node("Transpose", ["x"], ["turned"], { perm: [0, 2, 1] }),
  node("MatMul", ["x", "turned"], ["s"]),
];
const places = [
  node("Shape", ["x"], ["shape"]),
  node("Gather", ["shape", "first"], ["steps"]),
  node("Range", ["zero", "steps", "one"], ["places"]),
];
const compared = [
  ...places,
  node("Unsqueeze", ["places", "back"], ["rows"]),
  node("Unsqueeze", ["places", "front"], ["columns"]),
];

const file = (nodes: Nodes, more: Partial<Described> = {}) =>
  fileOf({ nodes, inputs: sequence, outputs: ["y"], tensors, ...more });

describe("fromOnnx refuses", () => {
  test.each<[string, Nodes, RegExp]>([
    [
      "an operator that scores do not know",
      [...products, node("Relu", ["s"], ["y"])],
      /\(Relu\): expected one of the operators .* on scores of attention, got "Relu"/,
    ],
    [
      "scores as an output",
      products.with(1, node("MatMul", ["x", "turned"], ["y"])),
      /expected computed numbers/,
    ],
    [
      "scores that are no weights yet",
      [...products, node("MatMul", ["s", "x"], ["y"])],
      /\(MatMul\): expected weights .* which are a softmax, .* got scores by/,
    ],
    [
      "a softmax over the queries",
      [...products, node("Softmax", ["s"], ["y"], { axis: 1 })],
      /\(Softmax\): expected a softmax over the steps that are looked at, got axis 1/,
    ],
    [
      "a number for each score",
      [...products, node("Mul", ["s", "row"], ["y"])],
      /\(Mul\): expected scores of attention, not yet weights, and one number for all/,
    ],
    [
      "weights times a number",
      [...products, node("Softmax", ["s"], ["w"]), node("Mul", ["w", "two"], ["y"])],
      /not yet weights, and one number for all/,
    ],
    [
      "a mask that hides earlier steps",
      [...products, node("Add", ["s", "earlier"], ["y"])],
      /\(Add\): expected a mask that hides later steps, or nothing/,
    ],
    [
      "a mask that hides the own step as well",
      [
        ...products,
        ...compared,
        node("LessOrEqual", ["columns", "rows"], ["own"]),
        node("Where", ["own", "least", "s"], ["y"]),
      ],
      /\(Where\): expected a mask that hides later steps, or nothing, got 1 and 0/,
    ],
    [
      "a mask behind the softmax",
      [
        ...products,
        ...compared,
        node("Softmax", ["s"], ["w"]),
        node("Greater", ["columns", "rows"], ["later"]),
        node("Where", ["later", "least", "w"], ["y"]),
      ],
      /\(Where\): expected a mask of scores .* before their softmax/,
    ],
    [
      "a mask of a number that leaves something",
      [
        ...products,
        ...compared,
        node("Greater", ["columns", "rows"], ["later"]),
        node("Where", ["later", "little", "s"], ["y"]),
      ],
      /\(Where\): expected a number up to -10000 for what is hidden/,
    ],
    [
      "places that are compared without the own one",
      [...compared, node("GreaterOrEqual", ["columns", "rows"], ["y"])],
      /\(GreaterOrEqual\): expected the own step as those before it/,
    ],
    [
      "places compared with places in the same order",
      [...compared, node("Less", ["rows", "places"], ["y"])].with(
        4,
        node("Unsqueeze", ["places", "front"], ["rows"]),
      ),
      /\(Less\): expected places \[steps, 1\] with places \[1, steps\]/,
    ],
    [
      "places as numbers",
      [...places, node("Mul", ["places", "zero"], ["y"])],
      /\(Mul\): expected one of .* on positions, got Mul/,
    ],
    [
      "a table's rows for no value",
      [...places, node("Gather", ["table", "places"], ["r"]), node("Add", ["r", "row"], ["y"])],
      /\(Add\): expected a computed value and rows for its steps/,
    ],
    [
      "a mask where numbers are wanted",
      [
        ...compared,
        node("Greater", ["columns", "rows"], ["later"]),
        node("Concat", ["x", "later"], ["y"], { axis: 2 }),
      ],
      /\(Concat\): expected computed values alone, got others too/,
    ],
    [
      "heads behind their numbers",
      [
        node("Reshape", ["x", "split"], ["h"]),
        node("Transpose", ["h"], ["q"], { perm: [0, 3, 1, 2] }),
        node("Transpose", ["h"], ["k"], { perm: [0, 3, 2, 1] }),
        node("MatMul", ["q", "k"], ["y"]),
      ],
      /\(MatMul\): expected rows of the batch, heads, steps and the numbers of a head/,
    ],
    [
      "an Einsum of other axes",
      [node("Einsum", ["x", "table"], ["y"], { equation: "abc,dc->abd" })],
      /\(Einsum\): expected the last axes of a value, .* got "abc,dc->abd"/,
    ],
    [
      "an Einsum that sums up as well",
      [node("Einsum", ["x", "earlier"], ["y"], { equation: "abc,cd->ad" })],
      /\(Einsum\): expected the last axes of a value/,
    ],
    [
      "another error function",
      [node("Erf", ["x"], ["y"])],
      /\(Erf\): expected x \/ sqrt 2, as in a gelu, got 1 x/,
    ],
    [
      "an error function of another value",
      [
        node("Tanh", ["x"], ["t"]),
        node("Mul", ["x", "root"], ["r"]),
        node("Erf", ["r"], ["e"]),
        node("Add", ["e", "unit"], ["p"]),
        node("Mul", ["t", "p"], ["y"]),
      ],
      /\(Mul\): expected x \(1 \+ erf\(x \/ sqrt 2\)\)/,
    ],
    [
      "an error function that goes elsewhere",
      [node("Mul", ["x", "root"], ["r"]), node("Erf", ["r"], ["e"]), node("Tanh", ["e"], ["y"])],
      /\(Tanh\): expected one of the operators Add, Mul on an error function/,
    ],
  ])("%s", async (_, nodes, message) => {
    const more = { root: one(Math.SQRT1_2), unit: one(1), split: [[4], [0, 0, 2, 2], true] } as const;
    const bytes = file(nodes, { tensors: { ...tensors, ...more } });
    await expect(fromOnnx(bytes)).rejects.toThrow(FormatError);
    await expect(fromOnnx(bytes)).rejects.toThrow(message);
  });

  test("attention that does not know of lengths", async () => {
    const nodes = [
      node("Transpose", ["x"], ["t"], { perm: [1, 0, 2] }),
      node("RNN", ["t", "W", "R", "", "lens"], ["h"], { hidden_size: 4 }),
      node("Squeeze", ["h", "back"], ["u"]),
      node("Transpose", ["u"], ["a"], { perm: [1, 0, 2] }),
      node("Transpose", ["u"], ["b"], { perm: [1, 2, 0] }),
      node("MatMul", ["a", "b"], ["s"]),
      node("Softmax", ["s"], ["w"]),
      node("MatMul", ["w", "a"], ["y"]),
    ];
    const weight = [[1, 4, 4], normals(16, 3)] as const;
    const bytes = file(nodes, {
      inputs: { ...sequence, lens: ["batch"] },
      tensors: { ...tensors, W: weight, R: weight },
    });
    await expect(fromOnnx(bytes)).rejects.toThrow(/\(MatMul\): expected rows of one length, got lengths/);
  });
});

test("Attention of rows of several lengths sees none of the padding", async () => {
  const look = node("Attention", ["x", "x", "x", "", "", "", "lens"], ["y"], {
    q_num_heads: 2,
    kv_num_heads: 2,
  });
  const bytes = file([look], { inputs: { ...sequence, lens: ["batch"] }, opset: 24 });
  const { model: made, lengths } = await fromOnnx(bytes);
  expect(lengths).toBe("lens");
  const own = await model(features(4), attention({ score: "dot", heads: 2, scaled: true }));
  const x = tensor(normals(3 * 5 * 4, 2), [3, 5, 4]);
  const padded = { lengths: [5, 2, 4] };
  expect(await made.predict(x, padded)).toEqual(await own.predict(x, padded));
  expect(await made.predict(x, padded)).not.toEqual(await made.predict(x));
});

test("what is left out of weights in training is an option of the attention", async () => {
  const nodes = [
    ...products,
    node("Softmax", ["s"], ["w"], { axis: 2 }),
    node("Dropout", ["w"], ["d"], { ratio: 0.25 }),
    node("MatMul", ["d", "x"], ["y"]),
  ];
  const { model: made } = await fromOnnx(file(nodes, { opset: 11 }));
  expect(JSON.stringify(made.definition)).toContain('"dropout":0.25');
});
