/** A convolution over the steps of a sequence. */
import { InputError } from "../errors.js";
import { glorotUniform, zeros } from "../graph/initialisers.js";
import { matrixParameter, vectorParameter } from "../graph/parameter.js";
import { type Frames, frames } from "../ops/frames.js";
import { linear } from "../ops/linear.js";
import { type Layer, layer, requireFeatures, requireOptions, requireWidth } from "./layer.js";

export interface Conv1dOptions {
  /** How many steps the kernel sees. */
  readonly size: number;
  /** How far these are from each other (van den Oord et al. 2016); default 1. */
  readonly dilation?: number;
  /** How far the kernel moves; default 1. */
  readonly stride?: number;
  /**
   * `causal` (default): step t sees none past t; `same`: it stands in the middle of what it sees; `valid`: only whole kernels,
   * so that there are fewer steps. The first two have zeros for steps that are missing.
   */
  readonly padding?: Frames["padding"];
  /** Whether a bias is added; default true. */
  readonly bias?: boolean;
}

/**
 * y(t) = sum over k of x(t stride - before + k dilation) W(k) + b: [steps][batch][inputs] to [steps][batch][units], or fewer
 * steps with a stride or `valid` padding, which rows of their own length do not allow. The weight is [size inputs, units]. A
 * model with a kernel of several steps cannot be streamed.
 */
export function conv1d(units: number, options: Conv1dOptions): Layer {
  const where = "conv1d";
  requireWidth(`${where}.units`, units);
  requireOptions(where, options ?? {}, ["size", "dilation", "stride", "padding", "bias"]);
  const { size, dilation = 1, stride = 1, padding = "causal", bias = true } = options ?? {};
  for (const [name, value] of Object.entries({ size, dilation, stride })) {
    if (!(Number.isInteger(value) && value >= 1 && value <= 65536)) {
      throw new InputError({
        where: `${where}.${name}`,
        expected: "a whole number from 1 to 65536",
        got: String(value),
      });
    }
  }
  if (!["causal", "same", "valid"].includes(padding)) {
    throw new InputError({
      where: `${where}.padding`,
      expected: "causal, same or valid",
      got: String(padding),
    });
  }
  return layer({ layer: "conv1d", units, ...options }, (x) => {
    requireFeatures(x);
    const framed = frames(x, { size, dilation, stride, padding });
    const weight = x.graph.parameter("weight", matrixParameter(framed.width, 1, units, glorotUniform()));
    return linear(
      framed,
      weight,
      bias ? x.graph.parameter("bias", vectorParameter(1, units, zeros)) : undefined,
    );
  });
}
