/** ONNX graphs that attend, with masks, places and gelu as programs write them out. */
import { type Described, node } from "./build.js";

type Tensors = NonNullable<Described["tensors"]>;
type Nodes = Described["nodes"];

/** Nodes and tensors of a graph that reads x [batch, steps, 4] and gives y. */
export interface Attending {
  readonly nodes: Nodes;
  readonly tensors: Tensors;
  /** Whether the file has as many steps as there are. */
  readonly fixed?: true;
}

const whole = (...values: number[]): Tensors[string] => [[values.length], values, true];
const one = (value: number): Tensors[string] => [[], [value]];
const square = (past: number, future: number): Tensors[string] => [
  [4, 4],
  Array.from({ length: 16 }, (_, at) => (at % 4 > Math.floor(at / 4) ? future : past)),
];

/** x xᵀ / 2 as `scores`. */
const products = [
  node("Transpose", ["x"], ["turned"], { perm: [0, 2, 1] }),
  node("MatMul", ["x", "turned"], ["products"]),
  node("Div", ["products", "two"], ["scores"]),
];
const two = { two: one(2) };

/** Sums of x by the softmax of `masked`. */
const sums = [
  node("Softmax", ["masked"], ["weights"], { axis: -1 }),
  node("MatMul", ["weights", "x"], ["y"]),
];

/** How many steps there are, as `steps`, and their places. */
const places = [
  node("Shape", ["x"], ["shape"]),
  node("Gather", ["shape", "first"], ["steps"]),
  node("Range", ["zero", "steps", "one"], ["places"]),
];
const numbers = { first: [[], [1], true], zero: [[], [0], true], one: [[], [1], true] } satisfies Tensors;

