/** Probabilities from logits, row by row of a tensor's last axis. */
import { exp, log } from "../numeric.js";
import type { Tensor } from "./tensor.js";

/** exp(x - top) / sum exp(x - top) over the last axis, top the largest of its numbers: finite for logits of any size. */
export function softmaxOf({ shape, data }: Tensor): Tensor {
  const width = shape.at(-1) ?? 1;
  const probabilities = new Float32Array(data.length);
  for (let from = 0; from < data.length; from += width) {
    const norm = logSumExp(data, from, width);
    for (let i = from; i < from + width; i++) probabilities[i] = exp(data[i]! - norm);
  }
  return { shape, data: probabilities };
}

/** 1 / (1 + exp(-x)) of every number. */
export function sigmoidOf({ shape, data }: Tensor): Tensor {
  return {
    shape,
    data: data.map((x) => {
      const e = exp(-Math.abs(x));
      return (x < 0 ? e : 1) / (1 + e);
    }),
  };
}

/** ln of the sum of exp(x) over `width` numbers from `from`, without `except` if it is given. */
export function logSumExp(x: ArrayLike<number>, from: number, width: number, except = -1): number {
  let top = -Infinity;
  for (let c = 0; c < width; c++) if (c !== except) top = Math.max(top, x[from + c]!);
  if (top === -Infinity) return top;
  let total = 0;
  for (let c = 0; c < width; c++) if (c !== except) total += exp(x[from + c]! - top);
  return top + log(total);
}
