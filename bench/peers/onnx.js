// Writes a recurrent layer as an ONNX model: the few fields of onnx.proto that it takes, in protobuf's encoding.

import { transpose } from "./tensors.js";

/** @typedef {[field: number, value: number | string | Uint8Array]} Field */

const FLOAT = 1; // TensorProto.DataType
const INT = 2; // AttributeProto.AttributeType

/** Operator, its gates by their places among the library's, and its states. */
const operators = {
  lstm: { type: "LSTM", gates: [0, 3, 1, 2], states: ["h", "c"] },
  gru: { type: "GRU", gates: [1, 0, 2], states: ["h"] },
  rnn: { type: "RNN", gates: [0], states: ["h"] },
};

/**
 * A model of one layer. Over sequences it takes X [steps, batch, units] and gives Y [steps, 1, batch, units]; of a stream it takes
 * the states too, each [1, batch, units], and gives Y_h and Y_c.
 *
 * @param {import("./workloads.js").Workload} workload
 * @param {Record<string, import("./tensors.js").Tensor>} weights
 */
export function onnxModel({ kind, cell, steps, batch, units }, weights) {
  const { type, gates, states } = operators[cell];
  const columns = gates.length * units;
  /** @param {string} name */
  const weight = (name) => reorder(transpose(weights[`${cell}.${name}`].data, units), gates);
  const bias = reorder(weights[`${cell}.bias`].data, gates);
  const biasHidden = weights[`${cell}.biasHidden`]?.data ?? new Float32Array(columns);
  const B = new Float32Array(2 * columns);
  B.set(bias);
  B.set(reorder(biasHidden, gates), columns);

  const carried = kind === "stream" ? states : [];
  const before = carried.map((state) => `initial_${state}`);
  const after = carried.map((state) => `Y_${state}`);
  const state = [1, batch, units];
  const sequence = [steps, 1, batch, units];
  const node = message([
    ...repeated(1, ["X", "W", "R", "B", ...(kind === "stream" ? ["", ...before] : [])]),
    ...repeated(2, kind === "stream" ? ["", ...after] : ["Y"]),
    [4, type],
    [5, attribute("hidden_size", units)],
    ...repeated(5, cell === "gru" ? [attribute("linear_before_reset", 1)] : []),
  ]);
  const graph = message([
    [1, node],
    [2, cell],
    [5, tensor("W", [1, columns, units], weight("weightInput"))],
    [5, tensor("R", [1, columns, units], weight("weightHidden"))],
    [5, tensor("B", [1, 2 * columns], B)],
    [11, value("X", [steps, batch, units])],
    ...repeated(
      11,
      before.map((name) => value(name, state)),
    ),
    ...repeated(12, kind === "stream" ? after.map((name) => value(name, state)) : [value("Y", sequence)]),
  ]);
  const opset = message([
    [1, ""],
    [2, 17],
  ]);
  return message([
    [1, 8],
    [7, graph],
    [8, opset],
  ]);
}

/**
 * Equal blocks of numbers in another order.
 *
 * @param {Float32Array | Uint32Array} data
 * @param {readonly number[]} order
 */
function reorder(data, order) {
  const length = data.length / order.length;
  const made = new Float32Array(data.length);
  for (const [to, from] of order.entries()) {
    made.set(data.subarray(from * length, (from + 1) * length), to * length);
  }
  return made;
}

/**
 * @param {string} name
 * @param {number} value
 */
const attribute = (name, value) =>
  message([
    [1, name],
    [3, value],
    [20, INT],
  ]);

/**
 * @param {string} name
 * @param {readonly number[]} shape
 * @param {Float32Array} data
 */
const tensor = (name, shape, data) =>
  message([...repeated(1, shape), [2, FLOAT], [8, name], [9, new Uint8Array(data.buffer)]]);

/**
 * @param {string} name
 * @param {readonly number[]} shape
 */
function value(name, shape) {
  const lengths = shape.map((length) => message([[1, length]]));
  const type = message([
    [1, FLOAT],
    [2, message(repeated(1, lengths))],
  ]);
  return message([
    [1, name],
    [2, message([[1, type]])],
  ]);
}

/**
 * A field that is there once for each value.
 *
 * @param {number} field
 * @param {readonly Field[1][]} values
 * @returns {Field[]}
 */
const repeated = (field, values) => values.map((value) => [field, value]);

/**
 * A protobuf message: numbers as varints, all else as bytes with their length before them.
 *
 * @param {readonly Field[]} fields
 */
function message(fields) {
  const parts = fields.flatMap(([field, value]) => {
    if (typeof value === "number") return [varint(field << 3), varint(value)];
    const bytes = Buffer.from(value);
    return [varint((field << 3) | 2), varint(bytes.length), bytes];
  });
  return Buffer.concat(parts);
}

/** @param {number} value */
function varint(value) {
  const bytes = [];
  for (; value > 127; value >>>= 7) bytes.push((value & 127) | 128);
  return Uint8Array.from([...bytes, value]);
}
