/** A model with its weights in int8: a quarter the size and faster, for prediction only. */

import type { EngineOptions } from "../engine/engine.js";
import { InputError } from "../errors.js";
import type { Int8, Int8Values } from "../graph/int8.js";
import { readParameter, writeParameter } from "../graph/parameter.js";
import { addressOf, place } from "../graph/span.js";
import type { Named } from "../layers/input.js";
import type { Data } from "./data.js";
import { Model } from "./model.js";
import { createNetwork } from "./network.js";

export interface QuantiseOptions extends EngineOptions {
  /** Data on which both models are compared: what the model will be used for. */
  readonly data?: Data | Named<Data>;
}

/** What was lost in accuracy. */
export interface QuantisationReport {
  /** Each weight that is now int8, and the norm of its change relative to its own. */
  readonly weights: readonly { readonly path: string; readonly error: number }[];
  /** On the data, if any were given. */
  readonly outputs: OutputDifference | undefined;
}

/** How the outputs differ from those of the model in float32. */
export interface OutputDifference {
  /** The norm of the difference relative to that of the outputs. */
  readonly error: number;
  /** The largest difference between two numbers. */
  readonly largest: number;
  /** The share of steps whose largest output is the same one. */
  readonly agreement: number;
}

/** A model in int8, and what that has cost. */
export interface Quantised {
  readonly model: Model;
  readonly report: QuantisationReport;
}

/**
 * Makes a model of the same layers whose factors of products and tables of embeddings are int8, each column of a factor and
 * each row of a table with a scale of its own so that its largest number is ±127. What such a weight is multiplied with is
 * rounded to 8 bits step by step, by its largest number; biases, gates, states and all else stay float32. It predicts, streams,
 * evaluates and is saved like any other; to train it is an InputError. The given model stays as it is, and needs no data to
 * be quantised. InputError for weights that are not finite.
 */
export async function quantise(model: Model, options: QuantiseOptions = {}): Promise<Quantised> {
  const { data, ...engineOptions } = options;
  const { network: from } = model;
  if (from.parameters.some(({ int8 }) => int8)) {
    throw new InputError({ where: "quantise", expected: "a model of float32", got: "a quantised one" });
  }
  const to = await createNetwork(from.input, from.parts, engineOptions, true);
  const weights = to.parameters.flatMap((parameter, index) => {
    const values = readParameter(from.engine, from.parameters[index]!);
    const { path, value } = parameter;
    const kept = parameter.int8 as Int8 | undefined;
    if (!kept) {
      writeParameter(to.engine, parameter, values);
      return [];
    }
    kept.write(to.engine, addressOf(place(value)), rounded(path, kept, values));
    return [{ path, error: difference(values, readParameter(to.engine, parameter)).error }];
  });
  const quantised = new Model(to);
  const outputs = data === undefined ? undefined : await compare(model, quantised, data);
  return { model: quantised, report: { weights, outputs } };
}

/** The nearest whole numbers from -127 to 127 times a scale. */
function rounded(path: string, kept: Int8, values: Float32Array): Int8Values {
  const most = new Float32Array(kept.scales);
  values.forEach((value, i) => {
    if (!Number.isFinite(value)) {
      throw new InputError({ where: path, expected: "finite weights", got: String(value) });
    }
    const scale = kept.scaleOf(i);
    most[scale] = Math.max(most[scale]!, Math.abs(value));
  });
  const scales = most.map((value) => value / 127);
  const numbers = Int8Array.from(values, (value, i) => {
    const scale = scales[kept.scaleOf(i)]!;
    // A scale below the normal numbers may have been rounded down to much less.
    return scale > 0 ? Math.max(-127, Math.min(127, Math.round(value / scale))) : 0;
  });
  return { numbers, scales };
}

async function compare(model: Model, quantised: Model, data: Data | Named<Data>): Promise<OutputDifference> {
  const before = await model.predict(data);
  const after = await quantised.predict(data);
  const width = before.shape.at(-1)!;
  const steps = before.data.length / width;
  let same = 0;
  for (let at = 0; at < before.data.length; at += width) {
    const [a, b] = [before, after].map(({ data }) => largestOf(data.subarray(at, at + width)));
    if (a === b) same++;
  }
  return { ...difference(before.data, after.data), agreement: same / steps };
}

function largestOf(values: Float32Array): number {
  return values.reduce((best, value, i) => (value > values[best]! ? i : best), 0);
}

function difference(before: Float32Array, after: Float32Array): { error: number; largest: number } {
  let [squares, all, largest] = [0, 0, 0];
  before.forEach((value, i) => {
    const change = Math.abs(after[i]! - value);
    squares += change * change;
    all += value * value;
    largest = Math.max(largest, change);
  });
  return { error: squares === 0 ? 0 : Math.sqrt(squares / all), largest };
}