export const attending: Readonly<Record<string, Attending>> = {
  "a mask of the file, and what is no number becomes zero": {
    fixed: true,
    nodes: [
      ...products,
      node("Add", ["mask", "scores"], ["masked"]),
      node("Softmax", ["masked"], ["w"], { axis: 2 }),
      node("IsNaN", ["w"], ["broken"]),
      node("Where", ["broken", "nothing", "w"], ["mended"]),
      node("Dropout", ["mended", "none"], ["kept"]),
      node("MatMul", ["kept", "x"], ["y"]),
    ],
    tensors: { ...two, mask: square(0, -1e9), nothing: one(0), none: one(0.3) },
  },
  "a mask of the file that hides nothing, and one that is cut from ones": {
    fixed: true,
    nodes: [
      ...products,
      node("Add", ["scores", "nothing"], ["a"]),
      node("Trilu", ["ones"], ["lower"], { upper: 0 }),
      node("Cast", ["lower"], ["seen"], { to: 9 }),
      node("Not", ["seen"], ["hidden"]),
      node("Where", ["hidden", "least", "a"], ["masked"]),
      ...sums,
    ],
    tensors: { ...two, nothing: square(0, 0), ones: square(1, 1), least: one(-1e5) },
  },
  "what lies past the diagonal, of as many steps as there are": {
    nodes: [
      ...products,
      node("Shape", ["scores"], ["lengths"]),
      node("Slice", ["lengths", "from", "past"], ["square"]),
      node("Expand", ["least", "square"], ["all"]),
      node("Trilu", ["all", "next"], ["later"], { upper: 1 }),
      node("Unsqueeze", ["later", "front"], ["mask"]),
      node("Cast", ["scores"], ["same"], { to: 1 }),
      node("Identity", ["same"], ["again"]),
      node("Add", ["again", "mask"], ["hidden"]),
      node("Expand", ["none", "square"], ["zeros"]),
      node("Trilu", ["zeros"], ["nothing"], { upper: 0 }),
      node("Sub", ["mask", "mask"], ["neither"]),
      node("Cast", ["no"], ["never"], { to: 9 }),
      node("Where", ["never", "neither", "nothing"], ["still"]),
      node("Add", ["hidden", "still"], ["masked"]),
      ...sums,
    ],
    tensors: {
      ...two,
      from: whole(-2),
      past: whole(9),
      least: one(-1e9),
      next: [[], [1], true],
      front: whole(0),
      none: one(0),
      no: [[], [0], true],
    },
  },
  "places that are compared": {
    nodes: [
      ...products,
      ...places,
      node("Unsqueeze", ["places", "back"], ["rows"]),
      node("Unsqueeze", ["places", "front"], ["columns"]),
      node("LessOrEqual", ["columns", "rows"], ["seen"]),
      node("Cast", ["always"], ["on"], { to: 9 }),
      node("Cast", ["never"], ["off"], { to: 9 }),
      node("And", ["seen", "on"], ["both"]),
      node("Or", ["both", "off"], ["either"]),
      node("Where", ["either", "scores", "least"], ["masked"]),
      ...sums,
    ],
    tensors: {
      ...two,
      ...numbers,
      ...{
        back: whole(1),
        front: whole(0),
        least: one(-1e9),
        always: [[], [1], true],
        never: [[], [0], true],
      },
    },
  },
  "places by which rows of a table are looked up, steps first": {
    nodes: [
      ...places,
      node("Add", ["places", "zero"], ["from"]),
      node("Gather", ["table", "from"], ["rows"]),
      node("Unsqueeze", ["rows", "middle"], ["spread"]),
      node("Transpose", ["x"], ["t"], { perm: [1, 0, 2] }),
      node("Add", ["spread", "t"], ["moved"]),
      node("Transpose", ["moved"], ["y"], { perm: [1, 0, 2] }),
    ],
    tensors: {
      ...numbers,
      middle: whole(1),
      table: [[7, 4], Array.from({ length: 28 }, (_, i) => (i % 9) / 8)],
    },
  },
  "places of the file, cut off at the last step": {
    nodes: [
      node("Shape", ["x"], ["shape"]),
      node("Slice", ["shape", "begin", "end"], ["steps"]),
      node("Slice", ["every", "zero", "steps", "begin"], ["places"]),
      node("Gather", ["table", "places"], ["rows"]),
      node("Identity", ["rows"], ["same"]),
      node("Add", ["x", "same"], ["y"]),
    ],
    tensors: {
      every: [[1, 7], [0, 1, 2, 3, 4, 5, 6], true],
      table: [[7, 4], Array.from({ length: 28 }, (_, i) => (i % 5) / 4)],
      ...{ zero: whole(0), begin: whole(1), end: whole(2) },
    },
  },
  "a row of the file for each of its steps": {
    fixed: true,
    nodes: [node("Add", ["x", "rows"], ["y"])],
    tensors: { rows: [[1, 4, 4], Array.from({ length: 16 }, (_, i) => (i % 7) / 8)] },
  },
  "scores with the steps before the queries, turned round": {
    nodes: [
      node("Gather", ["x", "first"], ["begin"], { axis: 1 }),
      node("Unsqueeze", ["begin", "back"], ["query"]),
      node("MatMul", ["x", "query"], ["column"]),
      node("Transpose", ["column"], ["row"], { perm: [0, 2, 1] }),
      node("Mul", ["fifth", "row"], ["masked"]),
      node("Softmax", ["masked"], ["weights"], { axis: -1 }),
      node("MatMul", ["weights", "x"], ["look"]),
      node("Squeeze", ["look", "middle"], ["y"]),
    ],
    tensors: { first: [[], [0], true], back: whole(2), middle: whole(1), fifth: one(0.2) },
  },
  "gelu halved before, of a version without it": {
    nodes: [
      node("Mul", ["x", "half"], ["h"]),
      node("Div", ["x", "root"], ["r"]),
      node("Erf", ["r"], ["e"]),
      node("Add", ["e", "one"], ["p"]),
      node("Mul", ["h", "p"], ["y"]),
    ],
    tensors: { half: one(0.5), root: one(Math.SQRT2), one: one(1) },
  },
  "gelu whose other factor is halved, with numbers that are computed with": {
    nodes: [
      node("Sqrt", ["four"], ["two"]),
      node("Mod", ["seven", "three"], ["left"]),
      node("Reshape", ["x", "shape"], ["same"]),
      node("Sqrt", ["half"], ["root"]),
      node("Mul", ["same", "root"], ["r"]),
      node("Erf", ["r"], ["e"]),
      node("Add", ["one", "e"], ["p"]),
      node("Div", ["one", "two"], ["share"]),
      node("Mul", ["share", "p"], ["s"]),
      node("Mul", ["s", "same"], ["g"]),
      node("Gather", ["g", "left"], ["y"], { axis: 2 }),
    ],
    tensors: {
      ...{ four: one(4), half: one(0.5), one: one(1), shape: whole(0, 0, 4) },
      ...{ seven: [[], [7], true], three: [[], [3], true] },
    },
  },
  "heads made by Einsum, as Keras makes them": {
    nodes: [
      node("Einsum", ["x", "into"], ["h"], { equation: "abc,cde->abde" }),
      node("Add", ["h", "bias"], ["b"]),
      node("Transpose", ["b"], ["q"], { perm: [0, 2, 1, 3] }),
      node("Transpose", ["b"], ["k"], { perm: [0, 2, 3, 1] }),
      node("MatMul", ["q", "k"], ["s"]),
      node("Softmax", ["s"], ["w"], { axis: -1 }),
      node("MatMul", ["w", "q"], ["c"]),
      node("Transpose", ["c"], ["t"], { perm: [0, 2, 1, 3] }),
      node("Einsum", ["t", "out"], ["y"], { equation: "abcd, cde -> abe" }),
    ],
    tensors: {
      into: [[4, 2, 3], Array.from({ length: 24 }, (_, i) => ((i * 7) % 11) / 8 - 0.5)],
      bias: [
        [2, 3],
        [0.5, -0.25, 0, 1, 0.75, -1],
      ],
      out: [[2, 3, 5], Array.from({ length: 30 }, (_, i) => ((i * 5) % 13) / 8 - 0.5)],
    },
  },
};
