/** What the importer refuses: each with the name of its node or tensor, before anything is made. */
import { describe, expect, test } from "vitest";
import { FormatError, InputError } from "../../ts/index.js";
import { fromOnnx } from "../../ts/onnx/index.js";
import { model as modelFields, type NodeProto, type TensorProto } from "../../ts/onnx/schema.js";
import { encode } from "../../ts/onnx/wire.js";
import { normals } from "../reference/draw.js";
import { type Described, fileOf, node } from "./build.js";

const sequence = { x: ["steps", "batch", 3] };
const shaped = (...shape: number[]): [number[], Float32Array] => [
  shape,
  normals(
    shape.reduce((a, b) => a * b, 1),
    1,
  ),
];
const weights = { W: shaped(1, 8, 3), R: shaped(1, 8, 2) };
const lstm = (attributes = {}, inputs = ["x", "W", "R"]) =>
  node("LSTM", inputs, ["y"], { hidden_size: 2, ...attributes });

const one = (nodes: NodeProto | NodeProto[], more: Partial<Described> = {}): Uint8Array =>
  fileOf({ nodes: [nodes].flat(), inputs: sequence, outputs: ["y"], tensors: weights, ...more });

describe("fromOnnx refuses", () => {
  test.each<[string, Uint8Array, RegExp]>([
    [
      "an operator that it does not know",
      one(node("Conv", ["x"], ["y"])),
      /ONNX node "y" \(Conv\): expected one of the operators/,
    ],
    [
      "what every object has",
      one(node("constructor", ["x"], ["y"])),
      /\(constructor\): expected one of the operators/,
    ],
    [
      "an operator of others",
      one(node("Add", ["x", "x"], ["y"], {}, "com.microsoft")),
      /\(Add\): expected an operator of ONNX/,
    ],
    [
      "an attribute that nobody knows",
      one(lstm({ pace: 1 })),
      /\(LSTM\): expected no such attribute, got "pace"/,
    ],
    ["operators of version 6", one(lstm(), { opset: 6 }), /version 7 to 28, got version 6/],
    ["operators of version 29", one(lstm(), { opset: 29 }), /version 7 to 28, got version 29/],
    [
      "a value that is not there",
      one(lstm({}, ["x", "W", "Q"])),
      /ONNX value "Q": expected one that an earlier node makes/,
    ],
    [
      "a direction",
      one(lstm({ direction: "sideways" })),
      /forward, reverse or bidirectional, got "sideways"/,
    ],
    [
      "an activation",
      one(lstm({ activations: ["Sigmoid", "Tanh", "Exp"] })),
      /an activation of ONNX, got Exp/,
    ],
    [
      "two activations",
      one(lstm({ activations: ["Sigmoid", "Tanh"] })),
      /3 activations for each direction, got 2/,
    ],
    ["a weight of another size", one(lstm({ hidden_size: 4 })), /input 1 of shape \[1,16,3\], got \[1,8,3\]/],
    [
      "a negative alpha",
      one(lstm({ activations: ["LeakyRelu", "Tanh", "Tanh"], activation_alpha: [-1] })),
      /alpha: expected a finite number from 0/,
    ],
    [
      "lengths that the file fixes",
      one(lstm({}, ["x", "W", "R", "", "lens"]), { tensors: { ...weights, lens: [[2], [1, 2], true] } }),
      /sequence_lens as an input, or as long as the sequence/,
    ],
    [
      "initial states that differ from row to row",
      one(lstm({}, ["x", "W", "R", "", "", "h"]), { tensors: { ...weights, h: shaped(1, 3, 2) } }),
      /the same initial states for every row/,
    ],
    [
      "a second input of masks",
      one(node("Add", ["x", "z"], ["y"]), { inputs: { ...sequence, z: ["steps", "batch"] }, whole: ["z"] }),
      /\(Add\): expected rows of numbers, got indices/,
    ],
    [
      "no input",
      one(node("Identity", ["W"], ["y"])),
      /ONNX inputs: expected one that a model reads, got none/,
    ],
    [
      "an input of open width",
      one(lstm(), { inputs: { x: ["steps", "batch", "width"] } }),
      /ONNX input "x": expected 1 to 4 axes, those of numbers of a fixed length/,
    ],
    [
      "a product over the steps",
      one([lstm(), node("ReduceProd", ["y"], ["z"], { axes: [0] })], { outputs: ["z"] }),
      /\(ReduceProd\): expected the axis of the steps, or of at most 64/,
    ],
    [
      "steps side by side with numbers",
      one(node("Reshape", ["x", "to"], ["y"]), { tensors: { to: [[2], [-1, 5], true] } }),
      /\(Reshape\): expected a shape that keeps steps/,
    ],
    [
      "a product of two computed values",
      one(node("MatMul", ["x", "x"], ["y"])),
      /\(MatMul\): expected rows \[..., steps, numbers\] by rows \[..., numbers, steps\]/,
    ],
    [
      "a Reshape that puts steps before the numbers that come first",
      one([
        node("Transpose", ["x"], ["t"], { perm: [1, 2, 0] }),
        node("Transpose", ["x"], ["b"], { perm: [1, 0, 2] }),
        node("Shape", ["b"], ["wanted"]),
        node("Reshape", ["t", "wanted"], ["y"]),
      ]),
      /\(Reshape\): expected a shape that keeps steps, rows of the batch and numbers apart/,
    ],
    [
      "a Softmax over steps",
      one(node("Softmax", ["x"], ["y"], { axis: 0 })),
      /\(Softmax\): expected the last axis, got axis 0/,
    ],
    [
      "an axis that is not there",
      one(node("Concat", ["x", "x"], ["y"], { axis: 3 })),
      /\(Concat\): expected an axis from -3 to 2, got 3/,
    ],
    [
      "a Concat of values with more and fewer axes",
      one([node("Unsqueeze", ["x", "end"], ["z"]), node("Concat", ["z", "x"], ["y"], { axis: 3 })], {
        tensors: { end: [[1], [3], true] },
      }),
      /\(Concat\): expected values whose numbers come side by side/,
    ],
    ["two outputs of a Dropout", one(node("Dropout", ["x"], ["y", "mask"])), /expected one output/],
  ])("%s", async (_, bytes, message) => {
    await expect(fromOnnx(bytes)).rejects.toThrow(FormatError);
    await expect(fromOnnx(bytes)).rejects.toThrow(message);
  });

  test("a name of an output that the file has not, and what is no file", async () => {
    await expect(fromOnnx(one(lstm()), { output: "z" })).rejects.toThrow(InputError);
    await expect(fromOnnx("model.onnx" as never)).rejects.toThrow(
      /fromOnnx: expected a Uint8Array, got string/,
    );
    await expect(fromOnnx(new Uint8Array(0))).rejects.toThrow(/ONNX file: expected a graph, got none/);
    await expect(fromOnnx(new TextEncoder().encode("<html>"))).rejects.toThrow(FormatError);
  });
});

