/** Quantised models to test, and what they keep. */
import type { Int8, Int8Values } from "../../ts/graph/int8.js";
import { writeParameter } from "../../ts/graph/parameter.js";
import { addressOf, place } from "../../ts/graph/span.js";
import { features, type Layer, type Model, model, quantise, tensor } from "../../ts/index.js";
import { normals } from "../reference/draw.js";
import { int8Product } from "../reference/int8.js";
import { matrix } from "../reference/matrix.js";

export const inputs = 3;

/** A model whose parameters are all drawn, so that zero biases and peepholes do not hide anything. */
export async function drawn(...layers: readonly Layer[]): Promise<Model> {
  const net = await model(features(inputs), ...layers, { threads: 1 });
  const { parameters, engine } = net.network;
  parameters.forEach((parameter, index) => {
    const { rows, columns } = parameter.layout;
    const deviation = parameter.shape.length === 1 ? 0.5 : 1 / Math.sqrt(rows);
    writeParameter(engine, parameter, normals(rows * columns, 50 + index, deviation));
  });
  return net;
}

export const quantised = async (net: Model) => (await quantise(net, { threads: 1 })).model;

/** Numbers [batch, steps, inputs]. */
export function data(batch: number, steps: number, seed = 1) {
  return tensor(normals(batch * steps * inputs, seed), [batch, steps, inputs]);
}

/** What a quantised model keeps of a weight. */
export function kept({ network: { parameters, engine } }: Model, name: string): Int8Values {
  const { int8, value } = parameters.find(({ path }) => path.endsWith(name))!;
  return (int8 as Int8).values(engine, addressOf(place(value)));
}

export const vector = (net: Model, name: string) =>
  net.parameters().find(({ path }) => path.endsWith(name))!.data;

/** One row of float32 times a weight. */
export function times(row: ArrayLike<number>, weight: Int8Values): Float64Array {
  return int8Product(matrix(1, row.length, row), weight, 127).values;
}