/** A file with one tensor that is read. */
function withTensor(tensor: Partial<TensorProto>): Uint8Array {
  return encode(modelFields, {
    graph: {
      node: [node("Add", ["x", "t"], ["y"])],
      initializer: [{ name: "t", dims: [3], dataType: 1, ...tensor }],
      input: [
        { name: "x", type: { tensorType: { elemType: 1, shape: { dim: [{ param: "n" }, { value: 3 }] } } } },
      ],
      output: [{ name: "y" }],
    },
    opsetImport: [{ version: 17 }],
  });
}

describe("a tensor", () => {
  const raw = new Uint8Array(Float32Array.of(1, 2, 3).buffer);
  test.each<[string, Partial<TensorProto>, RegExp]>([
    [
      "in another file",
      { externalData: [{ key: "location", value: "/etc/passwd" }] },
      /"t": expected its numbers in the file itself, got the name of another file, which is never opened/,
    ],
    ["that says that it is in another file", { dataLocation: 1, rawData: raw }, /which is never opened/],
    ["of texts", { dataType: 8, rawData: raw }, /expected numbers, got data type 8/],
    ["of nine axes", { dims: [1, 1, 1, 1, 1, 1, 1, 1, 3], rawData: raw }, /at most 8 axes, got 9/],
    ["of negative length", { dims: [-3], rawData: raw }, /lengths from 0/],
    [
      "of more numbers than float64 counts",
      { dims: [2 ** 40, 2 ** 40], rawData: raw },
      /lengths from 0 whose product/,
    ],
    ["with a byte too many", { rawData: new Uint8Array(13) }, /expected 12 bytes for FLOAT \[3\], got 13/],
    ["with a number too few", { floatData: [1, 2] }, /expected 3 numbers for FLOAT \[3\], got 2/],
    ["without numbers", {}, /expected 3 numbers for FLOAT \[3\], got 0/],
  ])("%s is refused", async (_, tensor, message) => {
    await expect(fromOnnx(withTensor(tensor))).rejects.toThrow(FormatError);
    await expect(fromOnnx(withTensor(tensor))).rejects.toThrow(message);
  });

  test.each<[string, Partial<TensorProto>]>([
    ["float32", { rawData: raw }],
    ["float32 in a list", { floatData: [1, 2, 3] }],
    ["float64", { dataType: 11, rawData: new Uint8Array(Float64Array.of(1, 2, 3).buffer) }],
    ["float64 in a list", { dataType: 11, doubleData: [1, 2, 3] }],
    ["float16", { dataType: 10, rawData: new Uint8Array(Uint16Array.of(0x3c00, 0x4000, 0x4200).buffer) }],
    ["float16 in a list of bits", { dataType: 10, int32Data: [0x3c00, 0x4000, 0x4200] }],
    ["bfloat16", { dataType: 16, rawData: new Uint8Array(Uint16Array.of(0x3f80, 0x4000, 0x4040).buffer) }],
    ["bfloat16 in a list of bits", { dataType: 16, int32Data: [0x3f80, 0x4000, 0x4040] }],
  ])("of %s is read", async (_, tensor) => {
    const { model } = await fromOnnx(withTensor(tensor));
    expect([...(await model.predict([[0, 0, 0]])).data]).toEqual([1, 2, 3]);
  });

  test("of float16 has every kind of number", async () => {
    const bits = Uint16Array.of(0x0001, 0xfbff, 0x8400);
    const { model } = await fromOnnx(withTensor({ dataType: 10, rawData: new Uint8Array(bits.buffer) }));
    expect([...(await model.predict([[0, 0, 0]])).data]).toEqual([2 ** -24, -65504, -(2 ** -14)]);
  });
});

describe("limits", () => {
  /** A file of `count` nodes, and what each counts for. */
  const chain = (count: number) =>
    fileOf({
      nodes: Array.from({ length: count }, (_, i) =>
        node("Identity", [i === 0 ? "x" : `y${i}`], [`y${i + 1}`]),
      ),
      inputs: sequence,
      outputs: [`y${count}`],
    });

  test.each([
    ["nodes", chain(8), { nodes: 8 }],
    ["bytes", chain(8), { bytes: chain(8).length }],
    [
      "textBytes",
      fileOf({
        nodes: [node("Identity", ["x"], ["a".repeat(40)])],
        inputs: sequence,
        outputs: ["a".repeat(40)],
      }),
      { textBytes: 40 },
    ],
    ["numbers", one(node("Transpose", ["x"], ["y"], { perm: [0, 1, 2] }), { tensors: {} }), { numbers: 3 }],
  ] as const)("of %s are kept to the last one", async (name, bytes, limits) => {
    const most = (limits as Record<string, number>)[name]!;
    await expect(fromOnnx(bytes, { limits })).resolves.toBeDefined();
    await expect(fromOnnx(bytes, { limits: { [name]: most + 1 } })).resolves.toBeDefined();
    await expect(fromOnnx(bytes, { limits: { [name]: most - 1 } })).rejects.toThrow(FormatError);
  });

  test("a message that ends behind its end is refused, though all else is good", async () => {
    const opset = [0x42, 0x01, 0x10, 0x11]; // one byte long, but for the number of the version
    const bytes = Uint8Array.from([...opset, ...one(lstm())]);
    await expect(fromOnnx(bytes)).rejects.toThrow(/expected a message that ends at byte 3, got 4/);
  });

  test("of items count every message and name", async () => {
    const bytes = chain(3);
    let most = 0;
    for (let items = 1; most === 0; items++) {
      await fromOnnx(bytes, { limits: { items } }).then(
        () => (most = items),
        (error) => expect(error).toBeInstanceOf(FormatError),
      );
    }
    // Each node with operator, name, input and output; the graph and its name; the input, its name, type, lengths and their
    // names; the output, its name and type; the version of the operators and whose they are.
    expect(most).toBe(3 * 5 + 2 + 10 + 4 + 2);
  });
});
